import type { VerbRequest, VerbResponse, WaitTarget } from '../api/wire.ts';
import { resolveSelectors, type Target } from '../api/selectors.ts';
import type { AppKey } from '../lib/app-key.ts';
import { splitAppKey } from '../lib/app-key.ts';
import type { Failure } from '../lib/failure.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { unreachable } from '../lib/unreachable.ts';
import { effectiveInstances, runMode } from '../plan/effective.ts';
import type { AppVerdict, DesiredApp, Override } from '../plan/types.ts';
import type { Reason } from '../plan/reasons.ts';
import type { Fact } from '../state/types.ts';
import { catalogue } from './catalogue.ts';
import type { ControllerContext } from './context.ts';
import { deleteApps } from './delete-apps.ts';

/** What a verb does to one app: facts to commit, and a line for the person who asked. */
export interface VerbEffect {
  readonly facts: readonly Fact[];
  readonly reason: Reason;
  readonly message: string;
}

/** POST /v1/verbs: operators act on what is desired; the loop does the rest. */
export async function verbRequest(
  request: VerbRequest,
  context: ControllerContext,
): Promise<Result<VerbResponse, Failure>> {
  const { store } = context;
  const resolved = resolveSelectors(request.selectors, catalogue(store));
  if (!resolved.ok) return resolved;
  const apps = wholeApps(resolved.value, store.desired(), request.verb);
  if (!apps.ok) return apps;
  if (request.verb === 'delete') return deleteApps(apps.value, request, context);
  const effects: VerbEffect[] = [];
  for (const app of apps.value) {
    const effect = effectOn(app, request, context);
    if (!effect.ok) return effect;
    effects.push(effect.value);
  }
  return commitEffects(apps.value, effects, context);
}

function effectOn(
  app: DesiredApp,
  request: Exclude<VerbRequest, { verb: 'delete' }>,
  { clock, loop }: ControllerContext,
): Result<VerbEffect, Failure> {
  const by = { by: request.by, at: clock.now() };
  switch (request.verb) {
    case 'start':
      return ok(startEffect(app, loop.status.verdict(app.key), by));
    case 'stop':
      return ok(stopEffect(app, by));
    case 'restart':
      return ok(restartEffect(app, by));
    case 'scale':
      return scaleEffect(app, request, by);
    default:
      return unreachable(request);
  }
}

type By = Pick<Override, 'by' | 'at'>;

function startEffect(app: DesiredApp, verdict: AppVerdict | undefined, by: By): VerbEffect {
  const reason = 'StartedByOperator';
  if (runMode(app.spec, app.override) !== 'running') {
    // Asked for anew as well: what had ended for good before it was stopped is to run now.
    const facts: Fact[] = [
      overrideSet(app.key, started(app, by)),
      { kind: 'restart-requested', key: app.key },
    ];
    return { facts, reason, message: 'started' };
  }
  // An app that has ended for good is not stopped: to start it is to ask for new processes.
  if (verdict?.health === 'Completed' || verdict?.health === 'Failed' || verdict?.health === 'CrashLoop') {
    return { facts: [{ kind: 'restart-requested', key: app.key }], reason, message: 'started again' };
  }
  return { facts: [], reason, message: 'is running already' };
}

function stopEffect(app: DesiredApp, by: By): VerbEffect {
  const reason = 'StoppedByOperator';
  if (app.override?.run === 'stopped') return { facts: [], reason, message: 'is stopped already' };
  const override: Override = { ...keptInstances(app), run: 'stopped', ...by };
  return { facts: [overrideSet(app.key, override)], reason, message: 'stopped' };
}

function restartEffect(app: DesiredApp, by: By): VerbEffect {
  const restart: Fact = { kind: 'restart-requested', key: app.key };
  const stopped = runMode(app.spec, app.override) !== 'running';
  const facts = stopped ? [overrideSet(app.key, started(app, by)), restart] : [restart];
  return { facts, reason: 'RestartRequested', message: stopped ? 'started' : 'restarted' };
}

function scaleEffect(
  app: DesiredApp,
  request: Extract<VerbRequest, { verb: 'scale' }>,
  by: By,
): Result<VerbEffect, Failure> {
  const before = effectiveInstances(app.spec, app.override);
  const after = request.instances ?? before + (request.delta ?? 0);
  if (after < 1) {
    return err({
      code: 'USAGE',
      message: `cannot scale ${app.key} to ${after}: at least 1 instance is needed`,
      hint: `stateward stop ${app.key} stops all of them`,
    });
  }
  const reason = 'ScaledByOperator';
  if (after === before) return ok({ facts: [], reason, message: `has ${before} instances already` });
  const override = withInstances(app, after, by);
  return ok({
    facts: [overrideSet(app.key, override)],
    reason,
    message: `scaled from ${before} to ${after}`,
  });
}

/** The override that makes the app run: none where the file says so itself. */
function started(app: DesiredApp, by: By): Override | null {
  const kept = keptInstances(app);
  if (!app.spec.autostart) return { ...kept, run: 'running', ...by };
  return kept.instances === undefined ? null : { ...kept, ...by };
}

function withInstances(app: DesiredApp, instances: number, by: By): Override | null {
  const run = app.override?.run;
  if (instances === app.spec.instances) return run === undefined ? null : { run, ...by };
  return { ...(run !== undefined && { run }), instances, ...by };
}

function keptInstances({ override }: DesiredApp): Pick<Override, 'instances'> {
  return override?.instances === undefined ? {} : { instances: override.instances };
}

function overrideSet(key: AppKey, override: Override | null): Fact {
  return { kind: 'override-set', key, override };
}

async function commitEffects(
  apps: readonly DesiredApp[],
  effects: readonly VerbEffect[],
  context: ControllerContext,
): Promise<Result<VerbResponse, Failure>> {
  const { store, loop, clock } = context;
  const results: VerbResponse['results'][number][] = [];
  const targets: WaitTarget[] = [];
  for (const [index, { key }] of apps.entries()) {
    const { facts, message, reason } = effects[index] ?? unexpectedEnd();
    for (const fact of facts) {
      const commit = await store.commit(fact);
      if (!commit.ok) return commit;
    }
    const changed = facts.length > 0;
    const generation = store.desired().find((app) => app.key === key)?.generation ?? 0;
    if (changed) {
      const at = clock.now();
      store.appendEvent({ at, level: 'info', reason, message, key, slot: null, pid: null, generation });
    }
    results.push({ app: key, changed, message });
    targets.push({ app: key, generation, gone: false });
    loop.submit(key);
  }
  return ok({ results, targets });
}

function unexpectedEnd(): never {
  throw new Error('internal error: fewer effects than apps');
}

/** Verbs act on apps: a selector that means one of several instances is refused, with the way to what is meant. */
function wholeApps(
  targets: readonly Target[],
  desired: readonly DesiredApp[],
  verb: string,
): Result<readonly DesiredApp[], Failure> {
  const apps = new Map<AppKey, DesiredApp>();
  for (const { key, slot } of targets) {
    const app = desired.find((candidate) => candidate.key === key);
    if (app === undefined) continue;
    if (slot !== null && effectiveInstances(app.spec, app.override) > 1) {
      const { name } = splitAppKey(key);
      return err({
        code: 'USAGE',
        message: `cannot ${verb} one of several instances of ${key}`,
        hint: `stateward ${verb} ${name} is for all of them; stateward scale ${name} -1 takes one away`,
      });
    }
    apps.set(key, app);
  }
  return ok([...apps.values()]);
}
