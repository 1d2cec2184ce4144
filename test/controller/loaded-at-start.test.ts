import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { BIN, Host } from '../support/host.ts';

interface Loaded {
  /** Modules of Node that a program that does nothing has not loaded. */
  readonly builtins: readonly string[];
  /** Files of the build. */
  readonly own: readonly string[];
}

/**
 * What each has to load before it can do anything; `cluster`, `dgram` and the parts of `http` are brought along by others. What
 * else is needed later is imported where it is needed.
 */
const RUNNER = [
  'child_process',
  'cluster',
  'crypto',
  'dgram',
  'diagnostics_channel',
  'fs/promises',
  'net',
  'os',
];
const BOTH = [...RUNNER, 'perf_hooks', 'stream', 'stream/promises', 'string_decoder', 'v8'];
/** `vm`: it is loaded with the code that V8 compiled for the last one. */
const CONTROLLER = [...BOTH, 'http', 'readline', 'readline/promises', 'vm', 'worker_threads', 'zlib'];

let host: Host;
let hook: string;
const started: ChildProcess[] = [];

beforeAll(() => {
  host = new Host();
  mkdirSync(host.home, { recursive: true, mode: 0o700 });
  hook = host.write(
    'hook.cjs',
    `const { writeFileSync } = require('node:fs');
     const { builtinModules } = require('node:module');
     const loaded = () =>
       process.moduleLoadList
         .map((name) => name.replace(/^NativeModule /, ''))
         .filter((name) => builtinModules.includes(name) && !name.startsWith('_'));
     const before = loaded();
     process.on('message', (file) => {
       const builtins = loaded().filter((name) => !before.includes(name));
       writeFileSync(file, JSON.stringify({ builtins, own: Object.keys(require.cache) }));
       process.send('written');
     });
     // Nothing of the program itself knows of it.
     process.channel.unref();`,
  );
});
afterAll(async () => {
  await host[Symbol.asyncDispose]();
  for (const child of started)
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
});

function start(program: string): ChildProcess {
  const child = spawn(
    process.execPath,
    [
      '--require',
      hook,
      join(dirname(BIN), program),
      host.home,
      ...(program === 'daemon.cjs' ? ['--foreground'] : []),
    ],
    { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], cwd: host.folder },
  );
  started.push(child);
  return child;
}

async function loadedBy(child: ChildProcess): Promise<Loaded> {
  const file = join(host.folder, `loaded-${child.pid}.json`);
  const written = once(child, 'message');
  child.send(file);
  await written;
  const { builtins, own } = JSON.parse(readFileSync(file, 'utf8')) as Loaded;
  const programs = own.filter((path) => dirname(path) === dirname(BIN)).map((path) => basename(path));
  return { builtins, own: programs };
}

describe('what is loaded when controller and runner have started', () => {
  it('is what both need at once, and no other part of the build', async () => {
    const runner = start('runner.cjs');
    // No event tells of it; a controller that does not find it starts another.
    await eventually(() => existsSync(join(host.home, 'run/runner.sock')));
    const controller = start('daemon.cjs');
    // Not with the command, which starts another controller where none answers yet. This one answers before it has met the runner.
    const status = await eventually(async () => {
      const found = await host.daemon().catch(() => undefined);
      return found !== undefined && found.controller !== null && found.runner !== null && found;
    });
    expect([status.controller?.pid, status.runner?.pid]).toEqual([controller.pid, runner.pid]);
    const [ofRunner, ofController] = [await loadedBy(runner), await loadedBy(controller)];
    expect(ofRunner.own).toEqual(['runner.cjs']);
    expect(ofController.own).toEqual(['daemon.cjs']);
    expect(ofRunner.builtins.filter((name) => !BOTH.includes(name))).toEqual([]);
    expect(ofController.builtins.filter((name) => !CONTROLLER.includes(name))).toEqual([]);
  });
});
