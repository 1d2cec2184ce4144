import { appKey, type AppKey } from '../lib/app-key.ts';
import type { DependencyCondition } from '../spec/types.ts';
import { unreachable } from '../lib/unreachable.ts';
import { isCompleted, type AppSlots, type Slot } from './slots.ts';
import type { DesiredApp } from './types.ts';

/** A dependency that is not there yet. */
export interface UnmetDependency {
  readonly name: string;
  /** `dependency db not ready`. */
  readonly message: string;
  /** Milliseconds after which time alone may meet it, or null. */
  readonly metInMs: number | null;
}

/**
 * What has to be met:
 * - `start`: for a process in an empty slot. Any version of the dependency serves, or an app that crashes while its
 *   dependency is being rolled out (or is stuck at that) would stay down.
 * - `replace`: for replacing a process that runs. The dependency is to be at its declared version first, so that apps
 *   which change together change in order.
 */
export type DependencyPurpose = 'start' | 'replace';

/** The dependencies of `app` that are not met, sorted by name. `slotsOf` gives undefined for an app not desired. */
export function unmetDependencies(
  app: DesiredApp,
  purpose: DependencyPurpose,
  slotsOf: (key: AppKey) => AppSlots | undefined,
): readonly UnmetDependency[] {
  return Object.entries(app.spec.depends_on)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, condition]) => {
      const dependency = slotsOf(appKey(app.project, name));
      const unmet = checkDependency(dependency, condition, purpose);
      return unmet === null
        ? []
        : [{ name, message: `dependency ${name} ${unmet.text}`, metInMs: unmet.inMs }];
    });
}

function checkDependency(
  dependency: AppSlots | undefined,
  condition: DependencyCondition,
  purpose: DependencyPurpose,
): { readonly text: string; readonly inMs: number | null } | null {
  if (dependency === undefined) return { text: 'is not declared', inMs: null };
  const wanted = dependency.slots.filter(({ wanted }) => wanted);
  if (wanted.length === 0)
    return { text: `is ${dependency.mode === 'idle' ? 'not started' : 'stopped'}`, inMs: null };
  const missing = wanted.filter((slot) => !isCompleted(slot) && !meets(slot, condition, purpose));
  if (missing.length === 0) return null;
  const waits = missing.map((slot) => slot.readyInMs);
  const timed = waits.every((wait) => wait !== null);
  return { text: CONDITION_TEXT[condition], inMs: timed ? Math.max(...waits) : null };
}

const CONDITION_TEXT = {
  started: 'not started',
  ready: 'not ready',
  completed: 'not completed',
} as const satisfies Record<DependencyCondition, string>;

function meets(slot: Slot, condition: DependencyCondition, purpose: DependencyPurpose): boolean {
  if (slot.current === null || (purpose === 'replace' && !slot.upToDate)) return false;
  switch (condition) {
    case 'started':
      return slot.current.state === 'running';
    case 'ready':
      return slot.ready;
    case 'completed':
      return false;
    default:
      return unreachable(condition);
  }
}
