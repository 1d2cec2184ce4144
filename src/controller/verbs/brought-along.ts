import type { VerbRequest } from '../../api/contract/wire/verbs.ts';
import type { AppKey } from '../../lib/app-key.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import {
  absentDependencies,
  dependencyFailure,
  type AbsentDependency,
} from '../../plan/guards/absent-dependencies.ts';
import { effectiveInstances } from '../../plan/slots/effective.ts';
import type { DesiredApp } from '../../plan/model/desired.ts';
import { acceptedApps, desiredSnapshot, type DesiredSnapshot } from '../../state/desired/desired.ts';
import { reduceAll } from '../../state/desired/reducer.ts';
import type { ControllerContext } from '../context/context.ts';
import { startFacts, type TargetEffect } from './verb-effects.ts';

/** Verbs after which there are processes that were not there before. */
const STARTING: ReadonlySet<VerbRequest['verb']> = new Set(['start', 'restart', 'reload', 'scale']);

type Request = Exclude<VerbRequest, { verb: 'delete' }>;

/**
 * The effects that start dependencies which do not run, when that was asked for. Otherwise a failure: the targets
 * would wait in vain.
 */
export function broughtAlong(
  effects: readonly TargetEffect[],
  request: Request,
  context: ControllerContext,
): Result<readonly TargetEffect[], Failure> {
  const { verb } = request;
  const changing = effects.filter(({ effect: { facts } }) => facts.length > 0);
  if (!STARTING.has(verb) || changing.length === 0 || !context.driver.reachable) return ok([]);
  const { absent, after } = absentFor(changing, verb, context);
  if (verb === 'start' && request.withDependencies === true) {
    const missing = absent.filter(({ dependency }) => !after.byKey.has(dependency));
    const failure = dependencyFailure(missing, verb, 'declare it with stateward apply');
    return failure === null
      ? ok(startsOf(absent, after, { by: request.by, at: context.clock.now() }))
      : err(failure);
  }
  const names = absent.map(({ dependency }) => dependency).join(' ');
  const hint =
    verb === 'start' ? 'bring it along with --with-dependencies' : `start it first: stateward start ${names}`;
  const failure = dependencyFailure(absent, verb, hint);
  return failure === null ? ok([]) : err(failure);
}

/** What the targets would wait for in vain, in the desired state as the effects make it. */
function absentFor(
  changing: readonly TargetEffect[],
  verb: Request['verb'],
  { store, observer, clock }: ControllerContext,
): { readonly absent: readonly AbsentDependency[]; readonly after: DesiredSnapshot } {
  const facts = changing.flatMap(({ effect }) => effect.facts);
  const records = reduceAll(store.records(), facts);
  const after = desiredSnapshot(records);
  const grows = (key: AppKey): boolean =>
    instancesOf(after.byKey.get(key)) > instancesOf(store.desiredApp(key));
  const starting = changing
    .map(({ target }) => target.app.key)
    .filter((key) => verb !== 'scale' || grows(key));
  const observed = {
    reachable: true,
    instances: observer.instances(),
    history: store.histories(),
    accepted: acceptedApps(records),
  };
  return { absent: absentDependencies(starting, after.apps, observed, clock.now()), after };
}

function startsOf(
  absent: readonly AbsentDependency[],
  { byKey }: DesiredSnapshot,
  by: { readonly by: string; readonly at: number },
): readonly TargetEffect[] {
  return absent.flatMap(({ dependency }) => {
    const app = byKey.get(dependency);
    if (app === undefined) return [];
    const effect = { facts: startFacts(app, by), reason: 'StartedByOperator', message: 'started' } as const;
    return [{ target: { app, slot: null }, effect }];
  });
}

function instancesOf(app: DesiredApp | undefined): number {
  return app === undefined ? 0 : effectiveInstances(app.spec, app.override);
}
