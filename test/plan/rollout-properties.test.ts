import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keepsAddresses } from '../../src/plan/slots/addresses.ts';
import { rolloutBounds } from '../../src/plan/decide/bounds.ts';
import { effectiveInstances, isUpToDate, runMode, startable } from '../../src/plan/slots/effective.ts';
import type { AppPlan } from '../../src/plan/app-plan.ts';
import { hasEnded } from '../../src/plan/slots/readiness.ts';
import type { DesiredApp } from '../../src/plan/model/desired.ts';
import type { ObservedInstance } from '../../src/plan/model/observed.ts';
import type { AppSpec } from '../../src/spec/types.ts';
import { makeSpec } from './fixtures.ts';
import { KEY, qualityOf, RolloutWorld, type Quality } from './rollout-world.ts';

// ---- what is declared ---------------------------------------------------------------------------------------------

const rollouts: fc.Arbitrary<AppSpec['rollout']> = fc
  .record({
    max_surge: fc.nat(2),
    max_unavailable: fc.nat(2),
    parallel: fc.integer({ min: 1, max: 3 }),
    min_ready: fc.constantFrom(0, 1_000),
    deadline: fc.constantFrom(null, 20_000),
    on_failure: fc.constantFrom(
      'rollback' as const,
      'rollback' as const,
      'pause' as const,
      'continue' as const,
    ),
  })
  .map((it) => (it.max_surge + it.max_unavailable === 0 ? { ...it, max_surge: 1 } : it));

const PROBE = { http: { port: 3_000, path: '/' } } as unknown as AppSpec['readiness'];

/** What the stories vary of an app, and nothing else: a counterexample is to be readable. */
interface Release {
  readonly instances: number;
  readonly version: number;
  readonly quality: Quality;
  readonly mode: 'fork' | 'cluster';
  readonly probed: boolean;
  readonly minUptime: number;
  readonly maxRestarts: number | null;
  readonly rollout: AppSpec['rollout'];
}

function releasesOf(quality: fc.Arbitrary<Quality>): fc.Arbitrary<Release> {
  return fc.record({
    instances: fc.integer({ min: 1, max: 4 }),
    version: fc.nat(3),
    quality,
    mode: fc.constantFrom('fork' as const, 'cluster' as const),
    probed: fc.boolean(),
    minUptime: fc.constantFrom(0, 1_000),
    maxRestarts: fc.constantFrom<number | null>(null, null, 2),
    rollout: rollouts,
  });
}

function specOf({ instances, version, quality, mode, probed, ...release }: Release): AppSpec {
  return makeSpec({
    name: 'web',
    instances,
    env: { VERSION: String(version), QUALITY: quality, MODE: mode },
    exec_mode: mode,
    readiness: probed ? PROBE : null,
    listen_timeout: 5_000,
    min_uptime: release.minUptime,
    max_restarts: release.maxRestarts,
    rollout: release.rollout,
  });
}

const ANY: fc.Arbitrary<Quality> = fc.constantFrom(
  'good',
  'good',
  'good',
  'crashes',
  'never-ready',
  'dies-early',
  'cannot-start',
);
const BAD: fc.Arbitrary<Quality> = fc.constantFrom('crashes', 'never-ready', 'dies-early', 'cannot-start');

// ---- what happens -------------------------------------------------------------------------------------------------

