// What every command makes of the ways to name apps, on a host with two projects that have an app of one name.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Host, type Ran } from '../support/host.ts';

const host = new Host();
let blog = '';

beforeAll(async () => {
  const app = { script: 'sleep', args: '1000', min_uptime: 0 };
  host.declare(
    { ...app, name: 'web', instances: 2, labels: { tier: 'web', 'a/b.c': 'x y' }, namespace: 'front' },
    { ...app, name: 'db', labels: { tier: 'db' } },
  );
  const apps = [{ ...app, name: 'web', labels: { tier: 'web' } }];
  blog = join(host.write('blog/ecosystem.json', JSON.stringify({ project: 'blog', apps })), '..');
  await host.ok('apply', '-f', 'ecosystem.yaml', '-f', 'blog');
}, 60_000);

afterAll(() => host[Symbol.asyncDispose]());

/** `@` is the place of what is named. */
const READS = [
  ...[
    'get @ -o name',
    'health @',
    'describe @',
    'why @',
    'events @',
    'logs @',
    'top @',
    'wait @ --for ready',
  ],
  ...['rollout status @', 'history @', 'pid @', 'id @', 'env @'],
];
const VERBS = ['signal CONT @', 'reset @', 'flush @', 'restart @ --no-wait', 'reload @ --no-wait'];
const MORE = ['rollout pause @', 'rollout resume @', 'stop @', 'start @', 'scale @ 2', 'delete @'];
const ONE = ['exec @ -- true', 'attach @'];

function words(line: string, name: string): readonly string[] {
  return line.split(' ').map((word) => (word === '@' ? name : word));
}

/** What has a way of its own in front of the command line, or a terminal, is run as a person does. */
const APART = /^(?:get|health|exec|attach)$/;

function run(args: readonly string[], options: { readonly cwd?: string } = {}): Promise<Ran> {
  return APART.test(args[0] ?? '') ? host.run(args, options) : host.runHere(args, options);
}

describe('an app that is not there', () => {
  it.concurrent.each([...READS, ...VERBS, ...MORE, ...ONE, 'send @ hello'])(
    'is exit 1 for %s',
    async (line) => {
      const { code, text } = await run(words(line, 'nope'));
      expect([code, text]).toEqual([1, expect.stringMatching(/nope/)]);
    },
  );

  it.concurrent.each(['/zz/', '99', 'shop/nope', 'shop/web:7', '--selector=tier=nope', '--namespace=nope'])(
    'is exit 1 for %s',
    async (selector) => {
      for (const line of ['get @', 'stop @', 'history @']) {
        const { code, text } = await run(words(line, selector));
        expect([line, code, text]).toEqual([line, 1, expect.not.stringContaining('INTERNAL')]);
      }
    },
  );
});

describe('the project of a folder', () => {
  it.concurrent.each([...READS, 'exec @ -- true'])('is what . means for %s', async (line) => {
    const { code, text } = await run(words(line, '.'), { cwd: blog });
    expect([code, text]).toEqual([0, expect.not.stringContaining('shop/')]);
  });

  it('is paused and resumed by .', async () => {
    const { code, stderr } = await run(['rollout', 'pause', '.'], { cwd: blog });
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('the rollout of blog/web: none is under way'),
    ]);
  });

  it.each(VERBS)('is what . means for %s', async (line) => {
    const { code, text } = await run(words(line, '.'), { cwd: blog });
    expect([code, text]).toEqual([0, expect.not.stringContaining('shop/')]);
  });

  it.each(['get web -o name', 'describe web', 'rollout status web', 'wait web --for ready'])(
    'is meant by a name that others have too: %s',
    async (line) => {
      const { code, stderr } = await run(line.split(' '), { cwd: blog });
      expect([code, stderr]).toEqual([0, expect.stringContaining('web is blog/web here')]);
    },
  );

  it.each(['get web', 'stop web', 'delete web', 'rollout status web'])(
    'is none elsewhere, and the candidates are listed: %s',
    async (line) => {
      const { code, stderr } = await run(line.split(' '), { cwd: '/' });
      expect([code, stderr]).toEqual([
        64,
        expect.stringMatching(/shop\/web[^]*blog\/web|blog\/web[^]*shop\/web/),
      ]);
    },
  );
});

describe('apps', () => {
  it.concurrent.each([
    [['all'], ['blog/web', 'shop/db', 'shop/web']],
    [['shop'], ['shop/db', 'shop/web']],
    [['front'], ['shop/web']],
    [['/^d/'], ['shop/db']],
    [['shop/web:1'], ['shop/web']],
    [
      ['shop/db', '/^w/'],
      ['blog/web', 'shop/db', 'shop/web'],
    ],
    [
      ['-l', 'tier=web'],
      ['blog/web', 'shop/web'],
    ],
    [['-l', 'tier!=web'], ['shop/db']],
    [
      ['-l', 'tier in (web, db)'],
      ['blog/web', 'shop/db', 'shop/web'],
    ],
    [['-l', 'tier notin (web)'], ['shop/db']],
    [['-l', 'a/b.c'], ['shop/web']],
    [
      ['-l', '!a/b.c'],
      ['blog/web', 'shop/db'],
    ],
    [['-l', 'a/b.c=x y'], ['shop/web']],
    [['-l', 'tier', '-l', 'tier=db'], ['shop/db']],
    [['-n', 'front', '-l', 'tier=web'], ['shop/web']],
    [['shop', '-l', 'tier=db'], ['shop/db']],
  ])('are those that %j means', async (selectors, names) => {
    const { code, stdout } = await host.runHere(['get', ...selectors, '-o', 'name']);
    expect(code).toBe(0);
    expect(stdout.split('\n').filter(Boolean).toSorted()).toEqual(names);
  });

  it.each(['tier=(a', 'in (a)', '=x', 'tier in', 'a=b=c,,'])(
    'are not chosen by labels that say nothing: %s',
    async (labels) => {
      const { code, stderr } = await host.runHere(['get', '-l', labels]);
      expect([code, stderr]).toEqual([64, expect.stringContaining('help:')]);
    },
  );
});
