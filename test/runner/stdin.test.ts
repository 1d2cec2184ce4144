import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findExecutable } from '../../src/runner/spawn/executable.ts';
import { procProcesses } from '../../src/runner/processes/proc-processes.ts';
import type { SpawnSpec } from '../../src/runner/protocol/orders.ts';
import type { RunnerInstance } from '../../src/runner/protocol/reports.ts';
import { fileText } from '../support/files.ts';
import { RunnerRig } from '../support/runner/runner-rig.ts';

let rig: RunnerRig;
beforeEach(async () => {
  rig = await RunnerRig.start();
});
afterEach(() => rig.close());

/** Programs that say that they wait for input, and end when it does. */
const WAITING: readonly (readonly [string, string, readonly string[]])[] = [
  [
    'node',
    process.execPath,
    ['-e', 'process.stdin.resume(); process.stdin.on("end", () => process.exit(3)); console.log("waits")'],
  ],
  ['sh', '/bin/sh', ['-c', 'echo waits; cat; exit 3']],
  ['python3', 'python3', ['-uc', 'import sys; print("waits"); sys.stdin.read(); sys.exit(3)']],
];

async function start(overrides: Partial<SpawnSpec>): Promise<RunnerInstance> {
  const instance = await rig.client.spawn(rig.spec(overrides));
  await fileText(rig.logOf(instance), 'waits');
  return instance;
}

function stateOf({ pid, nonce }: RunnerInstance): string | undefined {
  return procProcesses().stat(pid ?? 0)?.zombie === false ? nonce : undefined;
}

const inputs = (): readonly string[] =>
  readdirSync(join(rig.home, 'run/io')).filter((name) => name.endsWith('.in'));

describe('an open standard input', () => {
  for (const [name, file, args] of WAITING) {
    test(`keeps a program up that does nothing else: ${name}`, async (context) => {
      if (!file.startsWith('/') && (await findExecutable(file, process.env.PATH ?? '', '/')) === null) {
        context.skip(`needs ${file}, which is not on PATH`);
      }
      const instance = await start({ file, args, stdin: 'open' });
      await rig.killRunner();
      expect(stateOf(instance)).toBe(instance.nonce);
      await rig.startRunner();
      expect(await rig.client.list()).toMatchObject([{ nonce: instance.nonce, state: 'running' }]);
    });
  }

  test('can be opened once more by its name', async () => {
    const line = 'exec 3</dev/stdin; echo waits; read x <&3; exit 3';
    const instance = await start({ file: '/bin/sh', args: ['-c', line], stdin: 'open' });
    expect(stateOf(instance)).toBe(instance.nonce);
  });

  test('leaves no file behind', async () => {
    const before = new Set(inputs());
    const instance = await start({ file: '/bin/sh', args: ['-c', 'echo waits; cat'], stdin: 'open' });
    const name = readlinkSync(`/proc/${instance.pid}/fd/0`);
    expect(name).toMatch(/\.in \(deleted\)$/);
    const ended = rig.client.nextState(instance.nonce, 'exited');
    await rig.client.call({
      kind: 'stop',
      spec: { nonce: instance.nonce, signal: 'SIGTERM', tree: true, graceMs: 10_000 },
    });
    await ended;
    expect(inputs().filter((file) => before.has(file) && name.includes(file))).toEqual([]);
  });

  test.runIf(process.getuid?.() === 0)('is there for another user too', async () => {
    const line = ['-c', 'exec 3</dev/stdin; echo waits; cat; exit 3'];
    const instance = await start({
      file: '/bin/sh',
      args: line,
      stdin: 'open',
      uid: 65534,
      gid: 65534,
      cwd: '/',
    });
    expect(stateOf(instance)).toBe(instance.nonce);
  });
});

describe('no standard input', () => {
  test('ends at once, when asked for and by default', async () => {
    for (const stdin of ['null', undefined] as const) {
      const [, file, args] = WAITING[0] ?? ['', '', []];
      const instance = await rig.client.spawn(
        rig.spec({ file, args, ...(stdin !== undefined && { stdin }) }),
      );
      expect((await rig.client.nextState(instance.nonce, 'exited')).exit?.code).toBe(3);
    }
  });
});
