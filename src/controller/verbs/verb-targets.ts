import type { Target } from '../../api/contract/selectors.ts';
import type { VerbRequest } from '../../api/contract/wire/verbs.ts';
import { splitAppKey, type AppKey } from '../../lib/app-key.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { effectiveInstances } from '../../plan/slots/effective.ts';
import type { Store } from '../../state/store.ts';
import type { VerbTarget } from './verb-effects.ts';

/**
 * What a verb is about. Only a restart or a reload may name one of several instances; for other verbs the failure
 * names a way out.
 */
export function verbTargets(
  targets: readonly Target[],
  store: Pick<Store, 'desiredApp'>,
  verb: VerbRequest['verb'],
): Result<readonly VerbTarget[], Failure> {
  const found: VerbTarget[] = [];
  for (const { key, slot } of targets) {
    const app = store.desiredApp(key);
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
