import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ErrandSpec, StopSpec } from '../../src/runner/protocol/orders.ts';
import type { RunnerInstance } from '../../src/runner/protocol/reports.ts';
import { eventually } from '../support/eventually.ts';
import { fileText } from '../support/files.ts';
import { RunnerRig } from '../support/runner/runner-rig.ts';

let rig: RunnerRig;
beforeAll(async () => {
  rig = await RunnerRig.start();
});
afterAll(() => rig.close());

const PROGRAM = `trap 'echo hup' HUP; trap 'echo quit; exit 0' QUIT; trap 'echo term; exit 7' TERM; echo ready; while :; do sleep 0.05; done`;

async function launch(): Promise<RunnerInstance> {
  const instance = await rig.client.spawn(rig.spec({ file: 'bash', args: ['-c', PROGRAM] }));
  await fileText(rig.logOf(instance), 'ready');
  return instance;
}

function errand(line: string, fields: Partial<ErrandSpec> = {}): ErrandSpec {
  const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', COLOUR: 'blue' };
  return {
    ...{ file: 'bash', args: ['-c', line], cwd: rig.folder, env, uid: null, gid: null, timeoutMs: 10_000 },
    ...fields,
  };
}

async function stop(
  instance: RunnerInstance,
  command: ErrandSpec,
  fields: Partial<StopSpec> = {},
): Promise<void> {
  await rig.client.call({ kind: 'stop', spec: { ...stopSpec(instance, command), ...fields } });
}

function stopSpec({ nonce }: RunnerInstance, command: ErrandSpec): StopSpec {
  return { nonce, signal: 'SIGTERM', tree: true, graceMs: 20_000, command };
}

function failure(why: string): string {
  return `its shutdown command failed (${why}), so it got SIGTERM`;
}

const exited = (instance: RunnerInstance): Promise<RunnerInstance> =>
  rig.client.nextState(instance.nonce, 'exited');

/** The line of an instance, once `is` is true of it, also when that was so before anybody listened for events. */
function lineOf({ nonce }: RunnerInstance, is: (line: RunnerInstance) => boolean): Promise<RunnerInstance> {
  return eventually(async () => (await rig.client.list()).find((line) => line.nonce === nonce && is(line)));
}

