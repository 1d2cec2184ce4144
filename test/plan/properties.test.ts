import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appKey } from '../../src/lib/app-key.ts';
import { effectiveInstances, isUpToDate, runMode } from '../../src/plan/slots/effective.ts';
import { isActive, isReady } from '../../src/plan/slots/readiness.ts';
import { plan } from '../../src/plan/plan.ts';
import type { DesiredApp, Override } from '../../src/plan/model/desired.ts';
import type { InstanceState, ObservedInstance } from '../../src/plan/model/observed.ts';
import type { Plan } from '../../src/plan/model/plan.ts';
import type { AppSpec } from '../../src/spec/types.ts';
import { accept, hashOf, makeHistory, makeSpec, NOW, observe } from './fixtures.ts';
import { SimulatedHost } from './simulated-host.ts';

const NAMES = ['a', 'b', 'c'] as const;
type Name = (typeof NAMES)[number];

// ---- what is declared ---------------------------------------------------------------------------------------------

function mostly<T>(usual: T, ...others: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof({ weight: 6, arbitrary: fc.constant(usual) }, fc.constantFrom(...others));
}

/** Of an app: what the planner looks at. A later name depends on earlier ones only, so there is no cycle. */
function specs(name: Name): fc.Arbitrary<AppSpec> {
  const earlier = NAMES.slice(0, NAMES.indexOf(name));
  const conditions = fc.constantFrom('started', 'ready', 'completed');
  return fc
    .record({
      instances: fc.integer({ min: 1, max: 4 }),
      version: fc.integer({ min: 0, max: 2 }),
      autostart: mostly(true, false),
      autorestart: mostly(true, false),
      min_uptime: fc.constantFrom(0, 1_000),
      max_restarts: mostly<number | null>(null, 0, 3),
      restart_delay: mostly<number | null>(null, 500),
      stop_exit_codes: mostly<readonly number[]>([], [0]),
      depends_on:
        earlier.length === 0
          ? fc.constant({})
          : fc.dictionary(fc.constantFrom(...earlier), conditions, { maxKeys: 1 }),
    })
    .map(({ version, ...fields }) => makeSpec({ name, env: { VERSION: String(version) }, ...fields }));
}

const overrides: fc.Arbitrary<Override | null> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(null) },
  fc.constantFrom<Override>(
    { run: 'stopped', by: 'ann', at: NOW },
    { run: 'running', by: 'ann', at: NOW },
    { instances: 3, by: 'ann', at: NOW },
    { instances: 0, by: 'ann', at: NOW },
  ),
);

/** What an operator or an apply makes of one app; null: it is not declared. */
interface Edit {
  readonly name: Name;
  readonly spec: AppSpec | null;
  readonly override: Override | null;
  readonly restart: boolean;
}

const edits: fc.Arbitrary<Edit> = fc.constantFrom(...NAMES).chain((name) =>
  fc.record({
    name: fc.constant(name),
    spec: fc.option(specs(name), { freq: 5 }),
    override: overrides,
    restart: fc.boolean(),
  }),
);

function applyEdit(desired: readonly DesiredApp[], edit: Edit, generation: number): readonly DesiredApp[] {
  const key = appKey('p', edit.name);
  const before = desired.find((app) => app.key === key);
  const others = desired.filter((app) => app.key !== key);
  if (edit.spec === null) return others;
  const app: DesiredApp = {
    key,
    project: 'p',
    spec: edit.spec,
    templateHash: hashOf(edit.spec),
    generation,
    restartGeneration: (before?.restartGeneration ?? 0) + (edit.restart ? 1 : 0),
    slotRestarts: before?.slotRestarts ?? {},
    lastRestart: null,
    revision: generation,
    override: edit.override,
  };
  return [...others, app];
}

// ---- what happens -------------------------------------------------------------------------------------------------

