import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runMode } from '../../src/plan/slots/effective.ts';
import type { AppSpec } from '../../src/spec/types.ts';
import { restartOf } from '../state/specs.ts';
import { behaviourOf, KEY, RolloutRig, startFirst, version, type Behaviour } from './rollout-rig.ts';

const INSTANCES = 2;

type Move =
  | { readonly kind: 'apply'; readonly spec: AppSpec }
  | { readonly kind: 'restart'; readonly slot: number | null }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'controller dies' }
  | { readonly kind: 'pause' | 'resume' }
  /** A process of a version that is bad ends, whatever it was about to do. */
  | { readonly kind: 'kill a bad one' };

const behaviours: fc.Arbitrary<Behaviour> = fc.constantFrom('good', 'crashes', 'hangs', 'dies');

/** Start-first bounds: what serves must never get less by our doing. */
const moves: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .record({
        number: fc.integer({ min: 2, max: 5 }),
        behaviour: behaviours,
        surge: fc.integer({ min: 1, max: 2 }),
        parallel: fc.integer({ min: 1, max: 2 }),
        policy: fc.constantFrom('rollback' as const, 'pause' as const),
        deadline: fc.constantFrom(null, 2_000),
      })
      .map(({ number, behaviour, surge, parallel, policy, deadline }) => ({
        kind: 'apply' as const,
        spec: version(number, behaviour, {
          instances: INSTANCES,
          rollout: startFirst({ max_surge: surge, parallel, on_failure: policy, deadline }),
        }),
      })),
  },
  fc.constantFrom(null, 0, 1).map((slot) => ({ kind: 'restart' as const, slot })),
  {
    weight: 4,
    arbitrary: fc.constantFrom(10, 60, 300, 800, 1_200, 3_500).map((ms) => ({ kind: 'pass' as const, ms })),
  },
  fc.constantFrom(
    { kind: 'controller dies' as const },
    { kind: 'pause' as const },
    { kind: 'resume' as const },
    { kind: 'kill a bad one' as const },
  ),
);

async function make(move: Move, rig: RolloutRig): Promise<void> {
  const at = rig.clock.now();
  switch (move.kind) {
    case 'apply':
      return rig.apply(move.spec);
    case 'restart':
      return rig.commit({ ...restartOf(KEY, move.slot), at });
    case 'pass':
      return rig.pass(move.ms);
    case 'controller dies':
      return rig.restartController();
    case 'pause':
      return rig.commit({ kind: 'rollout-paused', key: KEY, paused: { by: 'ann', at }, at });
    case 'resume':
      return rig.commit({ kind: 'rollout-paused', key: KEY, paused: null, at });
    case 'kill a bad one': {
      const bad = rig.live.find(({ templateHash }) => behaviourOf(templateHash) !== 'good');
      if (bad !== undefined) rig.driver.end(bad.nonce, { code: 1 });
      return rig.pass(1);
    }
  }
}

/** Everything that must be true at any moment of any rollout that starts first. */
function checkStep(rig: RolloutRig, mostSurge: number): void {
  const { live, serving } = rig;
  expect(live.length).toBeLessThanOrEqual(INSTANCES + mostSurge);
  for (const slot of new Set(live.map((instance) => instance.slot))) {
    expect(live.filter((instance) => instance.slot === slot).length).toBeLessThanOrEqual(2);
  }
  expect(serving.length).toBeGreaterThanOrEqual(INSTANCES);
}

test('whatever is released in whatever order, what works serves on, and ends up alone', async () => {
  let cases = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(moves, { minLength: 1, maxLength: 8 }), async (script) => {
      cases += 1;
      const rig = new RolloutRig();
      try {
        await rig.apply(version(1, 'good', { instances: INSTANCES }));
        await rig.pass(3_000);
        let mostSurge = 1;
        rig.onStep = () => checkStep(rig, mostSurge);
        for (const move of script) {
          if (move.kind === 'apply') mostSurge = Math.max(mostSurge, move.spec.rollout.max_surge);
          await make(move, rig);
        }
        // Whoever has paused is gone by now.
        await make({ kind: 'resume' }, rig);
        await rig.pass(15_000);
        const { app } = rig;
        expect(runMode(app.spec, app.override)).toBe('running');
        if (app.rollout === undefined) {
          expect(rig.serving).toHaveLength(INSTANCES);
          expect(rig.live.map(({ templateHash }) => templateHash)).toEqual(
            Array.from({ length: INSTANCES }, () => app.templateHash),
          );
          expect(behaviourOf(app.templateHash)).toBe('good');
        } else {
          expect(app.rollout.paused?.failure).not.toBeNull();
          expect(behaviourOf(app.templateHash)).not.toBe('good');
        }
        expect(rig.errors).toEqual([]);
        // Nothing is left to be done: the same state, looked at again and again, leads to no order.
        const orders = rig.driver.orders.length;
        await rig.restartController();
        await rig.pass(10_000);
        expect(rig.driver.orders.slice(orders)).toEqual([]);
      } finally {
        await rig.close();
      }
    }),
    { numRuns: 1_000 },
  );
  expect(cases).toBeGreaterThanOrEqual(1_000);
}, 60_000);