describe('a command in place of the stop signal', () => {
  test('runs in the surroundings of the app, knows its process, and writes to its log', async () => {
    const instance = await launch();
    await stop(instance, errand('echo "$PWD $COLOUR $STATEWARD_PID"; kill -QUIT $MAINPID'));
    expect((await exited(instance)).exit).toMatchObject({ code: 0, requested: true, killed: false });
    expect(await fileText(rig.logOf(instance), 'quit')).toContain(`${rig.folder} blue ${instance.pid}`);
  });

  test.each([
    ['fails', 'exit 3', 'bash ended with code 3'],
    ['is ended', 'kill -9 $$', 'bash ended with code 137 (SIGKILL)'],
  ])('gives way to the signal at once when it %s', async (_, line, why) => {
    const instance = await launch();
    await stop(instance, errand(line));
    const { exit } = await exited(instance);
    expect(exit).toMatchObject({ code: 7, requested: true });
    expect(exit?.note).toBe(`its shutdown command failed (${why}), so it got SIGTERM`);
  });

  test.each([
    ['program', { file: 'no-such-program' }, 'no such program'],
    ['folder', { cwd: '/no/such/folder' }, 'cannot use the folder /no/such/folder'],
  ])('gives way to the signal where there is no %s', async (_, fields, why) => {
    const instance = await launch();
    await stop(instance, errand('true', fields));
    const { exit } = await exited(instance);
    expect(exit?.code).toBe(7);
    expect(exit?.note).toContain(why);
  });

  test('is ended with all that it started when it takes too long', async () => {
    const instance = await launch();
    await stop(instance, errand('sleep 60 & wait', { timeoutMs: 100 }));
    const { exit } = await exited(instance);
    expect(exit?.note).toContain('bash did not end within 100ms and was killed');
    expect(exit?.code).toBe(7);
  });

  test('has the rest of its time to take effect, and then the signal comes', async () => {
    const instance = await launch();
    await stop(instance, errand('true', { timeoutMs: 3_000 }));
    const { exit } = await exited(instance);
    expect(exit).toMatchObject({ code: 7 });
    expect(exit).not.toHaveProperty('note');
  });

  test('is waited for when the process has ended before it', async () => {
    const instance = await launch();
    const done = join(rig.folder, 'done');
    await stop(instance, errand(`kill -QUIT $MAINPID; sleep 0.3; touch ${done}`));
    await exited(instance);
    expect(existsSync(done)).toBe(true);
  });

  test('is given up when the app is to be killed', async () => {
    const instance = await launch();
    await stop(instance, errand('sleep 60'));
    await rig.client.call({
      kind: 'stop',
      spec: { nonce: instance.nonce, signal: 'SIGTERM', tree: true, graceMs: 0 },
    });
    expect((await exited(instance)).exit?.requested).toBe(true);
  });

  describe('when the runner is replaced meanwhile', () => {
    const killed = async (command: StopSpec): Promise<void> => {
      await rig.killRunner();
      await rig.startRunner();
      await rig.client.call({ kind: 'stop', spec: command });
    };
    const upgraded = async (): Promise<unknown> => rig.upgrade();

    test.each([
      ['killed, and it ends well', killed, 'kill -QUIT $MAINPID', {}],
      ['upgraded, and it ends well', upgraded, 'kill -QUIT $MAINPID', {}],
      ['killed, and it fails', killed, 'exit 3', { note: failure('bash ended with code 3') }],
      ['upgraded, and it fails', upgraded, 'exit 3', { note: failure('bash ended with code 3') }],
      [
        'killed, and it is killed',
        killed,
        'kill -9 $PPID $$',
        { note: failure('bash was ended, and nobody saw how') },
      ],
    ] as const)('%s: it goes on, and runs once', async (what, replace, end, exit) => {
      const instance = await launch();
      const go = join(rig.folder, what.replaceAll(/\W+/g, '-'));
      const line = `echo run >> ${go}.runs; while [ ! -e ${go} ]; do sleep 0.02; done; ${end}`;
      const spec = stopSpec(instance, errand(line));
      await rig.client.call({ kind: 'stop', spec });
      await fileText(`${go}.runs`, 'run');
      await replace(spec);
      const over = exited(instance);
      writeFileSync(go, '');
      expect((await over).exit).toMatchObject({ requested: true, killed: false, ...exit });
      const log = await fileText(rig.logOf(instance), 'note' in exit ? 'term' : 'quit');
      expect(log.includes('term')).toBe('note' in exit);
      expect(await fileText(`${go}.runs`, 'run')).toBe('run\n');
    });

    test('it has the rest of its time, and not more', async () => {
      const instance = await launch();
      const runs = join(rig.folder, 'late.runs');
      const spec = stopSpec(instance, errand(`echo run >> ${runs}; sleep 60`, { timeoutMs: 1_500 }));
      await rig.client.call({ kind: 'stop', spec });
      await fileText(runs, 'run');
      await killed(spec);
      const { exit } = await lineOf(instance, ({ state }) => state === 'exited');
      expect(exit?.note).toBe(failure('bash did not end within 1s500ms and was killed'));
      expect(await fileText(runs, 'run')).toBe('run\n');
    });

    test('it is given up when the app is to be killed', async () => {
      const instance = await launch();
      const runs = join(rig.folder, 'cut.runs');
      const spec = stopSpec(instance, errand(`echo run >> ${runs}; sleep 60`));
      await rig.client.call({ kind: 'stop', spec });
      await fileText(runs, 'run');
      await killed(spec);
      const { command: _, ...atOnce } = spec;
      await rig.client.call({ kind: 'stop', spec: { ...atOnce, graceMs: 0 } });
      expect((await exited(instance)).exit?.requested).toBe(true);
    });
  });
});