type Step =
  | { readonly kind: 'edit'; readonly edit: Edit }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'stopped'; readonly limit: number }
  | { readonly kind: 'crash'; readonly index: number; readonly code: number }
  | { readonly kind: 'come-up' }
  | { readonly kind: 'plan'; readonly jitter: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: edits.map((edit): Step => ({ kind: 'edit', edit })) },
  { weight: 3, arbitrary: fc.constantFrom(1, 100, 1_000, 12_000).map((ms): Step => ({ kind: 'pass', ms })) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 3 }).map((limit): Step => ({ kind: 'stopped', limit })) },
  {
    weight: 2,
    arbitrary: fc
      .record({ index: fc.nat(20), code: fc.constantFrom(0, 1) })
      .map((crash): Step => ({ kind: 'crash', ...crash })),
  },
  { weight: 3, arbitrary: fc.constant<Step>({ kind: 'come-up' }) },
  {
    weight: 8,
    arbitrary: fc.constantFrom(0, 0.5, 0.99).map((jitter): Step => ({ kind: 'plan', jitter })),
  },
);

/** Apps that have come to rest, and what happens to them then. */
interface Story {
  readonly specs: readonly AppSpec[];
  readonly steps: readonly Step[];
}

const stories: fc.Arbitrary<Story> = fc.record({
  specs: fc.tuple(...NAMES.map(specs)),
  steps: fc.array(step, { minLength: 1, maxLength: 60, size: 'max' }),
});

class World {
  readonly host = new SimulatedHost();
  desired: readonly DesiredApp[] = [];
  #generation = 0;

