import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { StopSpec } from '../../src/runner/protocol/orders.ts';
import type { RunnerInstance } from '../../src/runner/protocol/reports.ts';
import { fileText } from '../support/files.ts';
import { RunnerRig } from '../support/runner/runner-rig.ts';

let rig: RunnerRig;
beforeEach(async () => {
  rig = await RunnerRig.start();
});
afterEach(() => rig.close());

async function stop(nonce: string, overrides: Partial<StopSpec> = {}): Promise<void> {
  const spec = { nonce, signal: 'SIGTERM', tree: true, graceMs: 20_000, ...overrides };
  await rig.client.call({ kind: 'stop', spec });
}

const exited = (nonce: string): Promise<RunnerInstance> => rig.client.nextState(nonce, 'exited');

describe('stopping an instance', () => {
  test('sends the signal and reports how the process ended', async () => {
    const { instance } = await rig.launch();
    await stop(instance.nonce, { signal: 'SIGINT' });
    expect((await rig.client.nextState(instance.nonce, 'stopping')).pid).toBe(instance.pid);
    expect((await exited(instance.nonce)).exit).toMatchObject({
      code: null,
      signal: 'SIGINT',
      requested: true,
      killed: false,
    });
  });

  test.each([
    ['SIGQUIT', 'QUIT'],
    ['SIGRTMIN+3', 'RTMIN+3'],
    ['SIGRTMIN+30', 'RTMAX'],
  ])('asks with %s', async (signal, trapped) => {
    const script = `trap 'exit 7' ${trapped}; echo ready; while :; do sleep 0.05; done`;
    const spec = rig.spec({ file: 'bash', args: ['-c', script] });
    await rig.client.spawn(spec);
    await fileText(rig.logOf(spec), 'ready');
    await stop(spec.nonce, { signal });
    expect((await exited(spec.nonce)).exit).toMatchObject({ code: 7, requested: true, killed: false });
  });

  test('kills what does not end within its grace', async () => {
    const { child, instance } = await rig.launch();
    await child.catchSignals('SIGTERM');
    await stop(instance.nonce);
    await child.next('signal');
    // Only now: it may come to its signal late, and is to be killed after that.
    await stop(instance.nonce, { graceMs: 50 });
    expect((await exited(instance.nonce)).exit).toMatchObject({
      signal: 'SIGKILL',
      requested: true,
      killed: true,
    });
  });

  test('asking again shortens the grace, and does not send the same signal twice', async () => {
    const { child, instance } = await rig.launch();
    await child.catchSignals('SIGTERM', 'SIGINT');
    await stop(instance.nonce);
    expect((await child.next('signal')).signal).toBe('SIGTERM');
    await stop(instance.nonce);
    await stop(instance.nonce, { signal: 'SIGINT' });
    expect((await child.next('signal')).signal).toBe('SIGINT');
    await stop(instance.nonce, { signal: 'SIGINT', graceMs: 0 });
    expect((await exited(instance.nonce)).exit?.killed).toBe(true);
  });

  test('ends a process that is stopped (SIGSTOP)', async () => {
    const { child, instance } = await rig.launch();
    process.kill(child.pid, 'SIGSTOP');
    await stop(instance.nonce);
    expect((await exited(instance.nonce)).exit).toMatchObject({ signal: 'SIGTERM', killed: false });
  });

  test('with tree, reaches the whole group; without, only the main process', async () => {
    const { child, instance } = await rig.launch();
    await child.catchSignals('SIGTERM');
    await child.grandchild();
    const grandchild = await rig.nextChild();
    await grandchild.catchSignals('SIGTERM');
    await stop(instance.nonce, { tree: false });
    await child.next('signal');
    await rig.client.call({ kind: 'signal', nonce: instance.nonce, signal: 'SIGTERM', tree: true });
    await Promise.all([child.next('signal'), grandchild.next('signal')]);
    child.exit(0);
    expect((await exited(instance.nonce)).exit).toMatchObject({ code: 0, requested: true });
    // Its main process has ended in time and the group was not meant: it is named and left alone.
    expect((await rig.client.nextNotice('survivors')).message).toContain(String(grandchild.pid));
    expect(existsSync(`/proc/${grandchild.pid}`)).toBe(true);
  });

  test('is not over before the group is', async () => {
    const { child, instance } = await rig.launch();
    await child.grandchild();
    const grandchild = await rig.nextChild();
    await grandchild.catchSignals('SIGTERM');
    await stop(instance.nonce);
    await grandchild.next('signal');
    await child.gone;
    const [line] = await rig.client.list();
    expect(line?.state).toBe('stopping');
    grandchild.exit(0);
    expect((await exited(instance.nonce)).exit).toMatchObject({ signal: 'SIGTERM', killed: false });
  });

  test('finds and ends what has left the group, by the nonce in its environment', async () => {
    const { child, instance } = await rig.launch();
    await child.grandchild({ detached: true });
    const escapee = await rig.nextChild();
    await escapee.catchSignals('SIGTERM');
    await stop(instance.nonce, { graceMs: 100 });
    await exited(instance.nonce);
    await escapee.gone;
  });

  test('leaves alone what only seems to belong to it', async () => {
    const { child, instance } = await rig.launch();
    const { STATEWARD_INSTANCE: _, ...env } = child.ready.env;
    await child.grandchild({ detached: true, env });
    const stranger = await rig.nextChild();
    await stop(instance.nonce, { graceMs: 50 });
    await exited(instance.nonce);
    await stranger.catchSignals('SIGTERM');
    stranger.exit(0);
    await stranger.gone;
  });

  test('does not wait for a grandchild that holds the streams, and goes on to log it', async () => {
    const { child, instance } = await rig.launch();
    const { STATEWARD_INSTANCE: _, ...env } = child.ready.env;
    await child.grandchild({ detached: true, stdio: 'inherit', env });
    const holder = await rig.nextChild();
    await child.write('stdout', 'half a line');
    child.exit(0);
    const { exit } = await exited(instance.nonce);
    expect(exit).toMatchObject({ code: 0, requested: false });
    await holder.write('stdout', 'still here\n');
    expect(await fileText(rig.logOf(instance), 'still here')).toBe('half a line\nstill here\n');
  });

  test('one that is asked for before the process is up is honoured', async () => {
    const spec = rig.spec({ file: 'sleep', args: ['100'] });
    const spawned = rig.client.spawn(spec);
    await stop(spec.nonce);
    await spawned;
    expect((await exited(spec.nonce)).exit?.requested).toBe(true);
  });

  test('is refused for an instance that is not there', async () => {
    await expect(stop('nobody')).rejects.toThrow('unknown-instance');
  });

  test('a crash that leaves processes behind is told, and nobody is killed for it', async () => {
    const { child, instance } = await rig.launch();
    await child.grandchild();
    const left = await rig.nextChild();
    child.crash();
    expect((await exited(instance.nonce)).exit).toMatchObject({ code: 1, requested: false });
    expect((await rig.client.nextNotice('survivors')).message).toContain(String(left.pid));
    left.exit(0);
  });
});
