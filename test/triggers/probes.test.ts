import { describe, expect, it } from 'vitest';
import type { DesiredApp } from '../../src/plan/model/desired.ts';
import type { ProbeSpec } from '../../src/spec/types.ts';
import type { DriverEvent } from '../../src/driver/driver.ts';
import { ok } from '../../src/lib/result.ts';
import { heartbeatTrigger } from '../../src/triggers/heartbeat.ts';
import type { ProbeOutcome } from '../../src/triggers/probes/probe-state.ts';
import { Prober } from '../../src/triggers/probes/prober.ts';
import { Probes } from '../../src/triggers/probes/probes.ts';
import type { TriggerRestart } from '../../src/triggers/trigger.ts';
import { makeApp, makeInstance } from '../plan/fixtures.ts';
import { FakeClock } from '../support/fake-clock.ts';

const SPEC: ProbeSpec = {
  tcp: { port: 1, host: '127.0.0.1' },
  period: 1_000,
  timeout: 500,
  initial_delay: 0,
  success_threshold: 1,
  failure_threshold: 3,
};
const GOOD: ProbeOutcome = { ok: true };
const BAD: ProbeOutcome = { ok: false, text: 'answered 503' };

/** Lets promises that are settled have their effect. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function pass(clock: FakeClock, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 100) {
    clock.advance(Math.min(left, 100));
    await settled();
  }
}

describe('a prober', () => {
  it('takes an answer that is there when its time is called over, where nobody had a turn to read it', async () => {
    const clock = new FakeClock();
    let answer: (outcome: ProbeOutcome) => void = () => undefined;
    const prober = new Prober({
      clock,
      random: () => 0.5,
      spec: { ...SPEC, failure_threshold: 1 },
      firstInMs: 0,
      eager: false,
      check: () => new Promise((resolve) => (answer = resolve)),
      onOutcome: () => undefined,
    });
    clock.advance(0);
    clock.advance(SPEC.timeout);
    // Behind the timers, in the same turn of the loop.
    answer(GOOD);
    await settled();
    expect(prober.state).toMatchObject({ state: 'passing', failures: 0 });
    prober.stop();
  });

  it('never probes twice at once, and gives up on a probe at its timeout', async () => {
    const clock = new FakeClock();
    let [open, most, probes] = [0, 0, 0];
    const prober = new Prober({
      clock,
      random: () => 0.5,
      spec: SPEC,
      firstInMs: 0,
      eager: false,
      check: (signal) => {
        probes += 1;
        most = Math.max(most, (open += 1));
        return new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            open -= 1;
            resolve(BAD);
          });
        });
      },
      onOutcome: () => undefined,
    });
    await pass(clock, 4_600);
    expect({ most, probes }).toEqual({ most: 1, probes: 4 });
    expect(prober.state).toMatchObject({ state: 'failing', lastFailure: 'no answer within 500ms' });
    prober.stop();
    await settled();
    await pass(clock, 3_000);
    expect({ open, probes }).toEqual({ open: 0, probes: 4 });
  });

  /** The times at which it has looked, of an app that is up after `upMs`. */
  async function looks(eager: boolean, upMs: number, forMs: number) {
    const clock = new FakeClock();
    const begin = clock.monotonic();
    const at: number[] = [];
    const states: string[] = [];
    const prober = new Prober({
      ...{ clock, random: () => 0.5, spec: SPEC, firstInMs: 0, eager },
      check: () => {
        at.push(clock.monotonic() - begin);
        return Promise.resolve(clock.monotonic() - begin >= upMs ? GOOD : BAD);
      },
      onOutcome: ({ state, failures }) => states.push(`${state} ${failures}`),
    });
    for (let ms = 0; ms < forMs; ms += 10) {
      clock.advance(10);
      await settled();
    }
    prober.stop();
    return { at, states };
  }

  it('that is eager finds out soon that something is up, and then keeps to its period', async () => {
    expect(await looks(true, 120, 2_600)).toEqual({
      at: [0, 50, 150, 1_150, 2_150].map((ms) => expect.closeTo(ms, -1.7) as number),
      states: ['pending 1', 'passing 0', 'passing 0', 'passing 0'],
    });
    expect((await looks(false, 120, 2_600)).states).toEqual(['pending 1', 'passing 0', 'passing 0']);
  });

  it('that is eager counts no failure that is not due', async () => {
    const { states, at } = await looks(true, Infinity, 2_500);
    expect(states).toEqual(['pending 1', 'pending 2', 'failing 3']);
    expect(at.length).toBeLessThan(9);
  });
});

