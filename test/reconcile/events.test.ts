import { describe, expect, it } from 'vitest';
import type { Action } from '../../src/plan/model/actions.ts';
import { executedEvent } from '../../src/reconcile/events.ts';
import { exitEvent } from '../../src/reconcile/exit-events.ts';
import { makeApp, makeExit, makeInstance } from '../plan/fixtures.ts';

const app = makeApp();

function started(reason: Action['reason'], of = app) {
  return executedEvent({ action: startOf(reason), instance: makeInstance(of, { pid: 42 }) }, of);
}

function startOf(reason: Action['reason']): Action {
  return { kind: 'start', key: app.key, slot: 0, app, reason };
}

describe('the event of a start', () => {
  it.each([
    ['NotRunning', 'started slot 0 (pid 42): no process was in it'],
    ['Exited', 'started slot 0 (pid 42): the process before it exited by itself'],
    ['LivenessFailed', 'started slot 0 (pid 42): the process before it was ended: its liveness probe failed'],
  ] as const)('tells what happened and not what was before (%s)', (reason, message) => {
    expect(started(reason)).toMatchObject({ reason: 'Started', message });
  });

  it('names the file that changed, and who asked', () => {
    const restarted = (reason: 'FileChanged' | 'RestartRequested', detail: string) =>
      started(reason, { ...app, lastRestart: { reason, detail, at: 0 } });
    expect(restarted('FileChanged', 'src/a.js changed')).toMatchObject({
      reason: 'FileChanged',
      message: 'started slot 0 (pid 42): src/a.js changed',
    });
    expect(restarted('RestartRequested', 'asked for by ann')).toMatchObject({
      message: 'started slot 0 (pid 42): an operator asked for a restart (asked for by ann)',
    });
  });

  it('names no pid of a process that is gone again', () => {
    const gone = makeInstance(app, { state: 'exited', pid: null, exit: makeExit() });
    expect(executedEvent({ action: startOf('Created'), instance: gone }, app)?.message).toMatch(
      /^started slot 0: /,
    );
  });
});

describe('the event of an end', () => {
  const ended = (exit: Parameters<typeof makeExit>[0]) =>
    makeInstance(app, { state: 'exited', pid: 42, exit: makeExit({ code: null, ...exit }) });

  it('warns of a process that had to be killed, with the time that it took', () => {
    const killed = ended({ signal: 'SIGKILL', requested: true, killed: true });
    expect(exitEvent(killed, 5_200)).toMatchObject({
      level: 'warning',
      reason: 'KillTimeout',
      message: 'slot 0 did not end within its kill_timeout and was killed 5.2s after it was asked to stop',
    });
    expect(exitEvent(killed).message).toBe('slot 0 did not end within its kill_timeout and was killed');
  });

  it('tells of a process that ended with the host', () => {
    expect(exitEvent(ended({ hostRestarted: true }))).toMatchObject({
      level: 'info',
      reason: 'HostRestarted',
      message: 'slot 0 ended when the host was started again',
    });
  });

  it('is as asked where it was in time', () => {
    expect(exitEvent(ended({ signal: 'SIGINT', requested: true }), 20)).toMatchObject({
      level: 'info',
      reason: 'StopCompleted',
    });
  });
});
