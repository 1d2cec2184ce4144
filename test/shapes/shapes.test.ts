import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { Host } from '../support/host.ts';
import { contractShapes, LISTS } from './contract.ts';
import { mismatches, type Shape } from './shape.ts';
import { compareSnapshots, printShapes } from './snapshot.ts';

const FILE = join(import.meta.dirname, 'contract.txt');

const BROKEN = `These shapes are a contract: somebody reads the field, or sends it. Give it another name beside the old one.
Where it must be so all the same, raise API_VERSION (src/api/contract/version.ts) and take the line out of
test/shapes/contract.txt by hand.`;

const ADDED = `New in the contract, and from now on held to: is it named as its neighbours are, and is it meant to be public?
Then take it in with: ADD_SHAPES=1 npx vitest run test/shapes`;

let shapes: ReadonlyMap<string, Shape>;

beforeAll(() => {
  shapes = contractShapes();
});

describe('the shapes of the API and of -o json', () => {
  test('lose no field, and change the type of none', () => {
    const now = printShapes(shapes, LISTS);
    const { broken, added } = compareSnapshots(readFileSync(FILE, 'utf8'), now);
    expect(broken, BROKEN).toEqual([]);
    if (process.env['ADD_SHAPES'] !== undefined) writeFileSync(FILE, now);
    else expect(added, ADDED).toEqual([]);
  });

  test('are those of what is printed', { timeout: 180_000 }, async () => {
    await using host = new Host();
    host.write('web.js', 'setInterval(() => console.log("tick"), 50)');
    host.write('bad.yaml', 'project: shop\napps: [{ name: web, scrip: ./web.js, oops: 1 }]\n');
    host.declare(
      { name: 'web', script: './web.js', instances: 2, env: { A: '1' } },
      { name: 'job', script: './web.js', schedule: '0 3 * * *' },
    );
    const outputs: [name: string, args: readonly string[]][] = [
      ['plan', ['plan']],
      ['validate', ['validate']],
      ['config render', ['config', 'render']],
      ['config show', ['config', 'show']],
      ['config explain', ['config', 'explain', 'http']],
      ['apply-command', ['apply']],
      ['get', ['get']],
      ['get', ['get', '--home', host.home]],
      ['describe', ['describe', 'web']],
      ['why', ['why', 'web']],
      ['why', ['why', 'all']],
      ['env explain', ['env', 'explain', 'web']],
      ['events', ['events']],
      ['history', ['history']],
      ['doctor', ['doctor']],
      ['explain', ['explain', 'rollout.max_surge']],
      ['version', ['version']],
      ['rollout status', ['rollout', 'status', 'web']],
      ['daemon status', ['daemon', 'status']],
      ['verb-command', ['restart', 'web']],
      ['diff', ['diff', '-f', 'changed.yaml']],
      ['plan', ['plan', '-f', 'changed.yaml']],
      ['apply-command', ['apply', '-f', 'changed.yaml', '--take-over']],
      ['start', ['start', 'web.js', '--name', 'alone']],
      ['verb-command', ['stop', 'alone']],
      ['send', ['send', 'web', 'hello']],
      ['get', ['get']],
      ['why', ['why', 'alone']],
      ['verb-command', ['delete', 'alone']],
      ['history', ['history', 'shop']],
      ['main', ['describe', 'nobody']],
      ['main', ['validate', '-f', 'bad.yaml']],
    ];
    host.write(
      'changed.yaml',
      'project: shop\napps:\n  - { name: web, script: ./web.js, instances: 1, env: { A: "2" } }\n',
    );
    for (const [name, args] of outputs) {
      const { stdout, text } = await host.run([...args, '-o', 'json']);
      const shape = shapes.get(`${name} -o json`);
      if (shape === undefined) throw new Error(`${name} prints no JSON`);
      if (stdout === '') throw new Error(`${args.join(' ')} has printed nothing: ${text}`);
      expect(mismatches(JSON.parse(stdout), shape, LISTS), args.join(' ')).toEqual([]);
    }
    const lines = (await host.ok('logs', 'web', '--json')).stdout.trimEnd().split('\n');
    const line = shapes.get('logs -o json') ?? new Map<string, never>();
    for (const text of lines) expect(mismatches(JSON.parse(text), line, LISTS)).toEqual([]);
  });
});

describe('a comparison', () => {
  const before = '## GET /x <\n.: {}\n.a: number\n.b?: "x"\n## POST /x >\n.: {}\n.a: string\n';
  test.each<[string, string, string]>([
    ['takes a field that is gone', '.a: number\n', ''],
    ['takes another type', '.a: number', '.a: string'],
    ['takes one more type of an answer', '.a: number', '.a: null | number'],
    ['takes what can be absent now', '.a: number', '.a?: number'],
    ['takes what is new and due in a request', '.a: string', '.a: string\n.b: number'],
    ['takes a type that a request cannot have any more', '.a: string', '.a: number'],
    ['takes an output that is gone', '## GET /x <', '## GET /y <'],
  ])('%s for a break', (_, from, to) => {
    expect(compareSnapshots(before, before.replace(from, to)).broken).not.toEqual([]);
  });

  test.each<[string, string, string]>([
    ['a field', '.a: number', '.a: number\n.c: {}\n.c.d: string'],
    ['a name of a closed list', '.b?: "x"', '.b?: "x" | "y"'],
    ['what a request may say', '.a: string', '.a: string\n.b?: {}\n.b.c: number'],
    ['more that a request takes', '.a: string', '.a: null | string'],
    ['an output', '## POST', '## GET /z <\n.: {}\n## POST'],
  ])('takes %s for an addition', (_, from, to) => {
    const { broken, added } = compareSnapshots(before, before.replace(from, to));
    expect(broken).toEqual([]);
    expect(added).not.toEqual([]);
  });

  test('finds nothing between equals', () => {
    expect(compareSnapshots(before, before)).toEqual({ broken: [], added: [] });
  });
});