describe('a reload', () => {
  test('sends its signal to the main process once, and is known to the next runner', async () => {
    const instance = await launch();
    const { nonce, pid } = instance;
    const spec = { nonce, count: 1, signal: 'SIGHUP', code: { id: 'newer' } };
    const { instance: after } = await rig.client.call({ kind: 'reload', spec }, 'instance');
    expect(after).toMatchObject({ state: 'running', pid, reload: { count: 1, state: 'done' } });
    expect(after.labels.code).toEqual({ id: 'newer' });
    await fileText(rig.logOf(instance), 'hup');
    await rig.client.call({ kind: 'reload', spec });
    await rig.killRunner();
    await rig.startRunner();
    const { instance: adopted } = await rig.client.call({ kind: 'reload', spec }, 'instance');
    expect(adopted).toMatchObject({
      pid,
      reload: { count: 1, state: 'done' },
      labels: { code: { id: 'newer' } },
    });
    await rig.client.call({ kind: 'stop', spec: { nonce, signal: 'SIGQUIT', tree: true, graceMs: 9_000 } });
    await exited(instance);
    const log = await fileText(rig.logOf(instance), 'quit');
    expect(log.match(/hup/g)).toHaveLength(1);
  });

  test('by a command is over when that is', async () => {
    const instance = await launch();
    const { nonce } = instance;
    const spec = { nonce, count: 1, command: errand('kill -HUP $MAINPID; exit 4') };
    const { instance: begun } = await rig.client.call({ kind: 'reload', spec }, 'instance');
    expect(begun.reload?.state).toBe('running');
    const failed = await rig.client.nextInstance(
      ({ nonce: its, reload }) => its === nonce && reload?.state === 'failed',
    );
    expect(failed.reload?.message).toBe('bash ended with code 4');
    expect(failed.pid).toBe(instance.pid);
    const killed = { ...spec, count: 2, command: errand('kill -9 $$') };
    await rig.client.call({ kind: 'reload', spec: killed });
    const ended = await rig.client.nextInstance(
      ({ nonce: its, reload }) => its === nonce && reload?.state === 'failed' && reload.count === 2,
    );
    expect(ended.reload?.message).toBe('bash ended with code 137 (SIGKILL)');
    const again = { ...spec, count: 3, command: errand('true') };
    await rig.client.call({ kind: 'reload', spec: again });
    await rig.client.nextInstance(
      ({ nonce: its, reload }) => its === nonce && reload?.state === 'done' && reload.count === 3,
    );
    await stop(instance, errand('kill -QUIT $MAINPID'));
    await exited(instance);
  });

  describe('by a command, when the runner is replaced meanwhile', () => {
    const waiting = (go: string, end: string): string =>
      `echo run >> ${go}.runs; while [ ! -e ${go} ]; do sleep 0.02; done; ${end}`;

    test.each([
      ['killed, and it ends well', () => rig.killRunner().then(() => rig.startRunner()), 'true', 'done'],
      ['killed, and it fails', () => rig.killRunner().then(() => rig.startRunner()), 'exit 4', 'failed'],
      [
        'killed, and it is killed',
        () => rig.killRunner().then(() => rig.startRunner()),
        'kill -9 $PPID $$',
        'failed',
      ],
      ['upgraded', () => rig.upgrade(), 'true', 'done'],
    ] as const)('%s: it goes on, and is done once', async (what, replace, end, state) => {
      const instance = await launch();
      const { nonce } = instance;
      const go = join(rig.folder, what.replaceAll(' ', '-'));
      const spec = { nonce, count: 1, command: errand(waiting(go, end)), code: { id: 'newer' } };
      await rig.client.call({ kind: 'reload', spec });
      await fileText(`${go}.runs`, 'run');
      await replace();
      const { instance: found } = await rig.client.call({ kind: 'reload', spec }, 'instance');
      expect(found).toMatchObject({ pid: instance.pid, reload: { count: 1, state: 'running' } });
      const over = rig.client.nextInstance(
        ({ nonce: its, reload }) => its === nonce && reload?.state !== 'running',
      );
      writeFileSync(go, '');
      expect((await over).reload).toMatchObject({
        ...{ count: 1, state },
        ...(end === 'exit 4' && { message: 'bash ended with code 4' }),
        ...(end.startsWith('kill') && { message: 'bash was ended, and nobody saw how' }),
      });
      const { instance: after } = await rig.client.call({ kind: 'reload', spec }, 'instance');
      expect(after.reload?.state).toBe(state);
      expect(after.labels.code).toEqual(state === 'done' ? { id: 'newer' } : undefined);
      expect(await fileText(`${go}.runs`, 'run')).toBe('run\n');
      await stop(after, errand('kill -QUIT $MAINPID'));
      await exited(instance);
    });

    test('it has its time, and not more', async () => {
      const instance = await launch();
      const { nonce } = instance;
      const go = join(rig.folder, 'late');
      const command = errand(waiting(go, 'true'), { timeoutMs: 1_000 });
      await rig.client.call({ kind: 'reload', spec: { nonce, count: 1, command } });
      await fileText(`${go}.runs`, 'run');
      await rig.killRunner();
      await rig.startRunner();
      const late = await lineOf(instance, ({ reload }) => reload?.state === 'failed');
      expect(late.reload?.message).toBe('bash did not end within 1s and was killed');
      await stop(instance, errand('kill -QUIT $MAINPID'));
      await exited(instance);
    });
  });

  test('is what an end soon after it says', async () => {
    const instance = await rig.client.spawn(rig.spec({ file: 'bash', args: ['-c', 'echo ready; sleep 60'] }));
    await fileText(rig.logOf(instance), 'ready');
    await rig.client.call({ kind: 'reload', spec: { nonce: instance.nonce, count: 5, signal: 'SIGHUP' } });
    const { exit } = await exited(instance);
    expect(exit).toMatchObject({ signal: 'SIGHUP', requested: false, reload: { count: 5 } });
  });
});
