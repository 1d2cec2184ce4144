import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { procProcesses } from '../../src/runner/processes/proc-processes.ts';
import type { LeftoversPolicy, SpawnSpec, StopSpec } from '../../src/runner/protocol/orders.ts';
import type { RunnerInstance } from '../../src/runner/protocol/reports.ts';
import { eventually } from '../support/eventually.ts';
import { RunnerRig } from '../support/runner/runner-rig.ts';
import type { SteeredChild } from '../support/steer.ts';

let rig: RunnerRig;
beforeEach(async () => {
  rig = await RunnerRig.start();
});
afterEach(() => rig.close());

const end: LeftoversPolicy = { mode: 'end', graceMs: 20_000 };
const keep: LeftoversPolicy = { mode: 'keep', graceMs: 20_000 };

const exited = (nonce: string): Promise<RunnerInstance> => rig.client.nextState(nonce, 'exited');
const isAlive = ({ pid }: { readonly pid: number }): boolean => procProcesses().stat(pid)?.zombie === false;

async function stop(nonce: string, overrides: Partial<StopSpec> = {}): Promise<void> {
  const spec = { nonce, signal: 'SIGINT', tree: true, graceMs: 20_000, ...overrides };
  await rig.client.call({ kind: 'stop', spec });
}

async function launchWithChild(
  overrides: Partial<SpawnSpec>,
  options: Parameters<SteeredChild['grandchild']>[0] = {},
): Promise<{ child: SteeredChild; left: SteeredChild; instance: RunnerInstance }> {
  const { child, instance } = await rig.launch(overrides);
  await child.grandchild(options);
  return { child, left: await rig.nextChild(), instance };
}

/** A shell line under the runner; its output says the pids that it has started. */
function shell(line: string, overrides: Partial<SpawnSpec> = {}): Promise<RunnerInstance> {
  return rig.client.spawn(rig.spec({ file: '/bin/sh', args: ['-c', line], ...overrides }));
}

/** Processes that carry the nonce. */
async function carriers(nonce: string): Promise<readonly number[]> {
  const found = await procProcesses().scan();
  return found.filter((entry) => entry.nonce === nonce).map(({ pid }) => pid);
}