function rig(spec: Partial<DesiredApp['spec']>) {
  const clock = new FakeClock();
  const outcomes: Record<string, ProbeOutcome> = {};
  const restarts: TriggerRestart[] = [];
  const app = makeApp('api', { spec });
  const probes = new Probes({
    clock,
    random: () => 0.5,
    checkOf: (probe) => () => Promise.resolve(outcomes[probe.log ?? ''] ?? BAD),
    canSayReady: () => true,
    report: () => undefined,
    onError: (error) => {
      throw error;
    },
  });
  probes.subscribe((finding) => {
    if (finding.kind === 'restart') restarts.push(finding.restart);
  });
  const sync = (fields = {}): void =>
    probes.sync({ apps: [app], instances: [makeInstance(app, { upMs: 0, ...fields })] });
  const readiness = (fields = {}) => probes.readiness(makeInstance(app, fields), app);
  return { clock, outcomes, restarts, sync, readiness, probes };
}

const probe = (log: string): ProbeSpec => ({ ...SPEC, log });

describe('the probes of a process', () => {
  it('begin with startup, which holds the others back and has the instance restarted when it fails', async () => {
    const { clock, restarts, sync, readiness } = rig({
      startup: probe('startup'),
      liveness: probe('liveness'),
    });
    sync();
    await pass(clock, 1_500);
    expect(readiness()).toMatchObject({ isDue: false, because: 'startup probe: answered 503' });
    expect(restarts).toEqual([]);
    await pass(clock, 5_000);
    expect(restarts.map(({ reason, slot }) => ({ reason, slot }))).toEqual([
      { reason: 'StartupFailed', slot: 0 },
    ]);
  });

  it('do not judge the startup of a process that a new controller finds running for long', async () => {
    const { clock, restarts, sync, readiness } = rig({ startup: probe('startup') });
    sync({ upMs: 60_000 });
    await pass(clock, 6_000);
    expect(readiness()).toBe(true);
    expect(restarts).toEqual([]);
  });

  it('make it ready and not ready by readiness, and never restart it for that', async () => {
    const { clock, outcomes, restarts, sync, readiness } = rig({ readiness: probe('readiness') });
    outcomes.readiness = GOOD;
    sync();
    await pass(clock, 100);
    expect(readiness()).toBe(true);
    outcomes.readiness = BAD;
    await pass(clock, 4_000);
    expect(readiness()).toMatchObject({ isDue: true, because: 'readiness probe: answered 503' });
    await pass(clock, 60_000);
    expect(restarts).toEqual([]);
  });

  it('ask for no restart of a process that is being replaced, until it is what is declared again', async () => {
    const { clock, restarts, probes } = rig({});
    const before = makeApp('api', { spec: { liveness: probe('liveness') } });
    const app: DesiredApp = {
      ...makeApp('api', { spec: { env: { A: '1' }, liveness: probe('liveness') } }),
      rollout: { previous: { ...before, slotRestarts: {} }, startedAt: clock.now(), paused: null },
    };
    const instances = [makeInstance(before, { nonce: 'old' })];
    probes.sync({ apps: [app], instances });
    await pass(clock, 10_000);
    expect(restarts).toEqual([]);
    probes.sync({ apps: [before], instances });
    await pass(clock, 5_000);
    expect(restarts).toMatchObject([{ slot: 0, reason: 'LivenessFailed' }]);
  });

  it('are those of the version that it runs, while another takes its place', async () => {
    const { clock, outcomes, probes } = rig({});
    const before = makeApp('api', { spec: { readiness: probe('before') } });
    const previous = { ...before, slotRestarts: {} };
    const app: DesiredApp = {
      ...makeApp('api', { spec: { env: { A: '1' }, readiness: probe('after') } }),
      rollout: { previous, startedAt: clock.now(), paused: null },
    };
    const old = makeInstance(before, { nonce: 'old' });
    const fresh = makeInstance(app, { nonce: 'fresh' });
    outcomes.before = GOOD;
    probes.sync({ apps: [app], instances: [old, fresh] });
    await pass(clock, 5_000);
    expect(probes.readiness(old, app)).toBe(true);
    expect(probes.readiness(fresh, app)).toMatchObject({ because: 'readiness probe: answered 503' });
  });

  it('say that nothing is known yet until they have an answer', async () => {
    const { clock, sync, readiness } = rig({ readiness: probe('readiness') });
    expect(readiness()).toMatchObject({ undecided: true });
    sync();
    expect(readiness()).toMatchObject({ undecided: true });
    await pass(clock, 5_000);
    expect(readiness()).not.toHaveProperty('undecided');
  });

  it('ask for one restart of that slot when liveness fails', async () => {
    const { clock, outcomes, restarts, sync } = rig({ liveness: probe('liveness') });
    outcomes.liveness = GOOD;
    sync();
    await pass(clock, 5_000);
    expect(restarts).toEqual([]);
    outcomes.liveness = BAD;
    await pass(clock, 20_000);
    expect(restarts).toEqual([
      {
        key: 'shop/api',
        slot: 0,
        reason: 'LivenessFailed',
        detail: 'liveness probe failed 3 times in a row: answered 503',
      },
    ]);
  });

  it('do not end a process for being slow to come up', async () => {
    const { clock, outcomes, restarts, sync } = rig({
      readiness: probe('readiness'),
      liveness: probe('liveness'),
    });
    sync();
    await pass(clock, 20_000);
    expect(restarts).toEqual([]);
    outcomes.readiness = GOOD;
    await pass(clock, 1_000);
    outcomes.readiness = BAD;
    await pass(clock, 4_000);
    expect(restarts).toMatchObject([{ reason: 'LivenessFailed' }]);
  });

  it('count liveness from its own first success where nothing else says ready, or from listen_timeout', async () => {
    const slow = rig({ liveness: probe('liveness') });
    slow.sync();
    await pass(slow.clock, 29_000);
    expect(slow.restarts).toEqual([]);
    await pass(slow.clock, 3_000);
    expect(slow.restarts).toMatchObject([{ reason: 'LivenessFailed' }]);
    const found = rig({ liveness: probe('liveness') });
    found.sync({ upMs: 60_000 });
    await pass(found.clock, 4_000);
    expect(found.restarts).toHaveLength(1);
  });

  it('count liveness from the startup probe on where there is one', async () => {
    const { clock, outcomes, restarts, sync } = rig({
      startup: probe('startup'),
      readiness: probe('readiness'),
      liveness: probe('liveness'),
    });
    outcomes.startup = GOOD;
    sync();
    await pass(clock, 4_000);
    expect(restarts).toMatchObject([{ reason: 'LivenessFailed' }]);
  });

  it('leave a process alone whose app an operator has stopped', () => {
    const clock = new FakeClock();
    const app = makeApp('api', {
      spec: { liveness: SPEC },
      override: { run: 'stopped', by: 'ann', at: 0 },
    });
    const { probes } = rig({});
    probes.sync({ apps: [app], instances: [makeInstance(app)] });
    expect(clock.nextDelayMs()).toBeUndefined();
    expect(probes.states('api-0')).toEqual([]);
  });
});

