import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AppPlan } from '../../../src/plan/app-plan.ts';
import type { Observed } from '../../../src/plan/model/observed.ts';
import type { AppSpec } from '../../../src/spec/types.ts';
import { HookWorld, KEY } from './hook-world.ts';
import { makeSpec } from '../fixtures.ts';

const HOOK = { command: ['true'], timeout: 3_000 };

interface Release {
  readonly instances: number;
  readonly version: number;
  readonly surge: 0 | 1;
  readonly onFailure: AppSpec['rollout']['on_failure'];
  readonly others: boolean;
}

const releases: fc.Arbitrary<Release> = fc.record({
  instances: fc.integer({ min: 1, max: 3 }),
  version: fc.nat(3),
  surge: fc.constantFrom(0, 1),
  onFailure: fc.constantFrom('rollback', 'pause', 'continue'),
  others: fc.boolean(),
});

/** `others`: the app has the hooks of single processes too. */
function specOf({ instances, version, surge, onFailure, others }: Release): AppSpec {
  const bounds = { max_surge: surge, max_unavailable: 1 - surge, parallel: 1, min_ready: 0, deadline: null };
  return makeSpec({
    ...{ name: 'web', instances, env: { VERSION: String(version) }, exec_mode: 'fork', min_uptime: 0 },
    hooks: { pre_start: HOOK, ...(others && { post_start: HOOK, pre_stop: HOOK, post_stop: HOOK }) },
    rollout: { ...bounds, on_failure: onFailure },
  });
}

type Step =
  | { readonly kind: 'apply'; readonly release: Release }
  | { readonly kind: 'code' | 'code-of-start'; readonly id: number }
  | { readonly kind: 'restart' | 'stop' | 'start' | 'come-up' | 'record' | 'ended' | 'round' }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'crash'; readonly index: number }
  | { readonly kind: 'hook-ends'; readonly index: number; readonly code: number };

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: releases.map((release): Step => ({ kind: 'apply', release })) },
  {
    weight: 2,
    arbitrary: fc
      .record({ kind: fc.constantFrom('code' as const, 'code-of-start' as const), id: fc.nat(2) })
      .map((step): Step => step),
  },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom('restart' as const, 'stop' as const, 'start' as const)
      .map((kind): Step => ({ kind })),
  },
  { weight: 4, arbitrary: fc.constantFrom(100, 1_000, 4_000).map((ms): Step => ({ kind: 'pass', ms })) },
  { weight: 2, arbitrary: fc.nat(5).map((index): Step => ({ kind: 'crash', index })) },
  {
    weight: 10,
    arbitrary: fc
      .record({ index: fc.nat(3), code: fc.constantFrom(0, 0, 1) })
      .map((step): Step => ({ kind: 'hook-ends', ...step })),
  },
  {
    weight: 12,
    arbitrary: fc
      .constantFrom('come-up' as const, 'record' as const, 'ended' as const)
      .map((kind): Step => ({ kind })),
  },
  { weight: 16, arbitrary: fc.constant<Step>({ kind: 'round' }) },
);

interface Story {
  readonly first: Release;
  readonly steps: readonly Step[];
}

const stories: fc.Arbitrary<Story> = fc.record({
  first: releases,
  steps: fc.array(steps, { maxLength: 60, size: 'max' }),
});
const runs = { numRuns: 150 };

/** A process crashes, and the hook of newer code fails in a rollout that then waits: what would start is that code. */
const CRASH_WHILE_PAUSED: Story = {
  first: { instances: 1, version: 2, surge: 0, onFailure: 'rollback', others: false },
  steps: [
    { kind: 'round' },
    { kind: 'hook-ends', index: 0, code: 0 },
    {
      kind: 'apply',
      release: { instances: 2, version: 2, surge: 0, onFailure: 'pause', others: false },
    },
    { kind: 'round' },
    { kind: 'round' },
    { kind: 'come-up' },
    { kind: 'round' },
    { kind: 'crash', index: 0 },
    { kind: 'code', id: 0 },
    { kind: 'pass', ms: 100 },
    { kind: 'round' },
    { kind: 'hook-ends', index: 0, code: 1 },
    { kind: 'round' },
    { kind: 'round' },
  ],
};