  take(step: Step, check: (plan: Plan) => void = () => undefined): void {
    switch (step.kind) {
      case 'edit':
        this.#generation += 1;
        this.desired = applyEdit(this.desired, step.edit, this.#generation);
        break;
      case 'pass':
        this.host.pass(step.ms);
        break;
      case 'stopped':
        this.host.endStopping(step.limit);
        break;
      case 'crash': {
        const running = this.host.instances.filter(({ state }) => state === 'running');
        const victim = running[step.index % Math.max(1, running.length)];
        if (victim !== undefined) this.host.end(victim.nonce, { code: step.code });
        break;
      }
      case 'come-up':
        this.host.comeUp();
        break;
      case 'plan':
        this.planAndExecute(step.jitter, check);
        break;
    }
  }

  planAndExecute(jitter: number, check: (plan: Plan) => void = () => undefined): Plan {
    this.host.recordExits(this.desired, jitter);
    const made = this.plan();
    check(made);
    this.host.execute(made);
    return made;
  }

  plan(): Plan {
    return plan(this.desired, this.host.observe(), this.host.now);
  }

  /** Plans, executes and lets time pass until nothing is left to do; processes do what they are asked. */
  settle(): Plan {
    this.host.accept(this.desired);
    for (let round = 0; round < 200; round += 1) {
      const { actions, requeueAfterMs } = this.planAndExecute(0.5);
      const stopping = this.host.instances.some(({ state }) => state === 'stopping');
      const starting = this.host.instances.some(({ state }) => state === 'starting');
      if (actions.length === 0 && requeueAfterMs === null && !stopping && !starting) return this.plan();
      this.host.endStopping();
      this.host.comeUp();
      if (requeueAfterMs !== null) this.host.pass(requeueAfterMs);
    }
    throw new Error('no fixpoint within 200 rounds');
  }
}

/** The apps of a story before anything happens to them. */
function openingOf({ specs }: Story): World {
  const world = new World();
  for (const [index, name] of NAMES.entries()) {
    const edit = { name, spec: specs[index] ?? null, override: null, restart: false };
    world.take({ kind: 'edit', edit });
  }
  world.settle();
  return world;
}

function worldAfter(story: Story): World {
  const world = openingOf(story);
  for (const step of story.steps) world.take(step);
  return world;
}

function wantedBy(app: DesiredApp | undefined): number {
  if (app === undefined || runMode(app.spec, app.override) === 'stopped') return 0;
  return effectiveInstances(app.spec, app.override);
}

/** Slots that hold two processes: one may be taking the place of the other. */
function pairsOf(live: readonly ObservedInstance[], wanted: number): number {
  const active = live.filter((it) => isActive(it) && it.slot < wanted).map(({ slot }) => slot);
  return active.length - new Set(active).size;
}

// ---- a table that nobody would want -------------------------------------------------------------------------------

const STATES: readonly InstanceState[] = ['starting', 'running', 'stopping', 'exited', 'unverified'];

interface Snapshot {
  readonly desired: readonly DesiredApp[];
  readonly instances: readonly ObservedInstance[];
  readonly histories: readonly { readonly name: string; readonly slot: number; readonly attempt: number }[];
}

/** Any desired state with any process table: duplicates, strays, unknown processes and all. */
const snapshots: fc.Arbitrary<Snapshot> = fc.record({
  desired: fc.tuple(...NAMES.map((name) => fc.option(fc.tuple(specs(name), overrides)))).map((apps) =>
    apps.flatMap((app, index) => {
      const name = NAMES[index];
      if (app === null || name === undefined) return [];
      return applyEdit([], { name, spec: app[0], override: app[1], restart: false }, 3);
    }),
  ),
  instances: fc
    .array(
      fc.record({
        name: fc.constantFrom(...NAMES, 'stray'),
        slot: fc.nat(5),
        state: fc.constantFrom(...STATES),
        version: fc.nat(2),
        generation: fc.integer({ min: 1, max: 4 }),
        restartGeneration: fc.nat(1),
        upMs: fc.constantFrom(0, 400, 60_000),
        probedReady: fc.constantFrom(null, true, false),
        requested: fc.boolean(),
      }),
      { maxLength: 12 },
    )
    .map((rows) =>
      rows.map(({ name, version, requested, ...row }, index): ObservedInstance => {
        const exit = { code: 1, signal: null, at: NOW - 50, upMs: row.upMs, requested, error: null };
        return {
          ...row,
          nonce: `n${index}`,
          key: appKey('p', name),
          pid: index,
          revision: 1,
          templateHash: hashOf(makeSpec({ env: { VERSION: String(version) } })),
          startedAt: NOW - row.upMs,
          exit: row.state === 'exited' ? exit : null,
        };
      }),
    ),
  histories: fc.array(fc.record({ name: fc.constantFrom(...NAMES), slot: fc.nat(4), attempt: fc.nat(5) }), {
    maxLength: 5,
  }),
});

function observedOf({ desired, instances, histories }: Snapshot) {
  const history = desired.map((app) => ({
    key: app.key,
    slots: [
      ...new Map(
        histories.filter(({ name }) => name === app.spec.name).map((row) => [row.slot, row]),
      ).values(),
    ].map(({ slot, attempt }) => makeHistory(app, { slot, attempt, lastNonce: `ended-${slot}` })),
  }));
  return observe({ instances, history, accepted: desired.map((app) => accept(app)) });
}

function shuffled<T>(items: readonly T[], seed: number): readonly T[] {
  return items
    .map((item, index) => ({ item, rank: Math.imul(index + 1, seed * 2 + 1) >>> 3 }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}

describe('any plan of any host', () => {
  it('is the same whatever the order of the input', () => {
    fc.assert(
      fc.property(snapshots, fc.nat(1_000_000), (snapshot, seed) => {
        const observed = observedOf(snapshot);
        const other = {
          ...observed,
          instances: shuffled(observed.instances, seed),
          accepted: shuffled(observed.accepted, seed),
          history: shuffled(observed.history, seed).map((it) => ({ ...it, slots: shuffled(it.slots, seed) })),
        };
        const expected = plan(snapshot.desired, observed, NOW);
        expect(plan(shuffled(snapshot.desired, seed), other, NOW)).toEqual(expected);
      }),
    );
  });

  it('leaves its input as it is', () => {
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        const observed = observedOf(snapshot);
        const copy = structuredClone({ desired: snapshot.desired, observed });
        plan(snapshot.desired, observed, NOW);
        expect({ desired: snapshot.desired, observed }).toEqual(copy);
      }),
    );
  });

  it('never signals a process that is not proven to be ours, and never starts one beside it', () => {
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        const { actions } = plan(snapshot.desired, observedOf(snapshot), NOW);
        for (const unverified of snapshot.instances.filter(({ state }) => state === 'unverified')) {
          expect(actions.filter((action) => 'nonce' in action && action.nonce === unverified.nonce)).toEqual(
            [],
          );
          const { key, slot } = unverified;
          expect(actions.filter((it) => it.kind === 'start' && it.key === key && it.slot === slot)).toEqual(
            [],
          );
        }
      }),
    );
  });

  it('never starts a process in a slot where one lives, nor more than are wanted', () => {
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        const { actions } = plan(snapshot.desired, observedOf(snapshot), NOW);
        for (const app of snapshot.desired) {
          const live = snapshot.instances.filter(({ key, state }) => key === app.key && state !== 'exited');
          const wanted = wantedBy(app);
          const starts = actions.filter(({ kind, key }) => kind === 'start' && key === app.key);
          for (const { slot } of starts) {
            expect(slot).toBeLessThan(wanted);
            expect(live.some((instance) => instance.slot === slot)).toBe(false);
          }
          const counted = live.filter(({ state, slot }) => state !== 'unverified' || slot < wanted);
          expect(starts.length).toBeLessThanOrEqual(
            Math.max(0, wanted + pairsOf(live, wanted) - counted.length),
          );
        }
      }),
    );
  });

  it('acts on each process once, and only on what is desired or observed', () => {
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        const { actions } = plan(snapshot.desired, observedOf(snapshot), NOW);
        const targets = actions.map((it) => ('nonce' in it ? it.nonce : `${it.key}:${it.slot}`));
        expect(new Set(targets).size).toBe(targets.length);
        const known = new Set([...snapshot.desired, ...snapshot.instances].map(({ key }) => key));
        expect(actions.filter(({ key }) => !known.has(key))).toEqual([]);
      }),
    );
  });

  it('never starts an app that is stopped or not desired', () => {
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        const { actions } = plan(snapshot.desired, observedOf(snapshot), NOW);
        const startable = snapshot.desired.filter((app) => wantedBy(app) > 0).map(({ key }) => key);
        for (const action of actions) if (action.kind === 'start') expect(startable).toContain(action.key);
      }),
    );
  });

  it('asks for no time at which nothing can be new, and never for none', () => {
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        const { requeueAfterMs } = plan(snapshot.desired, observedOf(snapshot), NOW);
        if (requeueAfterMs !== null) expect(requeueAfterMs).toBeGreaterThanOrEqual(1);
      }),
    );
  });

  it('does nothing while the runner does not answer', () => {
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        const made = plan(snapshot.desired, { ...observedOf(snapshot), reachable: false }, NOW);
        expect(made.actions).toEqual([]);
        expect(made.requeueAfterMs).toBeNull();
        for (const assessed of made.health)
          expect(assessed).toMatchObject({ sync: 'Unknown', converged: false });
      }),
    );
  });

  it('never contradicts itself in what it says of an app', () => {
    fc.assert(
      fc.property(snapshots, fc.boolean(), (snapshot, reachable) => {
        const made = plan(snapshot.desired, { ...observedOf(snapshot), reachable }, NOW);
        for (const {
          key,
          health,
          sync,
          converged,
          readyInstances,
          desiredInstances,
          conditions,
        } of made.health) {
          const statusOf = (type: string) => conditions.find((it) => it.type === type)?.status;
          expect(readyInstances).toBeLessThanOrEqual(desiredInstances);
          if (converged) expect(sync).toBe('Synced');
          // One that is to go says no more.
          if (!snapshot.desired.some((app) => app.key === key)) continue;
          if (converged) expect(['CrashLoop', 'Failed', 'Degraded', 'Missing']).not.toContain(health);
          const expected = { Synced: 'True', OutOfSync: 'False', Unknown: 'Unknown' }[sync];
          expect(statusOf('Synced')).toBe(expected);
          if (health === 'CrashLoop') expect(sync).not.toBe('Synced');
          const live = snapshot.instances.some((it) => it.key === key && it.state !== 'exited');
          if (health === 'Failed' && !live) expect(sync).not.toBe('Synced');
          if (reachable && health === 'Healthy') expect(statusOf('Ready')).toBe('True');
          if (reachable && statusOf('Ready') === 'True')
            expect(['Failed', 'CrashLoop']).not.toContain(health);
          if (converged) expect(made.changes.find(({ app }) => app === key)?.touches).toBe(0);
        }
      }),
    );
  });

  it('says unchanged only of an app on whose processes it does not act', () => {
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        const { actions, changes } = plan(snapshot.desired, observedOf(snapshot), NOW);
        for (const { app, touches } of changes.filter(({ kind }) => kind === 'unchanged')) {
          expect(touches).toBe(0);
          expect(actions.filter(({ key, kind }) => key === app && kind !== 'forget')).toEqual([]);
        }
      }),
    );
  });

  it('touches at least as many processes as it starts and stops now', () => {
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        const { actions, changes } = plan(snapshot.desired, observedOf(snapshot), NOW);
        for (const { app, touches } of changes) {
          const now = actions.filter(({ key, kind }) => key === app && (kind === 'start' || kind === 'stop'));
          expect(touches).toBeGreaterThanOrEqual(now.length);
        }
      }),
    );
  });
});

