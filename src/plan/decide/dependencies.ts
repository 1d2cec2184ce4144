import { appKey, splitAppKey, type AppKey } from '../../lib/app-key.ts';
import { dependencyEdges } from '../../spec/dependencies.ts';
import type { AppSpec, DependencyCondition } from '../../spec/types.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { describeExit } from '../slots/restart-policy.ts';
import type { Occupant } from '../slots/occupant.ts';
import { hasDeclared, isCompleted, occupantsOf, type WantedSlot } from '../slots/slot.ts';
import { wantedSlots, type AppSlots } from '../slots/slots.ts';
import type { DesiredApp } from '../model/desired.ts';

/** A dependency that is not there yet. */
export interface UnmetDependency {
  readonly name: string;
  /** `dependency db not ready`, and what is wrong at the end of a chain. */
  readonly message: string;
  /** The app that has to move first: the dependency itself, or what that waits for. */
  readonly blockedBy: AppKey;
  /** Milliseconds after which time alone may meet it, or null. */
  readonly metInMs: number | null;
  /** It is never met by itself. */
  readonly isFinal?: true;
}

/**
 * What a dependency is needed for:
 * - `start`: a process in an empty slot. Any version of the dependency will do, or an app that crashes during a (stuck)
 *   rollout of its dependency would stay down.
 * - `replace`: replacing a running process. The dependency must first be at its declared version, and that must have
 *   proven itself, so that apps which change together change in order.
 */
export type DependencyPurpose = 'start' | 'replace';

/** The dependencies of `app` that are not met, sorted by name. `slotsOf` gives undefined for an app not desired. */
export function unmetDependencies(
  app: DesiredApp,
  purpose: DependencyPurpose,
  slotsOf: (key: AppKey) => AppSlots | undefined,
): readonly UnmetDependency[] {
  return dependencyEdges(app.spec).flatMap(({ name, condition }) => {
    const key = appKey(app.project, name);
    const unmet = checkDependency(slotsOf(key), condition, purpose);
    if (unmet === null) return [];
    const blockedBy = rootOf(key, slotsOf);
    const message = `dependency ${name} ${unmet.text}${describeRoot(key, blockedBy, slotsOf)}`;
    return [
      { name, message, blockedBy, metInMs: unmet.inMs, ...(unmet.isFinal && { isFinal: true as const }) },
    ];
  });
}

/** Chains are followed to this length, so that planning a very long one stays linear. */
const LONGEST_CHAIN = 50;

/** Follows unmet dependencies to the end: the app that is missing although all that it depends on is there. */
function rootOf(start: AppKey, slotsOf: (key: AppKey) => AppSlots | undefined): AppKey {
  const seen = new Set<AppKey>();
  let key = start;
  for (;;) {
    seen.add(key);
    if (seen.size === LONGEST_CHAIN) return key;
    const slots = slotsOf(key);
    // What runs waits for nothing, and neither does what should not run.
    if (slots === undefined || slots.slots.every(({ holds }) => holds !== 'nothing')) return key;
    const { app } = slots;
    const next = dependencyEdges(app.spec)
      .map(({ name, condition }) => ({ key: appKey(app.project, name), condition }))
      .find((edge) => checkDependency(slotsOf(edge.key), edge.condition, 'start') !== null);
    if (next === undefined || seen.has(next.key)) return key;
    key = next.key;
  }
}

function describeRoot(
  dependency: AppKey,
  root: AppKey,
  slotsOf: (key: AppKey) => AppSlots | undefined,
): string {
  const trouble = troubleOf(slotsOf(root));
  if (root === dependency) return trouble === null ? '' : `: ${trouble}`;
  const { name } = splitAppKey(root);
  return trouble === null ? `, which waits for ${name}` : `, which waits for ${name}: ${trouble}`;
}

/** Why an app that should run does not, where its own exits say so. */
function troubleOf(slots: AppSlots | undefined): string | null {
  for (const slot of slots?.slots ?? []) {
    if (slot.holds !== 'nothing') continue;
    const { next, history } = slot;
    if (next.kind === 'never' && next.outcome === 'Failed') return `failed, ${next.message}`;
    const exit = history?.lastExit ?? null;
    if (next.kind === 'later' && exit !== null) return describeExit(exit);
  }
  return null;
}

function checkDependency(
  dependency: AppSlots | undefined,
  condition: DependencyCondition,
  purpose: DependencyPurpose,
): { readonly text: string; readonly inMs: number | null; readonly isFinal?: true } | null {
  if (dependency === undefined) return { text: 'is not declared', inMs: null };
  const wanted = wantedSlots(dependency);
  if (dependency.lastRun === 'succeeded' && wanted.length === 0) return null;
  if (dependency.lastRun !== null && wanted.length === 0)
    return { text: 'has not completed a run', inMs: null };
  if (wanted.length === 0)
    return { text: `is ${dependency.mode === 'idle' ? 'not started' : 'stopped'}`, inMs: null };
  const { spec } = dependency.app;
  const missing = wanted.filter((slot) =>
    isCompleted(slot) ? !meetsByEnd(slot, condition, spec) : !meets(slot, condition, purpose),
  );
  if (missing.length === 0) return null;
  if (missing.every(isCompleted)) return { text: ENDED_UNREADY, inMs: null, isFinal: true };
  const waits = missing.map((slot) => metInMs(slot, purpose));
  const timed = waits.every((wait) => wait !== null);
  return { text: CONDITION_TEXT[condition], inMs: timed ? Math.max(...waits) : null };
}

const ENDED_UNREADY = 'not ready: it ended before it was (`completed` is what waits for the end of a job)';

/** A job that has done its work counts as ready, unless the spec says what ready means. */
function meetsByEnd({ history }: WantedSlot, condition: DependencyCondition, spec: AppSpec): boolean {
  if (condition !== 'ready') return true;
  const saysReady = spec.readiness !== null || spec.startup !== null || spec.wait_ready;
  return !saysReady || history?.lastReady === true;
}

const CONDITION_TEXT = {
  started: 'not started',
  ready: 'not ready',
  completed: 'not completed',
} as const satisfies Record<DependencyCondition, string>;

/** The processes of a dependency that count for a purpose. */
function countingFor(slot: WantedSlot, purpose: DependencyPurpose): readonly Occupant[] {
  if (purpose === 'start') return occupantsOf(slot);
  return hasDeclared(slot) ? [slot.declared] : [];
}

/** Milliseconds after which time alone makes the slot ready, or available where that counts; null: it does not. */
function metInMs(slot: WantedSlot, purpose: DependencyPurpose): number | null {
  const [first] = countingFor(slot, purpose);
  if (first === undefined) return null;
  return purpose === 'replace' ? first.availableInMs : first.readyInMs;
}

function meets(slot: WantedSlot, condition: DependencyCondition, purpose: DependencyPurpose): boolean {
  const counting = countingFor(slot, purpose);
  switch (condition) {
    case 'started':
      return counting.some(({ instance }) => instance.state === 'running');
    case 'ready':
      return counting.some(({ ready, available }) => (purpose === 'replace' ? available : ready));
    case 'completed':
      return false;
    default:
      return unreachable(condition);
  }
}