/** What has to have happened before a process may start, told by what was seen alone. */
class Witness {
  /** Versions whose hook has ended well once. */
  readonly good = new Set<string>();
  /** How many hooks had begun when newer code of a version was released that no hook has ended well for since. */
  readonly pending = new Map<string, number>();

  sees(world: HookWorld): void {
    for (const hook of world.hooks) {
      if (hook.hook.name !== 'pre_start' || hook.exit?.code !== 0) continue;
      this.good.add(hook.templateHash);
      const began = world.begun.findIndex(({ nonce }) => nonce === hook.nonce);
      if (began >= (this.pending.get(hook.templateHash) ?? Infinity)) this.pending.delete(hook.templateHash);
    }
  }
}

function take(
  world: HookWorld,
  step: Step,
  { witness, check }: { witness: Witness; check: (plan: AppPlan) => void },
): void {
  const { host } = world;
  const at = host.now;
  switch (step.kind) {
    case 'apply': {
      const before = world.app().templateHash;
      world.apply(specOf(step.release));
      if (world.app().templateHash !== before) witness.pending.clear();
      break;
    }
    case 'code':
    case 'code-of-start': {
      const before = world.app();
      const isSame = before.preStart?.code === String(step.id) && before.preStart.state !== 'failed';
      const live = host.instances.filter(({ state }) => state === 'running').map(({ slot }) => slot);
      const slots = step.kind === 'code' ? [...new Set(live)] : [];
      const detail = 'a → b';
      world.commit({ kind: 'code-changed', key: KEY, slots, again: [], code: String(step.id), detail, at });
      if (!isSame) witness.pending.set(before.templateHash, world.begun.length);
      break;
    }
    case 'restart': {
      const asked = { reason: 'RestartRequested', detail: 'asked for by ann', at } as const;
      world.commit({ kind: 'restart-requested', key: KEY, slot: null, ...asked });
      break;
    }
    case 'stop':
      world.commit({ kind: 'override-set', key: KEY, override: { run: 'stopped', by: 'ann', at } });
      break;
    case 'start':
      world.commit({ kind: 'override-set', key: KEY, override: null });
      break;
    case 'come-up':
      host.comeUp();
      break;
    case 'record':
      world.record();
      break;
    case 'ended':
      host.endStopping(1);
      break;
    case 'pass':
      world.pass(step.ms);
      break;
    case 'crash': {
      const running = host.instances.filter(({ state }) => state === 'running');
      const victim = running[step.index % Math.max(1, running.length)];
      if (victim !== undefined) host.end(victim.nonce, { code: 1 });
      break;
    }
    case 'hook-ends': {
      const going = world.going();
      const hook = going[step.index % Math.max(1, going.length)];
      if (hook !== undefined) world.endHook(hook.nonce, step.code);
      witness.sees(world);
      break;
    }
    case 'round':
      world.round(check);
  }
}

/** Plays a story; `check` sees every plan that is carried out. */
function play(
  { first, steps }: Story,
  check: (plan: AppPlan, world: HookWorld, witness: Witness) => void,
): HookWorld {
  const world = new HookWorld();
  const witness = new Witness();
  world.apply(specOf(first));
  for (const step of steps) {
    take(world, step, { witness, check: (plan) => check(plan, world, witness) });
  }
  return world;
}

