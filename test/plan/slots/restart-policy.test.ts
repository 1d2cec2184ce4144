import { describe, expect, it } from 'vitest';
import { afterExit, restartDelayMs } from '../../../src/plan/slots/restart-policy.ts';
import { plan } from '../../../src/plan/plan.ts';
import type { AppSpec } from '../../../src/spec/types.ts';
import type { InstanceExit, SlotHistory } from '../../../src/plan/model/observed.ts';
import { makeApp, makeExit, makeHistory, NOW, observe } from '../fixtures.ts';

interface Case {
  readonly spec?: Partial<AppSpec>;
  readonly exit?: Partial<InstanceExit>;
  readonly history?: Partial<SlotHistory>;
  readonly now?: number;
}

function decide({ spec = {}, exit = {}, history = {}, now = NOW }: Case) {
  const app = makeApp('api', { spec });
  return afterExit(makeHistory(app, { lastExit: makeExit(exit), ...history }), app, now);
}

describe('a start after an exit', () => {
  it('comes at once when there was none', () => {
    expect(afterExit(undefined, makeApp(), NOW)).toEqual({ kind: 'now', reason: 'NotRunning' });
  });

  it.each<[string, Case, object]>([
    ['at once after a healthy run', { history: { attempt: 0 } }, { kind: 'now', reason: 'Exited' }],
    [
      'at once after an exit that was asked for',
      { exit: { requested: true }, history: { attempt: 9 } },
      { kind: 'now' },
    ],
    [
      'at once after the host was started again, also where an end of its own would be the last',
      {
        spec: { autorestart: false },
        exit: { code: null, upMs: 0, hostRestarted: true },
        history: { attempt: 9 },
      },
      { kind: 'now', reason: 'HostRestarted' },
    ],
    ['after a back-off when it came soon', {}, { kind: 'later', reason: 'BackOff', until: NOW + 50 }],
    ['when the back-off has passed', { now: NOW + 50 }, { kind: 'now', reason: 'Exited' }],
    [
      'naming a signal',
      { exit: { signal: 'SIGKILL', code: null }, now: NOW + 50 },
      { kind: 'now', reason: 'Killed' },
    ],
    ['after code 0 too', { exit: { code: 0 }, history: { attempt: 0 } }, { kind: 'now', reason: 'Exited' }],
    [
      'after restart_delay',
      { spec: { restart_delay: 3_000 } },
      { reason: 'RestartDelay', until: NOW + 3_000 },
    ],
    ['at once with a restart_delay of 0', { spec: { restart_delay: 0 } }, { kind: 'now' }],
    [
      'after the exponential delay, which wins over the fixed one',
      { spec: { restart_delay: 9_000, exp_backoff_restart_delay: 100 }, history: { attempt: 3 } },
      { kind: 'later', reason: 'BackOff', until: NOW + 225 },
    ],
    [
      'slowly when the process could not be started',
      { exit: { error: 'spawn ENOENT', code: null, upMs: 0 } },
      { kind: 'later', reason: 'StartFailed', until: NOW + 30_000 },
    ],
    [
      'soon when the host was short of something',
      { exit: { error: 'spawn: EAGAIN', code: null, upMs: 0, shortage: true }, history: { attempt: 1 } },
      { kind: 'later', reason: 'StartFailed', until: NOW + 1_000 },
    ],
    [
      'again when that time has passed',
      { exit: { error: 'spawn ENOENT', code: null, upMs: 0 }, now: NOW + 30_000 },
      { kind: 'now', reason: 'StartFailed' },
    ],
  ])('comes %s', (_name, given, expected) => {
    expect(decide(given)).toMatchObject(expected);
  });

  it.each<[string, Case, object]>([
    [
      'a stop exit code',
      { spec: { stop_exit_codes: [0, 1] } },
      {
        outcome: 'Failed',
        reason: 'StopExitCode',
        message: 'exited with code 1, one of its stop_exit_codes',
      },
    ],
    [
      'a stop exit code without autorestart',
      { spec: { stop_exit_codes: [1], autorestart: false } },
      { outcome: 'Failed', reason: 'StopExitCode' },
    ],
    [
      'a stop exit code that is 0',
      { spec: { stop_exit_codes: [0, 1] }, exit: { code: 0 } },
      { outcome: 'Completed', reason: 'StopExitCode' },
    ],
    [
      'a stop exit code that means success',
      { spec: { stop_exit_codes: [1], success_exit_codes: [0, 1] } },
      { outcome: 'Completed', reason: 'StopExitCode' },
    ],
    [
      'a code that means success, without autorestart',
      { spec: { success_exit_codes: [1], autorestart: false } },
      { outcome: 'Completed', reason: 'Completed' },
    ],
    [
      'code 0 where only another one means success',
      { spec: { success_exit_codes: [3], autorestart: false }, exit: { code: 0 } },
      { outcome: 'Failed', reason: 'Exited' },
    ],
    [
      'code 0 without autorestart',
      { spec: { autorestart: false }, exit: { code: 0 } },
      { outcome: 'Completed', reason: 'Completed' },
    ],
    [
      'another code without autorestart',
      { spec: { autorestart: false } },
      { outcome: 'Failed', reason: 'Exited', message: 'exited with code 1, autorestart is off' },
    ],
    [
      'a signal without autorestart',
      { spec: { autorestart: false }, exit: { signal: 'SIGSEGV', code: null } },
      { outcome: 'Failed', reason: 'Killed', message: 'ended by SIGSEGV, autorestart is off' },
    ],
    [
      'an unknown code without autorestart, which may have been any',
      { spec: { autorestart: false }, exit: { code: null } },
      { outcome: 'Failed', reason: 'Exited' },
    ],
    [
      'a process that could not be started, without autorestart',
      { spec: { autorestart: false }, exit: { error: 'spawn ENOENT', code: null } },
      { outcome: 'Failed', reason: 'StartFailed' },
    ],
    [
      'an unstable exit with max_restarts 0',
      { spec: { max_restarts: 0 } },
      { outcome: 'Failed', reason: 'MaxRestartsExceeded' },
    ],
    [
      'more unstable exits than max_restarts',
      { spec: { max_restarts: 2 }, history: { unstableExits: [NOW - 2, NOW - 1, NOW] } },
      { outcome: 'Failed', reason: 'MaxRestartsExceeded' },
    ],
    [
      'as many start failures',
      { spec: { max_restarts: 0, min_uptime: 0 }, exit: { error: 'spawn EACCES', code: null, upMs: 0 } },
      { outcome: 'Failed', reason: 'MaxRestartsExceeded' },
    ],
  ])('never comes after %s', (_name, given, expected) => {
    expect(decide(given)).toMatchObject({ kind: 'never', ...expected });
  });

  it.each<[string, Case]>([
    ['max_restarts is not reached', { spec: { max_restarts: 1 } }],
    ['max_restarts is not set', { history: { unstableExits: Array.from({ length: 900 }, () => NOW) } }],
    [
      'the last run was stable',
      { spec: { max_restarts: 0 }, exit: { upMs: 1_000 }, history: { unstableExits: [] } },
    ],
  ])('still comes when %s', (_name, given) => {
    expect(decide(given).kind).toBe('later');
  });

  it('stays away however much time passes once the app has failed', () => {
    const year = 365 * 86_400_000;
    expect(decide({ spec: { max_restarts: 0 }, now: NOW + year }).kind).toBe('never');
  });

  it.each([
    ['restart counter', { restartGeneration: 5, spec: { max_restarts: 0 } }],
    ['template', { spec: { max_restarts: 0, env: { A: '1' } } }],
  ])('comes at once with a new %s', (_name, fields) => {
    const history = makeHistory(makeApp(), { attempt: 9 });
    expect(afterExit(history, makeApp('api', fields), NOW).kind).toBe('now');
  });

  it('comes at once when a person has asked for the app anew, unless it had ended well', () => {
    const failed = makeHistory(makeApp(), { attempt: 9, lastGeneration: 1 });
    const anew = { ...makeApp('api', { generation: 2, spec: { max_restarts: 0 } }), begunAfresh: 2 };
    expect(afterExit(failed, anew, NOW)).toMatchObject({ kind: 'now' });
    expect(afterExit({ ...failed, lastGeneration: 2 }, anew, NOW)).toMatchObject({ kind: 'never' });
    const job = { ...makeApp('api', { generation: 2, spec: { autorestart: false } }), begunAfresh: 2 };
    const done = { ...failed, lastExit: makeExit({ code: 0 }) };
    expect(afterExit(done, job, NOW)).toMatchObject({ kind: 'never', outcome: 'Completed' });
  });

  it('comes after the back-off when the process was found unfit, and says so', () => {
    const app = makeApp('api', { restartGeneration: 1, spec: { autorestart: false } });
    const lastExit = makeExit({ code: 0, requested: true, unfit: 'LivenessFailed' });
    const history = makeHistory(app, { lastExit, lastRestartGeneration: 1, attempt: 4 });
    expect(afterExit(history, app, NOW)).toMatchObject({ kind: 'later', until: NOW + 400 });
    expect(afterExit(history, app, NOW + 400)).toEqual({ kind: 'now', reason: 'LivenessFailed' });
  });

  it('points what cron_restart is to run and what ends by itself to schedule', () => {
    const cron = { cron_restart: '0 2 * * *' };
    const hint = 'a script that ends by itself takes `schedule` in place of cron_restart';
    const later = { kind: 'later', reason: 'BackOff' } as const;
    expect(decide({ spec: cron, exit: { code: 0 } })).toMatchObject({
      ...later,
      message: `back-off of 0.1s, attempt 1; ${hint}`,
    });
    expect(decide({ spec: cron })).toMatchObject({ ...later, message: 'back-off of 0.1s, attempt 1' });
  });

  it('stays away from a completed job whose labels are edited', () => {
    const job = makeApp('job', { spec: { autorestart: false } });
    const history = makeHistory(job, { lastExit: makeExit({ code: 0 }) });
    const edited = makeApp('job', { generation: 2, spec: { autorestart: false, labels: { team: 'x' } } });
    expect(afterExit(history, edited, NOW)).toMatchObject({ kind: 'never', outcome: 'Completed' });
  });

  it('does not wait for hours when the clock was set back', () => {
    expect(decide({ now: NOW - 3_600_000 }).kind).toBe('now');
    expect(decide({ now: NOW - 1_000 }).kind).toBe('later');
  });

  it('says how long it waits and which attempt it is', () => {
    expect(decide({ history: { attempt: 4 } })).toMatchObject({
      message: 'back-off of 0.4s, attempt 4',
    });
  });

  it('is planned for the moment at which it is due', () => {
    const app = makeApp();
    const observed = observe({ history: [{ key: app.key, slots: [makeHistory(app)] }] });
    expect(plan([app], observed, NOW + 20)).toMatchObject({ actions: [], requeueAfterMs: 30 });
    expect(plan([app], observed, NOW + 50).actions).toMatchObject([{ kind: 'start', reason: 'Exited' }]);
  });
});