describe('what a main process leaves behind when it ends by itself', () => {
  test('ends before the instance counts as exited, in its group or in a session of its own', async () => {
    for (const detached of [false, true]) {
      const { child, left, instance } = await launchWithChild({ leftovers: end }, { detached });
      await left.catchSignals('SIGTERM');
      child.crash();
      const stopping = await rig.client.nextState(instance.nonce, 'stopping');
      expect(stopping.leftBehind).toEqual([left.pid]);
      await left.next('signal');
      expect((await rig.client.list()).find(({ nonce }) => nonce === instance.nonce)?.state).toBe('stopping');
      left.exit(0);
      const { exit, problems } = await exited(instance.nonce);
      expect(exit).toMatchObject({ code: 1, requested: false, killed: false });
      expect(problems).toBeUndefined();
    }
  });

  test('is killed after the grace period when it will not end', async () => {
    const { child, left, instance } = await launchWithChild({ leftovers: { ...end, graceMs: 50 } });
    await left.catchSignals('SIGTERM', 'SIGINT');
    child.exit(7);
    expect((await exited(instance.nonce)).exit).toMatchObject({ code: 7, requested: false, killed: false });
    expect(isAlive(left)).toBe(false);
  });

  test('ends though it has cleared its environment, when it is in the group', async () => {
    const instance = await shell('env -i /bin/sleep 4742 & sleep 0.1; exit 1', { leftovers: end });
    await exited(instance.nonce);
    const group = (await procProcesses().scan()).filter((entry) => entry.group === instance.pid);
    expect(group).toEqual([]);
  });

  test('ends at once though a shell has started it in the background, where SIGINT is ignored', async () => {
    const instance = await shell('sleep 4742 & sleep 0.1; exit 1', { leftovers: end });
    expect((await exited(instance.nonce)).exit).toMatchObject({ code: 1 });
    expect(await carriers(instance.nonce)).toEqual([]);
  });

  test('is asked with the signal that it handles', async () => {
    const { child, left, instance } = await launchWithChild({ leftovers: end });
    await child.catchSignals('SIGINT');
    await left.catchSignals('SIGINT');
    await stop(instance.nonce);
    expect((await left.next('signal')).signal).toBe('SIGINT');
    await child.next('signal');
    child.exit(0);
    await child.gone;
    // It is at it: a second signal would cut short what it does.
    left.exit(0);
    expect((await exited(instance.nonce)).exit).toMatchObject({ code: 0, requested: true, killed: false });
  });

  test('goes on when leftovers are kept, also when the instance is stopped or killed', async () => {
    const crashed = await launchWithChild({ leftovers: keep });
    crashed.child.crash();
    await exited(crashed.instance.nonce);
    expect(isAlive(crashed.left)).toBe(true);
    const stopped = await launchWithChild({ leftovers: keep });
    await stopped.child.catchSignals('SIGINT');
    await stop(stopped.instance.nonce, { graceMs: 50 });
    expect((await exited(stopped.instance.nonce)).exit).toMatchObject({ killed: true });
    expect(isAlive(stopped.left)).toBe(true);
    for (const { left } of [crashed, stopped]) left.exit(0);
  });

  test('is not taken for another instance that was started from inside the first', async () => {
    const { child, left, instance } = await launchWithChild({ leftovers: end });
    const env = { ...child.ready.env, STATEWARD_INSTANCE: 'another' };
    await child.grandchild({ detached: true, env });
    const other = await rig.nextChild();
    child.crash();
    await exited(instance.nonce);
    expect([isAlive(left), isAlive(other)]).toEqual([false, true]);
    other.exit(0);
  });

  test('a stop while it ends shortens the grace', async () => {
    const { child, left, instance } = await launchWithChild({ leftovers: end });
    await left.catchSignals('SIGTERM');
    child.crash();
    await left.next('signal');
    await stop(instance.nonce, { graceMs: 0 });
    expect((await exited(instance.nonce)).exit).toMatchObject({ requested: false });
    expect(isAlive(left)).toBe(false);
  });

  test('the policy of a live instance can be changed', async () => {
    const { child, left, instance } = await launchWithChild({ leftovers: end });
    const { nonce, labels } = instance;
    await rig.client.call({ kind: 'update', nonce, labels, logs: rig.spec().logs, leftovers: keep });
    child.crash();
    await exited(nonce);
    expect(isAlive(left)).toBe(true);
    left.exit(0);
  });

  test('many ends at once leave nothing behind either', async () => {
    const started = await Promise.all(
      Array.from({ length: 40 }, () => shell('sleep 4742 & exit 3', { leftovers: end })),
    );
    const ended = await Promise.all(started.map(({ nonce }) => exited(nonce)));
    expect(ended.every(({ exit }) => exit?.code === 3)).toBe(true);
    const nonces = new Set(started.map(({ nonce }) => nonce));
    const left = (await procProcesses().scan()).filter(({ nonce }) => nonce !== null && nonces.has(nonce));
    expect(left).toEqual([]);
  });
});

describe('across runners', () => {
  test('what was left behind while there was none is ended by the next one', async () => {
    const { child, left, instance } = await launchWithChild({ leftovers: end }, { detached: true });
    await rig.killRunner();
    child.exit(0);
    await child.gone;
    await rig.startRunner();
    await exited(instance.nonce);
    expect(isAlive(left)).toBe(false);
  });

  test('what lives of an instance that was seen to exit is a problem until it is gone', async () => {
    const { child, instance } = await rig.launch({ leftovers: end });
    child.exit(0);
    await exited(instance.nonce);
    await rig.killRunner();
    // Frozen by a tracer that is not part of the instance would be the real thing; this one only has the nonce.
    const late = spawn('sleep', ['4742'], { env: { STATEWARD_INSTANCE: instance.nonce }, stdio: 'ignore' });
    const gone = once(late, 'exit');
    await rig.startRunner();
    const line = (await rig.client.list()).find(({ nonce }) => nonce === instance.nonce);
    expect(line?.state).toBe('exited');
    expect(line?.problems).toMatchObject([{ code: 'leftovers' }]);
    expect(line?.problems?.[0]?.message).toContain(`process ${late.pid}`);
    await gone;
    await eventually(async () => {
      const [now] = await rig.client.list();
      return now?.problems === undefined;
    });
    expect(existsSync(`/proc/${late.pid}`)).toBe(false);
  });
});
