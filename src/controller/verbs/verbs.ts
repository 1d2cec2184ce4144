import { always, type StillWanted } from '../../api/contract/endpoints/backend.ts';
import { resolveSelectors } from '../../api/contract/selectors.ts';
import type { VerbRequest, VerbResponse } from '../../api/contract/wire/verbs.ts';
import type { Failure } from '../../lib/failure.ts';
import type { DesiredApp } from '../../plan/model/desired.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { unwrittenOf } from '../views/daemon/unwritten.ts';
import { catalogue } from '../views/catalogue.ts';
import type { Made } from '../../state/audit/audit-entry.ts';
import type { ControllerContext } from '../context/context.ts';
import { broughtAlong } from './brought-along.ts';
import { deleteApps } from './delete-apps.ts';
import { withNewCode } from './new-code.ts';
import { verbEffect, type TargetEffect, type VerbTarget } from './verb-effects.ts';
import { verbTargets } from './verb-targets.ts';

/**
 * POST /v1/verbs: works out what the verb changes for every target, then commits all of it at once: it happens to all
 * targets or to none. The loop does the rest; the planner decides who goes first.
 */
export async function verbRequest(
  request: VerbRequest,
  context: ControllerContext,
  wanted: StillWanted = always,
): Promise<Result<VerbResponse, Failure>> {
  const { store } = context;
  // Others may have been before it in the queue.
  const givenUp = await wanted();
  if (givenUp !== null) return err(givenUp);
  const resolved = resolveSelectors(request.selectors, catalogue(store));
  if (!resolved.ok) return resolved;
  const targets = verbTargets(resolved.value, store, request.verb);
  if (!targets.ok) return targets;
  if (request.verb === 'delete') {
    const apps = targets.value.map(({ app }) => app);
    const deleted = await deleteApps(apps, request, context);
    return deleted.ok || deleted.error.code !== 'STATE_WRITE'
      ? deleted
      : stopInstead(apps, { request, failure: deleted.error }, context);
  }
  const effects = effectsOf(targets.value, request, context);
  if (!effects.ok) return effects;
  const along = broughtAlong(effects.value, request, context);
  if (!along.ok) return along;
  const all = await withNewCode([...effects.value, ...along.value], context);
  return commitEffects(all, request, context);
}

/** What cannot be taken off the disk can be stopped all the same. */
async function stopInstead(
  apps: readonly DesiredApp[],
  { request, failure }: { readonly request: VerbRequest; readonly failure: Failure },
  context: ControllerContext,
): Promise<Result<VerbResponse, Failure>> {
  const targets = apps.map((app) => ({ app, slot: null }));
  const effects = effectsOf(targets, { ...request, verb: 'stop' }, context);
  const stopped = effects.ok ? await commitEffects(effects.value, request, context) : effects;
  if (!stopped.ok) return err(failure);
  const names = apps.map(({ key }) => key).join(', ');
  const message = `stopped ${names}, and cannot delete it: ${failure.message}`;
  const hint = `make room or mend the folder, then run the command again; until then it stays declared and stopped, and after a restart of the controller it would start again`;
  return err({ code: 'STATE_WRITE', message, hint });
}

function effectsOf(
  targets: readonly VerbTarget[],
  request: Exclude<VerbRequest, { verb: 'delete' }>,
  { loop, clock }: ControllerContext,
): Result<readonly TargetEffect[], Failure> {
  const effects: TargetEffect[] = [];
  for (const target of targets) {
    const health = loop.status.health(target.app.key);
    const effect = verbEffect(target, request, { health, now: clock.now() });
    if (!effect.ok) return effect;
    effects.push({ target, effect: effect.value });
  }
  return ok(effects);
}

async function commitEffects(
  effects: readonly TargetEffect[],
  { by, command }: Made,
  { store, clock }: Pick<ControllerContext, 'store' | 'clock'>,
): Promise<Result<VerbResponse, Failure>> {
  const facts = effects.flatMap(({ effect }) => effect.facts);
  const committed = await store.commit(facts, undefined, { by, command });
  if (!committed.ok) return err(committed.error);
  for (const { target, effect } of effects) {
    if (effect.facts.length === 0) continue;
    const { reason, message } = effect;
    const { app, slot } = target;
    const generation = store.desiredApp(app.key)?.generation ?? 0;
    store.appendEvent({
      ...{ at: clock.now(), level: 'info', reason, message },
      ...{ key: app.key, slot, pid: null, generation },
    });
  }
  const keys = [...new Set(effects.map(({ target }) => target.app.key))];
  return ok({
    ...unwrittenOf(keys, store),
    results: effects.map(({ target, effect }) => ({
      app: target.app.key,
      changed: effect.facts.length > 0,
      message: effect.message,
    })),
    targets: keys.map((key) => {
      const app = store.desiredApp(key);
      return {
        app: key,
        generation: app?.generation ?? 0,
        gone: false,
        ...(app && { revision: app.revision }),
      };
    }),
  });
}