type Step =
  | { readonly kind: 'apply'; readonly release: Release }
  | { readonly kind: 'bounds'; readonly rollout: AppSpec['rollout'] }
  | { readonly kind: 'scale'; readonly instances: number }
  | { readonly kind: 'restart'; readonly slot: number | null; readonly now: boolean }
  | { readonly kind: 'pause' | 'resume' | 'stop' | 'start' | 'come-up' | 'new-controller' }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'ended'; readonly limit: number }
  | { readonly kind: 'crash'; readonly index: number }
  | { readonly kind: 'round'; readonly draws: boolean };

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: releasesOf(ANY).map((release): Step => ({ kind: 'apply', release })) },
  { weight: 1, arbitrary: rollouts.map((rollout): Step => ({ kind: 'bounds', rollout })) },
  { weight: 1, arbitrary: fc.nat(4).map((instances): Step => ({ kind: 'scale', instances })) },
  {
    weight: 1,
    arbitrary: fc
      .record({ slot: fc.constantFrom(null, null, 0, 1), now: fc.constantFrom(false, false, true) })
      .map((restart): Step => ({ kind: 'restart', ...restart })),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(
        'pause' as const,
        'resume' as const,
        'stop' as const,
        'start' as const,
        'new-controller' as const,
      )
      .map((kind): Step => ({ kind })),
  },
  { weight: 8, arbitrary: fc.constant<Step>({ kind: 'come-up' }) },
  { weight: 10, arbitrary: fc.constantFrom(50, 200, 1_000, 6_000).map((ms): Step => ({ kind: 'pass', ms })) },
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 3 }).map((limit): Step => ({ kind: 'ended', limit })) },
  { weight: 1, arbitrary: fc.nat(8).map((index): Step => ({ kind: 'crash', index })) },
  { weight: 20, arbitrary: fc.boolean().map((draws): Step => ({ kind: 'round', draws })) },
);

interface Story {
  readonly first: Release;
  readonly steps: readonly Step[];
}

const stories: fc.Arbitrary<Story> = fc.record({
  first: releasesOf(fc.constant('good')),
  steps: fc.array(steps, { minLength: 5, maxLength: 60, size: 'max' }),
});

function take(world: RolloutWorld, step: Step, check?: (plan: AppPlan) => void): void {
  const { host } = world;
  const at = host.now;
  const by = 'ann';
  switch (step.kind) {
    case 'apply':
      world.apply(specOf(step.release));
      break;
    case 'bounds':
      world.apply({ ...world.app().spec, rollout: step.rollout });
      break;
    case 'scale':
      world.override({ instances: step.instances, by, at });
      break;
    case 'restart': {
      const { slot, now } = step;
      const request = { reason: 'RestartRequested', detail: 'asked for by ann', at } as const;
      world.commit({ kind: 'restart-requested', key: KEY, slot, ...request, ...(now && { now }) });
      break;
    }
    case 'pause':
      world.commit({ kind: 'rollout-paused', key: KEY, paused: { by, at }, at });
      break;
    case 'resume':
      world.commit({ kind: 'rollout-paused', key: KEY, paused: null, at });
      break;
    case 'stop':
      world.override({ run: 'stopped', by, at });
      break;
    case 'start':
      world.override(null);
      break;
    case 'come-up':
      world.comeUp();
      break;
    case 'new-controller':
      world.restartController();
      break;
    case 'pass':
      world.pass(step.ms);
      break;
    case 'ended':
      host.endStopping(step.limit);
      break;
    case 'crash': {
      const running = host.instances.filter(({ state }) => state === 'running');
      const victim = running[step.index % Math.max(1, running.length)];
      if (victim !== undefined) host.end(victim.nonce, { code: 1 });
      break;
    }
    case 'round':
      world.round(check, step.draws);
  }
}

/** The first version, running and proven. */
function begin(first: Release): RolloutWorld {
  const world = new RolloutWorld();
  world.apply(specOf(first));
  expect(world.settle()).toBe(true);
  return world;
}

function wantedBy(app: DesiredApp): number {
  return runMode(app.spec, app.override) === 'stopped' ? 0 : effectiveInstances(app.spec, app.override);
}

function liveIn(world: RolloutWorld): readonly ObservedInstance[] {
  return world.host.instances.filter((instance) => !hasEnded(instance));
}

const runs = { numRuns: 300 };

