import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keepsAddresses } from '../../src/plan/slots/addresses.ts';
import { rolloutBounds } from '../../src/plan/decide/bounds.ts';
import { effectiveInstances, isUpToDate, runMode, specFor } from '../../src/plan/slots/effective.ts';
import { viewHost } from '../../src/plan/model/host-view.ts';
import type { AppPlan } from '../../src/plan/app-plan.ts';
import { planApp } from '../../src/plan/plan.ts';
import { isActive, hasEnded, isReady } from '../../src/plan/slots/readiness.ts';
import type { DesiredApp } from '../../src/plan/model/desired.ts';
import type { ObservedInstance, SlotHistory } from '../../src/plan/model/observed.ts';
import type { RolloutPause } from '../../src/plan/model/rollout.ts';
import { accept, makeApp, makeExit, makeHistory, makeInstance, makeSpec, NOW, observe } from './fixtures.ts';

/** An app in any state of a rollout, with any table of processes: most of them are nothing that we would bring about. */
interface Snapshot {
  readonly app: DesiredApp;
  readonly instances: readonly ObservedInstance[];
  readonly slots: readonly SlotHistory[];
}

const VERSIONS = [0, 1, 2].map((version) =>
  makeApp('web', { spec: { env: { VERSION: String(version) } }, generation: version + 1 }),
) as [DesiredApp, DesiredApp, DesiredApp];
const [FIRST, , LAST] = VERSIONS;

const pauses = fc.constantFrom<RolloutPause | null>(
  null,
  null,
  { by: 'ann', at: NOW, failure: null },
  { by: 'stateward', at: NOW, failure: { reason: 'Exited', message: 'slot 0 exited', slot: 0 } },
);

const apps: fc.Arbitrary<DesiredApp> = fc
  .record({
    instances: fc.nat(4),
    mode: fc.constantFrom('fork' as const, 'cluster' as const),
    autorestart: fc.constantFrom(true, true, false),
    rollout: fc.record({
      max_surge: fc.nat(2),
      max_unavailable: fc.nat(2),
      parallel: fc.nat(3),
      min_ready: fc.constantFrom(0, 1_000),
      deadline: fc.constantFrom(null, 5_000),
      on_failure: fc.constantFrom('rollback' as const, 'pause' as const, 'continue' as const),
    }),
    state: fc.constantFrom('none', 'first', 'newer', 'restart'),
    startedAt: fc.constantFrom(NOW - 30_000, NOW - 100, NOW),
    paused: pauses,
    stopped: fc.constantFrom(false, false, false, true),
    now: fc.constantFrom(false, false, true),
  })
  .map(({ instances, mode, autorestart, rollout, state, startedAt, paused, stopped, now }) => {
    const spec = makeSpec({ ...LAST.spec, instances, exec_mode: mode, autorestart, rollout });
    const previous = { ...(state === 'restart' ? LAST : FIRST), slotRestarts: {} };
    const underWay = { previous: state === 'first' ? null : previous, startedAt, paused };
    const lastRestart = { reason: 'RestartRequested', detail: '', at: NOW } as const;
    return {
      ...LAST,
      spec,
      restartGeneration: state === 'restart' ? 1 : 0,
      lastRestart: { ...lastRestart, ...(now && { now }) },
      override: stopped ? { run: 'stopped' as const, by: 'ann', at: NOW } : null,
      ...(state !== 'none' && { rollout: underWay }),
    };
  });

const instances: fc.Arbitrary<ObservedInstance> = fc
  .record({
    slot: fc.nat(4),
    state: fc.constantFrom(
      ...(['running', 'running', 'running', 'starting', 'stopping', 'exited', 'unverified'] as const),
    ),
    version: fc.nat(2),
    restartGeneration: fc.nat(1),
    upMs: fc.constantFrom(0, 400, 1_500, 60_000),
    readiness: fc.constantFrom('none', 'yes', 'no', 'unknown', 'overdue'),
    socketsLost: fc.constantFrom(false, false, false, false, true),
    requested: fc.boolean(),
    code: fc.constantFrom(0, 1),
  })
  .map(({ version, readiness, socketsLost, requested, code, ...row }) => {
    const forMs = readiness === 'overdue' ? 40_000 : 100;
    const because = 'answered 503';
    const notReady = {
      forMs,
      because,
      isDue: true,
      ...(readiness === 'unknown' && { undecided: true as const }),
    };
    const exit = makeExit({ at: NOW - 50, upMs: row.upMs, requested, code });
    return makeInstance(VERSIONS[version] ?? FIRST, {
      ...row,
      startedAt: NOW - row.upMs,
      listening: [],
      probedReady: readiness === 'none' ? null : readiness === 'yes',
      ...(['no', 'unknown', 'overdue'].includes(readiness) && { notReady }),
      ...(socketsLost && { socketsLost }),
      exit: row.state === 'exited' ? exit : null,
    });
  });

