import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../lib/values/canonical-json.ts';
import { hashShown } from '../../../api/contract/shown-plan.ts';
import type { PlanBasis, PlanDocument } from '../../../api/contract/wire/plan.ts';
import type { Failure } from '../../../lib/failure.ts';
import type { KubernetesObject } from '../objects.ts';
import { isWorkload, type AppObjects } from './app-objects.ts';
import { numberAt, textAt } from './fields.ts';
import { objectKey, wanted, type LiveObject } from './live-object.ts';

/**
 * What a plan was made against: what is declared, and every object of its apps as somebody wants it to be. Not its resource
 * version, which changes with every pod that comes or goes. `autoscaled`: keys of objects whose replicas are not ours.
 */
export function basisOf(
  apps: readonly AppObjects[],
  declared: readonly KubernetesObject[],
  autoscaled: ReadonlySet<string>,
): PlanBasis {
  const there = apps.map(({ key, compared, stale, kept }) => {
    const objects = [...compared.flatMap(({ live }) => live ?? []), ...stale, ...kept];
    return {
      app: key,
      generation: numberAt(objects.find(isWorkload), 'metadata', 'generation'),
      restartGeneration: 0,
      processes: objects.map((object) => stateOf(object, autoscaled)).toSorted(),
    };
  });
  const basis = { apps: there, desiredHash: hash(declared) };
  return { fingerprint: hash(basis), ...basis };
}

/** `Deployment/api:1f0c…` */
function stateOf(object: LiveObject, autoscaled: ReadonlySet<string>): string {
  const form = wanted(object);
  const { replicas: _, ...spec } = (form['spec'] ?? {}) as Record<string, unknown>;
  const seen = autoscaled.has(objectKey(object)) ? { ...form, spec } : form;
  return `${objectKey(object)}:${hash([textAt(object, 'metadata', 'uid') ?? '', seen])}`;
}

function hash(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 16);
}

/** Why a saved plan does not hold any more; null: it does. `now`: the plan as it would be made now. */
export function staleness(saved: PlanBasis, now: PlanDocument): Failure | null {
  const moved = whatMoved(saved, now.basis);
  const isOther = saved.shown !== undefined && saved.shown !== hashShown(now);
  if (moved.length === 0 && !isOther) return null;
  return {
    code: 'PLAN_STALE',
    message: 'the saved plan does not hold any more',
    details: moved.length > 0 ? moved : ['what it shows is not what applying it would do'],
    hint: 'make a new plan, look at it, and apply that one',
  };
}

/** What differs between two bases, in words; empty: a plan still holds. */
export function whatMoved(before: PlanBasis, after: PlanBasis): readonly string[] {
  const [one, other] = [before, after].map(
    ({ apps }) =>
      new Map(
        apps.flatMap(({ app, processes }) =>
          processes.map((state) => {
            const [object = '', form = ''] = state.split(':');
            return [`${app}: ${object}`, form] as const;
          }),
        ),
      ),
  );
  const keys = [...new Set([...(one?.keys() ?? []), ...(other?.keys() ?? [])])].sort();
  return [
    ...(before.desiredHash === after.desiredHash
      ? []
      : ['what is declared is not what the plan was made from']),
    ...keys.flatMap((key) => {
      const [then, now] = [one?.get(key), other?.get(key)];
      if (then === now) return [];
      return [
        `${key} ${then === undefined ? 'is there now' : now === undefined ? 'is gone' : 'has changed'}`,
      ];
    }),
  ];
}