describe('a rollout, whatever happens', () => {
  it('never has more processes than the bounds allow, nor two in a slot but for a pair of versions', () => {
    fc.assert(
      fc.property(stories, ({ first, steps }) => {
        const world = begin(first);
        for (const step of steps) {
          const before = liveIn(world);
          take(world, step);
          const app = world.app();
          const live = liveIn(world);
          const most = wantedBy(app) + rolloutBounds(app).maxSurge;
          const pairs = before.length - new Set(before.map(({ slot }) => slot)).size;
          expect(live.length).toBeLessThanOrEqual(Math.max(most, before.length, wantedBy(app) + pairs));
          for (const { slot } of live) {
            const inSlot = live.filter((it) => it.slot === slot);
            expect(inSlot.length).toBeLessThanOrEqual(2);
            const versions = new Set(inSlot.map((it) => `${it.templateHash} ${it.restartGeneration}`));
            expect(versions.size).toBe(inSlot.length);
          }
        }
      }),
      runs,
    );
  });

  it('never takes what serves beyond max_unavailable, nor before its successor is available', () => {
    fc.assert(
      fc.property(stories, ({ first, steps }) => {
        const world = begin(first);
        const check = ({ actions }: AppPlan): void => {
          const app = world.app();
          const wanted = wantedBy(app);
          const serving = [...world.servingSlots()].filter((slot) => slot < wanted);
          const stopped = actions.flatMap((it) => (it.kind === 'stop' && it.slot < wanted ? [it] : []));
          const left = world.serving().filter((it) => !stopped.some(({ nonce }) => nonce === it.nonce));
          const nowServing = serving.filter((slot) => left.some((it) => it.slot === slot));
          const isNow = stopped.some(({ how }) => how.drainMs === 0);
          const isTaken = world.table().some((it) => !hasEnded(it) && keepsAddresses(it, app));
          if (isNow || isTaken || nowServing.length === serving.length) return;
          const { maxUnavailable } = rolloutBounds(app);
          expect(nowServing.length).toBeGreaterThanOrEqual(wanted - maxUnavailable);
        };
        for (const step of steps) take(world, step, check);
      }),
      runs,
    );
  });

  it('starts what is declared last, or what was before one that failed and waits, beside something else only with room, and acts on known processes only', () => {
    fc.assert(
      fc.property(stories, ({ first, steps }) => {
        const world = begin(first);
        const check = ({ actions }: AppPlan): void => {
          const app = world.app();
          const paused = app.rollout?.paused ?? null;
          for (const action of actions) {
            if (action.kind === 'hook') continue;
            if (action.kind !== 'start') {
              expect(world.host.instances.some(({ nonce }) => nonce === action.nonce)).toBe(true);
              continue;
            }
            expect(world.table().some((it) => !hasEnded(it) && keepsAddresses(it, app))).toBe(false);
            const { slot } = action;
            expect(action.app).toEqual(startable(app));
            const beside = liveIn(world).filter((it) => it.slot === slot);
            if (beside.length === 0) continue;
            expect(rolloutBounds(app).maxSurge).toBeGreaterThan(0);
            expect(beside.map((it) => isUpToDate(it, app))).toEqual([false]);
            expect(paused).toBeNull();
          }
        };
        for (const step of steps) take(world, step, check);
      }),
      runs,
    );
  });

  it('comes to rest, and then every process runs what is declared, or the rollout says what it waits for', () => {
    fc.assert(
      fc.property(stories, ({ first, steps }) => {
        const world = begin(first);
        for (const step of steps) take(world, step);
        const rests = world.settle();
        const app = world.app();
        const isGood = qualityOf(app.spec) === 'good';
        // A version that is no good and has none to go back to is tried for ever.
        if (!rests) {
          expect(isGood).toBe(false);
          return;
        }
        const plan = world.plan();
        expect(plan.actions).toEqual([]);
        expect(plan.requeueAfterMs).toBeNull();
        const paused = app.rollout?.paused ?? null;
        if (paused !== null) {
          expect(plan.holds.map(({ reason }) => reason)).toContain(
            paused.failure === null ? 'RolloutPaused' : 'RolloutFailed',
          );
          return;
        }
        if (!isGood || plan.health.health === 'Failed' || plan.health.health === 'Degraded') return;
        const live = liveIn(world);
        expect(live.every((it) => isUpToDate(it, app))).toBe(true);
        expect(live).toHaveLength(wantedBy(app));
        expect(plan.health.converged).toBe(true);
        expect(plan.change).toMatchObject({ kind: 'unchanged', touches: 0 });
        if (wantedBy(app) > 0) expect(app.rollout).toBeUndefined();
      }),
      runs,
    );
  });
});

