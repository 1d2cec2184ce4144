import { resolveSelectors, type Target } from '../../api/contract/selectors.ts';
import type { WaitTarget } from '../../api/contract/wire/apply.ts';
import type { VerbRequest, VerbResponse } from '../../api/contract/wire/verbs.ts';
import { splitAppKey, type AppKey } from '../../lib/app-key.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { absentDependencies, dependencyFailure } from '../../plan/guards/absent-dependencies.ts';
import { effectiveInstances } from '../../plan/slots/effective.ts';
import type { DesiredApp } from '../../plan/model/types.ts';
import { acceptedApps, desiredApps } from '../../state/desired/desired.ts';
import { reduce } from '../../state/desired/reducer.ts';
import { catalogue } from '../views/catalogue.ts';
import type { ControllerContext } from '../context/context.ts';
import { deleteApps } from './delete-apps.ts';
import { stopWaves } from '../context/stop-waves.ts';
import { startFacts, verbEffect, type VerbEffect, type VerbTarget } from './verb-effects.ts';

interface TargetEffect {
  readonly target: VerbTarget;
  readonly effect: VerbEffect;
}

/** POST /v1/verbs: operators act on what is desired; the loop does the rest. */
export async function verbRequest(
  request: VerbRequest,
  context: ControllerContext,
): Promise<Result<VerbResponse, Failure>> {
  const { store, loop, clock } = context;
  const resolved = resolveSelectors(request.selectors, catalogue(store));
  if (!resolved.ok) return resolved;
  const targets = verbTargets(resolved.value, store.desired(), request.verb);
  if (!targets.ok) return targets;
  if (request.verb === 'delete') {
    return deleteApps(
      targets.value.map(({ app }) => app),
      request,
      context,
    );
  }
  const effects: TargetEffect[] = [];
  for (const target of targets.value) {
    const verdict = loop.status.verdict(target.app.key);
    const effect = verbEffect(target, request, { verdict, now: clock.now() });
    if (!effect.ok) return effect;
    effects.push({ target, effect: effect.value });
  }
  const waiting = absentOf(effects, request, context);
  if (!waiting.ok) return waiting;
  effects.push(...waiting.value);
  const committed = await commitEffects(inOrder(effects, request.verb), context);
  if (!committed.ok) return committed;
  // Told in the order in which they were asked for.
  const asked = [...targets.value, ...waiting.value.map(({ target }) => target)].map(({ app }) => app.key);
  const { results, targets: waitFor } = committed.value;
  return ok({
    results: [...results].sort((a, b) => asked.indexOf(a.app) - asked.indexOf(b.app)),
    targets: [...waitFor].sort((a, b) => asked.indexOf(a.app) - asked.indexOf(b.app)),
  });
}

/** Verbs after which there are processes that were not there before. */
const STARTING: ReadonlySet<VerbRequest['verb']> = new Set(['start', 'restart', 'reload', 'scale']);

function instancesOf(app: DesiredApp | undefined): number {
  return app === undefined ? 0 : effectiveInstances(app.spec, app.override);
}