describe('wait_ready', () => {
  it('is the word of the app, and due from its start', () => {
    const { readiness } = rig({ wait_ready: true });
    expect(readiness({ saidReady: true })).toBe(true);
    expect(readiness({ saidReady: false, upMs: 7_000 })).toMatchObject({ forMs: 7_000, isDue: true });
  });

  it('is not waited for where a runner cannot hear it', () => {
    expect(rig({ wait_ready: true }).readiness()).toBeNull();
  });
});

describe('a heartbeat', () => {
  function beating(connected: boolean) {
    const clock = new FakeClock();
    const restarts: TriggerRestart[] = [];
    let answer: ((event: DriverEvent) => void) | undefined;
    let alive = true;
    let passesOn = true;
    const app = makeApp('api', { spec: { heartbeat: { interval: 1_000, misses: 3 } } });
    const trigger = heartbeatTrigger({
      clock,
      outlet: { requestRestart: (restart) => restarts.push(restart), submit: () => undefined },
      driver: {
        send: (nonce) => {
          if (!passesOn) return new Promise(() => undefined);
          const message = { cmd: 'NODE_STATEWARD_PONG' };
          if (alive) answer?.({ kind: 'message', nonce, message });
          return Promise.resolve(ok(undefined));
        },
        subscribe: (listener) => {
          answer = listener;
          return () => undefined;
        },
      },
    });
    trigger.sync({ apps: [app], instances: [makeInstance(app, { connected })] });
    /** The runner says between two questions that it has passed the last one on. */
    const pass = async (seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second++) {
        clock.advance(1_000);
        await Promise.resolve();
      }
    };
    return { pass, restarts, block: () => (alive = false), hang: () => (passesOn = false) };
  }

  it('that is missed often enough in a row asks for one restart of that slot', async () => {
    const { pass, restarts, block } = beating(true);
    await pass(60);
    expect(restarts).toEqual([]);
    block();
    await pass(3);
    expect(restarts).toEqual([]);
    await pass(20);
    expect(restarts.map(({ reason, slot }) => ({ reason, slot }))).toEqual([
      { reason: 'HeartbeatMissed', slot: 0 },
    ]);
  });

  it('that a runner which hangs does not pass on says nothing of the process', async () => {
    const { pass, restarts, block, hang } = beating(true);
    await pass(60);
    block();
    hang();
    await pass(60);
    expect(restarts).toEqual([]);
  });

  it('is not expected of a process without a channel', async () => {
    const { pass, restarts, block } = beating(false);
    block();
    await pass(60);
    expect(restarts).toEqual([]);
  });
});