describe('a version that is no good', () => {
  const meanwhile = fc.constantFrom<Step>(
    { kind: 'new-controller' },
    { kind: 'ended', limit: 1 },
    { kind: 'come-up' },
    { kind: 'pass', ms: 50 },
  );
  /** A release that has time to show what it is, and is looked at. */
  const releases = fc.record({
    first: releasesOf(fc.constant('good')),
    bad: releasesOf(BAD),
    others: fc.array(meanwhile, { maxLength: 10 }),
  });

  function releaseOver(first: Release, bad: Release, onFailure: 'rollback' | 'pause'): AppSpec {
    const rollout = { ...bad.rollout, min_ready: 1_000, on_failure: onFailure };
    const probed = bad.probed || bad.quality === 'never-ready';
    // Another mode is a gap: no two of them have one address.
    return specOf({ ...bad, mode: first.mode, instances: first.instances, probed, rollout });
  }

  it('is gone back from, and what served before serves without a gap where it starts first', () => {
    fc.assert(
      fc.property(releases, ({ first, bad, others }) => {
        const world = begin(first);
        const proven = world.app();
        world.apply(releaseOver(first, bad, 'rollback'));
        const { maxUnavailable } = rolloutBounds(world.app());
        const isKept = (): void => {
          expect(world.servingSlots().size).toBeGreaterThanOrEqual(first.instances - maxUnavailable);
        };
        for (const step of others) {
          take(world, step);
          world.round(isKept);
        }
        expect(world.settle(isKept)).toBe(true);
        isKept();
        const app = world.app();
        expect(app.templateHash).toBe(proven.templateHash);
        expect(app.lastRollout).toMatchObject({ outcome: 'failed' });
        expect(world.servingSlots().size).toBe(first.instances);
        expect(liveIn(world).every((it) => it.templateHash === proven.templateHash)).toBe(true);
        expect(world.plan().health).toMatchObject({ converged: true, health: 'Healthy' });
      }),
      runs,
    );
  });

  it('is left where it is when its rollout pauses, with the ones before it serving, until somebody resumes', () => {
    fc.assert(
      fc.property(releases, ({ first, bad, others }) => {
        const world = begin(first);
        world.apply(releaseOver(first, bad, 'pause'));
        const { maxUnavailable } = rolloutBounds(world.app());
        for (const step of others) {
          take(world, step);
          world.round();
        }
        for (let round = 0; round < 100; round += 1) {
          const plan = world.round();
          world.host.endStopping();
          world.comeUp();
          world.pass(Math.min(plan.requeueAfterMs ?? 200, 200));
          expect(world.servingSlots().size).toBeGreaterThanOrEqual(first.instances - maxUnavailable);
        }
        expect(world.app().rollout?.paused?.failure).toBeTruthy();
        const started = world.host.instances.filter((it) => it.templateHash === world.app().templateHash);
        expect(started.length).toBeLessThanOrEqual(maxUnavailable);
      }),
      { numRuns: 200 },
    );
  });
});

describe('the number of processes that a preview names', () => {
  it('is what the rollout comes to, a replaced process counted once', () => {
    fc.assert(
      fc.property(releasesOf(fc.constant('good')), releasesOf(fc.constant('good')), (first, second) => {
        const world = begin(first);
        const before = world.host.instances;
        world.apply(specOf(second));
        const { change, untouched } = world.plan();
        expect(world.settle()).toBe(true);
        const after = world.host.instances;
        const has = (table: readonly ObservedInstance[], it: ObservedInstance): boolean =>
          table.some(({ nonce }) => nonce === it.nonce);
        const moved = [...before, ...after].filter((it) => !(has(before, it) && has(after, it)));
        expect(change.touches).toBe(new Set(moved.map(({ slot }) => slot)).size);
        expect(untouched).toBe(before.filter((it) => has(after, it)).length);
      }),
      runs,
    );
  });
});