/** Effects that start what the apps depend on, where that was asked for; else a failure when they would wait in vain. */
function absentOf(
  effects: readonly TargetEffect[],
  request: Exclude<VerbRequest, { verb: 'delete' }>,
  { store, observer, clock, driver }: ControllerContext,
): Result<readonly TargetEffect[], Failure> {
  const { verb } = request;
  if (!STARTING.has(verb)) return ok([]);
  const starting = effects.filter(({ effect: { facts } }) => facts.length > 0);
  if (starting.length === 0 || !driver.reachable) return ok([]);
  const records = starting.flatMap(({ effect: { facts } }) => facts).reduce(reduce, store.records());
  const desired = desiredApps(records);
  const apps = new Map(desired.map((app) => [app.key, app]));
  const before = new Map(store.desired().map((app) => [app.key, instancesOf(app)]));
  const grows = (key: AppKey): boolean => instancesOf(apps.get(key)) > (before.get(key) ?? 0);
  const observed = {
    reachable: true,
    instances: observer.instances(),
    history: store.histories(),
    accepted: acceptedApps(records),
  };
  const keys = starting.map(({ target }) => target.app.key).filter((key) => verb !== 'scale' || grows(key));
  const absent = absentDependencies(keys, desired, observed, clock.now());
  if (verb !== 'start' || request.withDependencies !== true) {
    const names = absent.map(({ dependency }) => dependency).join(' ');
    const hint =
      verb === 'start'
        ? 'bring it along with --with-dependencies'
        : `start it first: stateward start ${names}`;
    const failure = dependencyFailure(absent, verb, hint);
    return failure === null ? ok([]) : err(failure);
  }
  const missing = absent.filter(({ dependency }) => !apps.has(dependency));
  const failure = dependencyFailure(missing, verb, 'declare it with stateward apply');
  if (failure !== null) return err(failure);
  const by = { by: request.by, at: clock.now() };
  return ok(
    absent.flatMap(({ dependency }) => {
      const app = apps.get(dependency);
      if (app === undefined) return [];
      const effect = { facts: startFacts(app, by), reason: 'StartedByOperator', message: 'started' } as const;
      return [{ target: { app, slot: null }, effect }];
    }),
  );
}

/**
 * Every fact is acted on at once, so that the first one decides who goes first: dependents when they are to end, what
 * they depend on when they are to come up.
 */
function inOrder(effects: readonly TargetEffect[], verb: VerbRequest['verb']): readonly TargetEffect[] {
  const apps = new Map(effects.map(({ target: { app } }) => [app.key, app]));
  const down = stopWaves([...apps.keys()], (key) => Object.keys(apps.get(key)?.spec.depends_on ?? {})).flat();
  const order = verb === 'stop' ? down : down.reverse();
  return order.flatMap((key) => effects.filter(({ target }) => target.app.key === key));
}

/** Only a restart can be of one of several instances; for other verbs the failure names the way to what is meant. */
function verbTargets(
  targets: readonly Target[],
  desired: readonly DesiredApp[],
  verb: VerbRequest['verb'],
): Result<readonly VerbTarget[], Failure> {
  const found: VerbTarget[] = [];
  for (const { key, slot } of targets) {
    const app = desired.find((candidate) => candidate.key === key);
    if (app === undefined) continue;
    const isPart = slot !== null && effectiveInstances(app.spec, app.override) > 1;
    if (isPart && verb !== 'restart' && verb !== 'reload') return err(partOfApp(key, verb));
    found.push({ app, slot: isPart ? slot : null });
  }
  return ok(found);
}

function partOfApp(key: AppKey, verb: VerbRequest['verb']): Failure {
  const { name } = splitAppKey(key);
  if (verb === 'rollout-pause' || verb === 'rollout-resume') {
    const word = verb === 'rollout-pause' ? 'pause' : 'resume';
    return {
      code: 'USAGE',
      message: `cannot ${word} the rollout of one of several instances of ${key}`,
      hint: `stateward rollout ${word} ${name} is for all of them`,
    };
  }
  return {
    code: 'USAGE',
    message: `cannot ${verb} one of several instances of ${key}`,
    hint: `stateward ${verb} ${name} is for all of them; stateward scale ${name} -1 takes one away`,
  };
}

async function commitEffects(
  effects: readonly TargetEffect[],
  { store, clock }: ControllerContext,
): Promise<Result<VerbResponse, Failure>> {
  const results: VerbResponse['results'][number][] = [];
  const targets = new Map<AppKey, WaitTarget>();
  for (const { target, effect } of effects) {
    const { key } = target.app;
    const { facts, message, reason } = effect;
    for (const fact of facts) {
      const committed = await store.commit(fact);
      if (!committed.ok) return committed;
    }
    const changed = facts.length > 0;
    const app = store.desiredApp(key);
    const generation = app?.generation ?? 0;
    if (changed) {
      const { slot } = target;
      store.appendEvent({
        at: clock.now(),
        level: 'info',
        reason,
        message,
        key,
        slot,
        pid: null,
        generation,
      });
    }
    results.push({ app: key, changed, message });
    targets.set(key, { app: key, generation, gone: false, ...(app && { revision: app.revision }) });
  }
  return ok({ results, targets: [...targets.values()] });
}
