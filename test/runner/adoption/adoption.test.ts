import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { procProcesses } from '../../../src/runner/processes/proc-processes.ts';
import { fileText } from '../../support/files.ts';
import { RunnerRig } from '../../support/runner/runner-rig.ts';

let rig: RunnerRig;
beforeEach(async () => {
  rig = await RunnerRig.start();
});
afterEach(() => rig.close());

const ledger = (): string => join(rig.home, 'run/ledger.ndjson');

/** Writes down a process as if an earlier runner had started it. */
async function plant(
  nonce: string,
  identity: { pid: number; startTime: string; bootId: string },
): Promise<void> {
  const { labels, logs } = rig.spec({ nonce });
  const at = Date.now() - 1_000;
  const records = [
    { kind: 'intent', nonce, labels, logs, io: 'planted', at },
    { kind: 'started', nonce, ...identity, at },
  ];
  await appendFile(ledger(), records.map((record) => `${JSON.stringify(record)}\n`).join(''));
}

async function restart(): Promise<void> {
  await rig.killRunner();
  await rig.startRunner();
}

describe('when the runner is killed', () => {
  test('apps live on, are adopted by the next one, and their output goes on', async () => {
    const { child, instance } = await rig.launch();
    await child.write('stdout', 'before\n');
    await fileText(rig.logOf(instance), 'before');
    await rig.killRunner();
    await child.write('stdout', 'between\n');
    await child.write('stderr', 'between\n');
    await rig.startRunner();
    expect(await rig.client.list()).toMatchObject([
      {
        nonce: instance.nonce,
        state: 'running',
        pid: child.pid,
        adopted: true,
        startedAt: instance.startedAt,
      },
    ]);
    await child.write('stdout', 'after\n');
    expect(await fileText(rig.logOf(instance), 'after')).toBe('before\nbetween\nafter\n');
    expect(await fileText(rig.logOf(instance, 'error'), 'between')).toBe('between\n');
    child.exit(5);
    const ended = await rig.client.nextState(instance.nonce, 'exited');
    expect(ended.exit).toMatchObject({ code: null, signal: null, requested: false, error: null });
  });

  test('an adopted app can be stopped, and killed when it will not', async () => {
    const first = await rig.launch();
    const second = await rig.launch();
    await second.child.catchSignals('SIGTERM');
    await restart();
    for (const [{ instance }, graceMs] of [
      [first, 20_000],
      [second, 200],
    ] as const) {
      const spec = { nonce: instance.nonce, signal: 'SIGTERM', tree: true, graceMs };
      await rig.client.call({ kind: 'stop', spec });
    }
    const ended = await rig.client.nextState(first.instance.nonce, 'exited');
    expect(ended.exit).toMatchObject({ requested: true, killed: false });
    const killed = await rig.client.nextState(second.instance.nonce, 'exited');
    expect(killed.exit).toMatchObject({ requested: true, killed: true });
  });

  test('an app that ends meanwhile has exited, nobody knows how', async () => {
    const { child, instance } = await rig.launch();
    await rig.killRunner();
    child.exit(0);
    await child.gone;
    await rig.startRunner();
    expect(await rig.client.list()).toMatchObject([
      { nonce: instance.nonce, state: 'exited', pid: null, exit: { code: null, signal: null, error: null } },
    ]);
  });

  test('exits that were not acknowledged, labels and log settings are kept', async () => {
    const { child, instance } = await rig.launch();
    const ended = await rig.launch();
    ended.child.exit(9);
    await rig.client.nextState(ended.instance.nonce, 'exited');
    const labels = { ...instance.labels, generation: 7 };
    const logs = { ...rig.spec().logs, outFile: join(rig.home, 'logs/moved.log') };
    await rig.client.call({ kind: 'update', nonce: instance.nonce, labels, logs });
    await rig.client.list();
    await restart();
    const lines = await rig.client.list();
    expect(lines.find(({ nonce }) => nonce === instance.nonce)?.labels.generation).toBe(7);
    expect(lines.find(({ nonce }) => nonce === ended.instance.nonce)?.exit?.code).toBe(9);
    await child.write('stdout', 'here\n');
    await fileText(join(rig.home, 'logs/moved.log'), 'here\n');
  });

  test('a start that was not written down any more is found by its nonce', async () => {
    const { child, instance } = await rig.launch();
    await rig.client.list();
    await rig.killRunner();
    const lines = (await readFile(ledger(), 'utf8'))
      .split('\n')
      .filter((line) => !line.includes('"started"'));
    await writeFile(ledger(), lines.join('\n'));
    await rig.startRunner();
    expect(await rig.client.list()).toMatchObject([
      { nonce: instance.nonce, state: 'running', pid: child.pid },
    ]);
  });

  test('a start that never came about has failed, with the reason', async () => {
    await rig.killRunner();
    const { labels, logs } = rig.spec();
    const record = { kind: 'intent', nonce: 'planned', labels, logs, io: 'x', at: Date.now() };
    await appendFile(ledger(), `${JSON.stringify(record)}\n`);
    await rig.startRunner();
    const [line] = await rig.client.list();
    expect(line?.exit?.error).toContain('the runner ended before it could start it');
  });

  test('a torn last line and lines of a newer version lose nothing else', async () => {
    const { child } = await rig.launch();
    await rig.killRunner();
    await appendFile(ledger(), '{"kind":"of-the-future","nonce":"x"}\n{"kind":"exit","nonce":"n');
    await rig.startRunner();
    expect(await rig.client.list()).toMatchObject([{ state: 'running', pid: child.pid }]);
  });

  test('FIFOs that no instance needs are removed', async () => {
    const folder = join(rig.home, 'run/io');
    await rig.launch();
    const before = await readdir(folder);
    await restart();
    const after = await readdir(folder);
    expect(before.length).toBeGreaterThan(2);
    expect(before.filter((name) => after.includes(name)).length).toBe(2);
  });
});

