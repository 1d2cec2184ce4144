import type { AppSpec } from '../../spec/types.ts';
import { byNonce } from '../model/order.ts';
import type { DesiredApp } from '../model/desired.ts';
import type { ObservedInstance } from '../model/observed.ts';
import { isUpToDate, specFor } from './effective.ts';
import { isReady } from './readiness.ts';
import { isScheduled } from './schedule.ts';

/** Most lists of a slot are empty. They share this one, so that planning a large host does not make millions. */
export const NONE: readonly ObservedInstance[] = [];

type Order = (a: ObservedInstance, b: ObservedInstance) => number;

/** The instances that pass, in this order. */
export function pick(
  instances: readonly ObservedInstance[],
  has: (instance: ObservedInstance) => boolean,
  order: Order = byNonce,
): readonly ObservedInstance[] {
  return instances.some(has) ? instances.filter(has).sort(order) : NONE;
}

/** Which of the active processes of a slot stay, and which have no place. */
export interface Kept {
  readonly declared: ObservedInstance | null;
  readonly outdated: ObservedInstance | null;
  readonly surplus: readonly ObservedInstance[];
}

/**
 * Keeps one process that runs what is declared, and one that does not, side by side while the first proves itself. A job
 * keeps only one: its earlier run is over.
 */
export function keep(
  active: readonly ObservedInstance[],
  app: DesiredApp,
  isDeclared: (instance: ObservedInstance) => boolean,
): Kept {
  const [only] = active;
  if (only === undefined) return { declared: null, outdated: null, surplus: NONE };
  if (active.length === 1) {
    return isDeclared(only)
      ? { declared: only, outdated: null, surplus: NONE }
      : { declared: null, outdated: only, surplus: NONE };
  }
  const allDeclared = pick(active, isDeclared, (a, b) => compareDeclared(a, b, app.spec));
  const allOutdated = pick(
    active,
    (instance) => !isDeclared(instance),
    (a, b) => compareOutdated(a, b, app),
  );
  const [declared = null] = allDeclared;
  const outdated = declared !== null && isScheduled(app.spec) ? null : (allOutdated[0] ?? null);
  const surplus = [...allDeclared, ...allOutdated].filter((it) => it !== declared && it !== outdated);
  return { declared, outdated, surplus };
}

/** Of several up-to-date processes the newest is kept, then what is ready, then any fixed order. */
function compareDeclared(a: ObservedInstance, b: ObservedInstance, spec: AppSpec): number {
  return (
    b.generation - a.generation ||
    Number(isReady(b, spec)) - Number(isReady(a, spec)) ||
    b.startedAt - a.startedAt ||
    byNonce(a, b)
  );
}

/** Of several outdated ones what serves, then the version that has proven itself last, then the oldest. */
function compareOutdated(a: ObservedInstance, b: ObservedInstance, app: DesiredApp): number {
  const previous = app.rollout?.previous ?? null;
  const isProven = (it: ObservedInstance): boolean => previous !== null && isUpToDate(it, previous);
  return (
    usefulness(b, app) - usefulness(a, app) ||
    Number(isProven(b)) - Number(isProven(a)) ||
    a.startedAt - b.startedAt ||
    byNonce(a, b)
  );
}

function usefulness(instance: ObservedInstance, app: DesiredApp): number {
  if (isReady(instance, specFor(instance, app))) return 2;
  return instance.notReady?.undecided === true ? 1 : 0;
}