describe('planning and executing, whatever happens', () => {
  const runs = { numRuns: 400 };

  it('never has two processes in one slot, nor more processes than are wanted or were there', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const world = openingOf(story);
        const { host } = world;
        for (const step of story.steps) {
          const before = new Map(NAMES.map((name) => [name, host.live(appKey('p', name)).length]));
          world.take(step);
          for (const name of NAMES) {
            const key = appKey('p', name);
            const live = host.live(key);
            expect(new Set(live.map(({ slot }) => slot)).size).toBe(live.length);
            const wanted = wantedBy(world.desired.find((app) => app.key === key));
            expect(live.length).toBeLessThanOrEqual(Math.max(wanted, before.get(name) ?? 0));
          }
        }
      }),
      runs,
    );
  });

  it('takes at most one ready instance of an app out at a time', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const world = openingOf(story);
        const check = (made: Plan) => {
          for (const app of world.desired) {
            const wanted = wantedBy(app);
            const isWanted = ({ slot }: { readonly slot: number }) => slot < wanted;
            const live = world.host.live(app.key).filter(isWanted);
            const stops = made.actions.filter(
              (action) => action.kind === 'stop' && action.key === app.key && isWanted(action),
            );
            const stopped = live.filter(
              (it) =>
                isReady(it, app.spec) && stops.some((stop) => 'nonce' in stop && stop.nonce === it.nonce),
            );
            expect(stopped.length).toBeLessThanOrEqual(1);
            // No instance that serves is taken while another wanted one does not serve and is not done.
            const assessed = made.health.find(({ key }) => key === app.key);
            const done = world.host.history
              .get(app.key)
              ?.filter((history) => isWanted(history) && !live.some(({ slot }) => slot === history.slot));
            if (stopped.length === 1 && (done ?? []).length === 0)
              expect(assessed?.readyInstances).toBe(wanted);
          }
        };
        for (const step of story.steps) world.take(step, check);
      }),
      runs,
    );
  });

  it('never starts what an operator has stopped, and never touches what is declared and runs', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const world = openingOf(story);
        const check = (made: Plan) => {
          for (const action of made.actions) {
            const app = world.desired.find(({ key }) => key === action.key);
            if (action.kind === 'start') expect(app?.override?.run).not.toBe('stopped');
            if (action.kind !== 'stop' || app === undefined) continue;
            const victim = world.host.instances.find(({ nonce }) => nonce === action.nonce);
            const innocent = victim !== undefined && isUpToDate(victim, app) && victim.slot < wantedBy(app);
            expect(innocent).toBe(false);
          }
        };
        for (const step of story.steps) world.take(step, check);
      }),
      runs,
    );
  });

  it('starts the newest generation only, also in the middle of a rollout', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const world = openingOf(story);
        const check = (made: Plan) => {
          for (const action of made.actions) {
            if (action.kind !== 'start') continue;
            expect(action.app).toEqual(world.desired.find(({ key }) => key === action.key));
          }
        };
        for (const step of story.steps) world.take(step, check);
      }),
      runs,
    );
  });

  it('comes to rest, and then everything that can run is what is declared', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const world = worldAfter(story);
        const { health, holds } = world.settle();
        for (const assessed of health) {
          const app = world.desired.find(({ key }) => key === assessed.key);
          const waits = holds.some(
            ({ key, reason }) =>
              key === assessed.key && (reason === 'DependencyNotReady' || reason === 'RolloutInProgress'),
          );
          if (assessed.health === 'Failed' || assessed.health === 'Degraded' || waits) continue;
          expect(assessed).toMatchObject({ converged: true, sync: 'Synced' });
          const live = world.host.live(assessed.key);
          expect(live.every((instance) => app !== undefined && isUpToDate(instance, app))).toBe(true);
          expect(live.every(({ generation }) => generation === app?.generation)).toBe(true);
        }
      }),
      runs,
    );
  });

  it('touches nothing when what was applied is applied again', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const world = worldAfter(story);
        const { actions, changes, summary, health } = world.settle();
        expect(actions).toEqual([]);
        for (const { app, kind, touches } of changes) {
          if (health.find(({ key }) => key === app)?.converged !== true) continue;
          expect({ kind, touches }).toEqual({ kind: 'unchanged', touches: 0 });
        }
        if (health.every(({ converged }) => converged)) {
          expect(summary).toMatchObject({
            processesTouched: 0,
            processesUntouched: world.host.instances.length,
          });
        }
      }),
      runs,
    );
  });

  it('keeps its word: unchanged and 0 touched stays so until something happens', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const world = worldAfter(story);
        world.host.recordExits(world.desired, 0.5);
        world.host.accept(world.desired);
        const promised = new Set(
          world
            .plan()
            .changes.filter(({ kind }) => kind === 'unchanged')
            .map(({ app }) => app),
        );
        for (let round = 0; round < 10; round += 1) {
          const { actions, requeueAfterMs } = world.planAndExecute(0.5);
          expect(actions.filter(({ key, kind }) => promised.has(key) && kind !== 'forget')).toEqual([]);
          world.host.endStopping();
          world.host.comeUp();
          world.host.pass(requeueAfterMs ?? 60_000);
        }
      }),
      runs,
    );
  });

  it('starts and stops exactly as many processes as the preview said', () => {
    fc.assert(
      fc.property(stories, edits, (story, edit) => {
        const world = worldAfter(story);
        if (world.settle().health.some(({ converged }) => !converged)) return;
        world.take({ kind: 'edit', edit });
        const preview = world.plan();
        const before = world.host.instances;
        if (world.settle().health.some(({ converged }) => !converged)) return;
        const after = world.host.instances;
        // A replacement is one process that goes and one that comes, in one slot.
        const isIn = (table: readonly ObservedInstance[]) => (it: ObservedInstance) =>
          table.some(({ nonce }) => nonce === it.nonce);
        const moved = [...before, ...after].filter((it) => !(isIn(before)(it) && isIn(after)(it)));
        expect(preview.summary.processesTouched).toBe(
          new Set(moved.map(({ key, slot }) => `${key}:${slot}`)).size,
        );
        expect(preview.summary.processesUntouched).toBe(before.filter(isIn(after)).length);
      }),
      runs,
    );
  });
});
