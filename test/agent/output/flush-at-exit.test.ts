import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bundle } from '../../support/bundle.ts';
import { nodes } from '../../support/nodes.ts';

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

let agent: string;
let folder: string;
beforeAll(async () => {
  agent = await bundle('src/agent/main.ts');
});
beforeEach(async () => {
  folder = await mkdtemp('/tmp/stw-');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/**
 * Runs a script under the agent with pipes as Node gives them to a child that reads slowly: one read, then a turn of
 * the loop. `readers: false` reads nothing at all until the process has ended.
 */
function run(node: string, script: string, args: readonly string[] = []): Promise<Outcome> {
  const child = spawn(node, ['--require', agent, ...args, script], { stdio: ['ignore', 'pipe', 'pipe'] });
  const parts = { out: [] as Buffer[], error: [] as Buffer[] };
  const readSlowly = (stream: NodeJS.ReadableStream, to: Buffer[]): void => {
    stream.on('data', (chunk: Buffer) => {
      to.push(chunk);
      stream.pause();
      setTimeout(() => stream.resume(), 1);
    });
  };
  readSlowly(child.stdout, parts.out);
  readSlowly(child.stderr, parts.error);
  return new Promise((resolve) => {
    child.on('close', (code) => {
      resolve({
        code,
        out: Buffer.concat(parts.out).toString(),
        error: Buffer.concat(parts.error).toString(),
      });
    });
  });
}

async function script(source: string, name = 'app.cjs'): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, source);
  return file;
}

const LINES = 3_000;
const expected = Array.from({ length: LINES }, (_, index) => `${index} ${'é'.repeat(97)}\n`).join('');
const print = `for (let i = 0; i < ${LINES}; i++) console.log(i + ' ' + 'é'.repeat(97));`;

describe.each(nodes)('output of an app on %s', (node) => {
  test('all lines arrive when it calls process.exit()', async () => {
    const { code, out } = await run(node, await script(`${print} process.exit(1);`));
    expect(code).toBe(1);
    expect(out).toBe(expected);
  });

  test('from an ES module too', async () => {
    const { code, out } = await run(node, await script(`${print} process.exit(4);`, 'app.mjs'));
    expect(code).toBe(4);
    expect(out).toBe(expected);
  });

  test('on stderr, as one write, as buffers, and in other encodings', async () => {
    const { out, error } = await run(
      node,
      await script(`
        const text = 'x'.repeat(300_000) + '\\n';
        process.stderr.write(text);
        process.stdout.write(Buffer.from(text));
        process.stdout.write('e9ff', 'hex');
        process.stdout.write('é', 'latin1');
        process.stdout.write('end\\n');
        process.exit();`),
    );
    expect(error).toBe(`${'x'.repeat(300_000)}\n`);
    expect(out.startsWith(`${'x'.repeat(300_000)}\n`)).toBe(true);
    expect(out.endsWith('end\n')).toBe(true);
    expect(out.length).toBe(300_001 + 3 + 4);
  });

  test('before the stack of an uncaught error, with its exit code', async () => {
    const { code, out, error } = await run(node, await script(`${print} throw new Error('broken');`));
    expect(code).toBe(1);
    expect(out).toBe(expected);
    expect(error).toContain('Error: broken');
  });

  test('when it just ends, with what exit listeners add', async () => {
    const source = `${print} process.on('exit', () => { ${print} process.exitCode = 6; });`;
    const { code, out } = await run(node, await script(source));
    expect(code).toBe(6);
    expect(out).toBe(expected + expected);
  });

  test('when an exit listener exits itself', async () => {
    const source = `process.on('exit', () => { ${print} process.exit(7); }); process.exit(1);`;
    const { code, out } = await run(node, await script(source));
    expect(code).toBe(7);
    expect(out).toBe(expected);
  });

  test('an app that emits exit itself and goes on loses and doubles nothing', async () => {
    const source = `${print} process.emit('exit'); setTimeout(() => { ${print} process.exit(0); }, 20);`;
    const { out } = await run(node, await script(source));
    expect(out).toBe(expected + expected);
  });

  test('an app finds itself as it would be without an agent', async () => {
    const source = `
      const describe = (object, name) => Object.entries(Object.getOwnPropertyDescriptor(object, name) ?? {})
        .map(([key, value]) => key + ':' + (typeof value === 'function' ? value.name + value.length : value));
      const { isMainThread, Worker } = require('node:worker_threads');
      const { fork } = require('node:child_process');
      const facts = {
        execArgv: process.execArgv, argv: process.argv.length, listeners: process.eventNames(),
        keys: Object.keys(process).sort(), stdout: describe(process, 'stdout'), exit: describe(process, 'reallyExit'),
        emit: [process.emit.name, process.emit.length, Object.hasOwn(process, 'emit')],
        handle: Object.keys(process.stdout._handle ?? {}), sync: process.stdout._handle?.isBlocking,
      };
      if (isMainThread && !process.send) {
        console.log(JSON.stringify(facts));
        new Worker(__filename).on('exit', () => fork(__filename, { stdio: 'inherit' }));
      } else console.log(JSON.stringify({ execArgv: facts.execArgv, emit: facts.emit }));`;
    const file = await script(source);
    const withAgent = await run(node, file);
    const child = spawn(node, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
    let without = '';
    for await (const chunk of child.stdout) without += String(chunk);
    expect(withAgent.error).toBe('');
    expect(withAgent.out).toBe(without);
    expect(without.split('\n').length).toBe(4);
  });

  test('other preloads and options stay in execArgv', async () => {
    const other = await script('', 'other.cjs');
    const file = await script('console.log(JSON.stringify(process.execArgv));');
    const { out } = await run(node, file, ['-r', other, '--no-warnings']);
    expect(JSON.parse(out)).toEqual(['-r', other, '--no-warnings']);
  });

  test('an app whose output nobody reads goes on running, and still ends', async () => {
    const file = await script(`
      process.stdout.write('x'.repeat(500_000));
      setTimeout(() => { require('node:fs').writeFileSync('${folder}/ran', ''); process.exit(3); }, 10);`);
    const child = spawn(node, ['--require', agent, file], { stdio: ['ignore', 'pipe', 'ignore'] });
    const code = await new Promise((resolve) => child.on('exit', resolve));
    expect(existsSync(join(folder, 'ran'))).toBe(true);
    expect(code).toBe(3);
    child.stdout.destroy();
  });
});