const snapshots: fc.Arbitrary<Snapshot> = fc.record({
  app: apps,
  instances: fc
    .array(instances, { maxLength: 10 })
    .map((all) => all.map((instance, index) => ({ ...instance, nonce: `n${index}` }))),
  slots: fc
    .uniqueArray(
      fc.record({ slot: fc.nat(4), version: fc.nat(2), attempt: fc.nat(4), requested: fc.boolean() }),
      { selector: ({ slot }) => slot, maxLength: 4 },
    )
    .map((rows) =>
      rows.map(({ slot, version, attempt, requested }) => {
        const app = VERSIONS[version] ?? FIRST;
        const lastExit = makeExit({ at: NOW - 90, requested });
        return makeHistory(app, {
          slot,
          attempt,
          lastExit,
          lastNonce: `gone-${slot}`,
          lastGeneration: app.generation,
        });
      }),
    ),
});

function planOf({ app, instances, slots }: Snapshot): AppPlan {
  const history = [{ key: app.key, slots }];
  const { host } = viewHost([app], observe({ instances, history, accepted: [accept(app)] }));
  return planApp(app.key, host, { now: NOW });
}

function wantedBy({ spec, override }: DesiredApp): number {
  return runMode(spec, override) === 'stopped' ? 0 : effectiveInstances(spec, override);
}

const runs = { numRuns: 2_000 };

describe('any plan of any app in any state of its rollout', () => {
  it('is the same whatever the order of the input', () => {
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        const turned = {
          ...snapshot,
          instances: [...snapshot.instances].reverse(),
          slots: [...snapshot.slots].reverse(),
        };
        expect(planOf(turned)).toEqual(planOf(snapshot));
      }),
      runs,
    );
  });

  it('starts a process only in a slot that is empty, or beside one outdated process and within max_surge', () => {
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        const { app } = snapshot;
        const live = snapshot.instances.filter((instance) => !hasEnded(instance));
        const { maxSurge } = rolloutBounds(app);
        const starts = planOf(snapshot).actions.filter(({ kind }) => kind === 'start');
        for (const { slot } of starts) {
          const beside = live.filter((it) => it.slot === slot);
          expect(slot).toBeLessThan(wantedBy(app));
          expect(beside.filter((it) => !isActive(it) || isUpToDate(it, app))).toEqual([]);
          expect(beside.length).toBeLessThanOrEqual(Math.min(1, maxSurge));
          if (beside.length > 0) expect(app.rollout?.paused ?? null).toBeNull();
        }
        const inSlots = Array.from({ length: wantedBy(app) }, (_, slot) =>
          live.filter((it) => it.slot === slot),
        );
        const pairs = inSlots.filter((all) => all.filter(isActive).length > 1).length;
        const counted = live.filter(
          ({ state, slot }) => state !== 'unverified' || slot < wantedBy(app),
        ).length;
        const most = wantedBy(app) + Math.max(maxSurge, pairs);
        expect(counted + starts.length).toBeLessThanOrEqual(Math.max(most, counted));
      }),
      runs,
    );
  });

  it('acts on each process once, never on one that is not proven, and on nothing twice in a slot', () => {
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        const { actions, change } = planOf(snapshot);
        const targets = actions.map((it) => ('nonce' in it ? it.nonce : `slot ${it.slot}`));
        expect(new Set(targets).size).toBe(targets.length);
        const unproven = snapshot.instances.filter(({ state }) => state === 'unverified');
        expect(unproven.filter(({ nonce }) => targets.includes(nonce))).toEqual([]);
        const moves = actions.filter(({ kind }) => kind === 'start' || kind === 'stop');
        expect(change.touches).toBeGreaterThanOrEqual(moves.length);
        if (change.kind === 'unchanged') expect(moves).toEqual([]);
      }),
      runs,
    );
  });

  it('never ends the last process that serves in a slot where the declared one has not proven itself, start first', () => {
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        const { app, instances } = snapshot;
        if (rolloutBounds(app).maxUnavailable > 0 || !app.spec.autorestart) return;
        if (app.lastRestart?.now === true || instances.some((it) => keepsAddresses(it, app))) return;
        const stops = planOf(snapshot).actions.flatMap((it) => (it.kind === 'stop' ? [it.nonce] : []));
        for (let slot = 0; slot < wantedBy(app); slot += 1) {
          const ready = instances.filter((it) => it.slot === slot && isReady(it, specFor(it, app)));
          if (ready.length === 0) continue;
          expect(ready.some(({ nonce }) => !stops.includes(nonce))).toBe(true);
        }
      }),
      runs,
    );
  });

  it('begins nothing once it has found that the version is not fit, and says when to look again', () => {
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        const { rollout, actions, requeueAfterMs, health } = planOf(snapshot);
        if (requeueAfterMs !== null) expect(requeueAfterMs).toBeGreaterThanOrEqual(1);
        if (rollout?.kind !== 'failed') return;
        expect(actions.filter(({ kind }) => kind === 'start')).toEqual([]);
        expect(snapshot.app.rollout?.previous).toBeTruthy();
        expect(snapshot.app.spec.rollout.on_failure).not.toBe('continue');
        expect(health.converged).toBe(false);
      }),
      runs,
    );
  });
});