describe('a process that cannot be proven ours', () => {
  test('is never signalled and never adopted: same pid and start time, but without the nonce', async () => {
    const stranger = spawn('sleep', ['1000'], { detached: true });
    const pid = stranger.pid ?? 0;
    try {
      await rig.killRunner();
      const processes = procProcesses();
      const { bootId } = processes;
      await plant('unsure', { pid, startTime: processes.stat(pid)?.startTime ?? '', bootId });
      await rig.startRunner();
      expect(await rig.client.list()).toMatchObject([{ nonce: 'unsure', state: 'unverified', pid }]);
      expect((await rig.client.nextNotice('unverified')).message).toContain(String(pid));
      const spec = { nonce: 'unsure', signal: 'SIGKILL', tree: true, graceMs: 0 };
      await expect(rig.client.call({ kind: 'stop', spec })).rejects.toThrow('busy');
      const signal = { kind: 'signal', nonce: 'unsure', signal: 'SIGKILL', tree: true } as const;
      await expect(rig.client.call(signal)).rejects.toThrow('busy');
      expect(stranger.signalCode).toBeNull();
      stranger.kill();
      await rig.client.nextState('unsure', 'exited');
    } finally {
      stranger.kill('SIGKILL');
    }
  });

  test('that has the pid of one of ours is not ours: another start time, or another boot', async () => {
    const stranger = spawn('sleep', ['1000'], { detached: true });
    const pid = stranger.pid ?? 0;
    try {
      await rig.killRunner();
      const processes = procProcesses();
      const { bootId } = processes;
      const startTime = processes.stat(pid)?.startTime ?? '';
      await plant('reused', { pid, startTime: `${startTime}1`, bootId });
      await plant('rebooted', { pid, startTime, bootId: 'another' });
      await rig.startRunner();
      expect(await rig.client.list()).toMatchObject([
        { nonce: 'reused', state: 'exited', pid: null },
        { nonce: 'rebooted', state: 'exited', pid: null, exit: { hostRestarted: true } },
      ]);
      expect((await rig.client.list())[0]?.exit).not.toHaveProperty('hostRestarted');
      await rig.client.call({
        kind: 'stop',
        spec: { nonce: 'reused', signal: 'SIGKILL', tree: true, graceMs: 0 },
      });
      expect(stranger.signalCode).toBeNull();
    } finally {
      const ended = once(stranger, 'exit');
      stranger.kill('SIGKILL');
      await ended;
    }
  });

  test('can be forgotten', async () => {
    const stranger = spawn('sleep', ['1000'], { detached: true });
    const pid = stranger.pid ?? 0;
    try {
      await rig.killRunner();
      const processes = procProcesses();
      const { bootId } = processes;
      await plant('unsure', { pid, startTime: processes.stat(pid)?.startTime ?? '', bootId });
      await rig.startRunner();
      await expect(rig.client.call({ kind: 'shutdown' })).rejects.toThrow('busy');
      await rig.client.call({ kind: 'forget', nonce: 'unsure' });
      expect(await rig.client.list()).toEqual([]);
      await rig.client.call({ kind: 'shutdown' });
      expect(await rig.runnerEnd()).toBe(0);
    } finally {
      stranger.kill('SIGKILL');
    }
  });
});