describe('the delay before a start', () => {
  const none = { restart_delay: null, exp_backoff_restart_delay: null };

  it.each([
    [0, 0],
    [1, 100],
    [2, 200],
    [5, 1_600],
    [9, 25_600],
    [10, 30_000],
    [5_000, 30_000],
  ])('is at most what doubling allows: attempt %i, %i ms', (attempt, most) => {
    expect(restartDelayMs({ attempt, jitter: 1 }, { error: null }, none)).toBe(most);
    expect(restartDelayMs({ attempt, jitter: 0 }, { error: null }, none)).toBe(0);
  });

  it.each([
    [1, 1_000],
    [2, 2_000],
    [5, 16_000],
    [6, 30_000],
    [5_000, 30_000],
  ])('doubles up to 30 s while the host is short of something: attempt %i, %i ms', (attempt, delay) => {
    const exit = { error: 'spawn: EAGAIN', shortage: true as const };
    expect(restartDelayMs({ attempt, jitter: 0.3 }, exit, { ...none, restart_delay: 0 })).toBe(delay);
  });

  it.each([
    [0, 100],
    [1, 100],
    [2, 150],
    [3, 225],
    [4, 337],
    [100, 15_000],
    [10_000, 15_000],
  ])('grows as in PM2 with exp_backoff_restart_delay: attempt %i, %i ms', (attempt, delay) => {
    const spec = { restart_delay: null, exp_backoff_restart_delay: 100 };
    expect(restartDelayMs({ attempt, jitter: 0.3 }, { error: null }, spec)).toBe(delay);
  });

  it('is the default one when exp_backoff_restart_delay is 0, which is how PM2 turns it off', () => {
    const spec = { restart_delay: null, exp_backoff_restart_delay: 0 };
    expect(restartDelayMs({ attempt: 5_000, jitter: 1 }, { error: null }, spec)).toBe(30_000);
  });
});