describe('hooks, whatever happens', () => {
  it('let no process of a version start, and none make way for it, before its pre_start hook has ended well', () => {
    fc.assert(
      fc.property(stories, (story) => {
        play(story, ({ actions }, world, witness) => {
          const app = world.app();
          for (const action of actions) {
            const makesWay =
              action.kind === 'stop' &&
              action.hook === undefined &&
              ['TemplateChanged', 'CodeChanged', 'RestartRequested', 'Replaced'].includes(action.reason) &&
              !isOneOfTwo(action, world);
            if (action.kind !== 'start' && !makesWay) continue;
            const version = action.kind === 'start' ? action.app.templateHash : app.templateHash;
            expect(witness.good).toContain(version);
            expect([...witness.pending.keys()]).not.toContain(version);
          }
        });
      }),
      { ...runs, examples: [[CRASH_WHILE_PAUSED]] },
    );
  });

  it('run pre_start one at a time and once for a release: a failure is not tried again by itself', () => {
    fc.assert(
      fc.property(stories, (story) => {
        play(story, ({ actions }, now) => {
          const begins = actions.filter(
            (action) => action.kind === 'hook' && action.run.name === 'pre_start',
          );
          expect(begins.length + now.going('pre_start').length).toBeLessThanOrEqual(1);
          for (const action of begins) {
            if (action.kind !== 'hook') continue;
            const before = now.begun.filter(
              ({ action: { run } }) => run.name === 'pre_start' && run.of === action.run.of,
            );
            // Only one that was called off, because the app was stopped, begins again for the same release.
            for (const { nonce } of before) {
              const record = now.records.find((one) => one.nonce === nonce);
              const exit = now.hooks.find((one) => one.nonce === nonce)?.exit;
              const wasAsked = exit?.requested ?? record?.signal === 'SIGTERM';
              expect(wasAsked).toBe(true);
            }
          }
        });
      }),
      runs,
    );
  });

  it('begin nothing for an app that is stopped but what ends its processes, and no hook twice for one process', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const world = play(story, ({ actions }, now) => {
          if (now.app().override?.run !== 'stopped') return;
          const names = actions.flatMap((action) => (action.kind === 'hook' ? [action.run.name] : []));
          expect(names).not.toContain('pre_start');
          const stops = actions.flatMap((action) => (action.kind === 'stop' ? [action.nonce] : []));
          const left = now.going('pre_start').filter(({ state }) => state === 'running');
          expect(left.filter(({ nonce }) => !stops.includes(nonce))).toEqual([]);
          expect(actions.filter(({ kind }) => kind === 'start')).toEqual([]);
        });
        // A stop that was called off, and is decided again, is another stop.
        const ofProcesses = world.begun
          .filter(({ action: { run } }) => run.name === 'post_start' || run.name === 'post_stop')
          .map(({ action: { run } }) => `${run.name} ${run.of}`);
        expect(new Set(ofProcesses).size).toBe(ofProcesses.length);
      }),
      runs,
    );
  });

  it('come to rest, and leave nothing on the table', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const world = play(story, () => undefined);
        expect(world.settle()).toBe(true);
        expect(world.hooks).toEqual([]);
        expect(world.plan().actions).toEqual([]);
      }),
      runs,
    );
  });

  it('are planned the same in whatever order the table and the records come', () => {
    fc.assert(
      fc.property(stories, fc.infiniteStream(fc.nat()), (story, random) => {
        const world = play(story, () => undefined);
        const { instances, hooks, history, ...rest } = world.observed();
        const mixed: Observed = {
          ...rest,
          instances: shuffled(instances, random),
          hooks: shuffled(hooks ?? [], random),
          history: history.map((one) => ({ ...one, slots: shuffled(one.slots, random) })),
        };
        expect(sorted(world.plan(mixed))).toEqual(sorted(world.plan()));
      }),
      runs,
    );
  });
});

/** It was about to take the place of another one of its slot, which stays. */
function isOneOfTwo({ slot, nonce }: { slot: number; nonce: string }, world: HookWorld): boolean {
  return world.host.instances.some((it) => it.slot === slot && it.nonce !== nonce && it.state === 'running');
}

function shuffled<T>(items: readonly T[], random: Iterator<number>): readonly T[] {
  return items
    .map((item) => ({ item, at: (random.next().value as number) % 1_000 }))
    .sort((one, other) => one.at - other.at)
    .map(({ item }) => item);
}

/** The executor carries out all actions at once: their order says nothing. */
function sorted({ actions, holds, ...plan }: AppPlan): unknown {
  const texts = (list: readonly unknown[]): readonly string[] => list.map((it) => JSON.stringify(it)).sort();
  return { ...plan, actions: texts(actions), holds: texts(holds) };
}
