import type { AppKey } from '../lib/app-key.ts';
import { runMode } from '../plan/slots/effective.ts';
import { REASONS } from '../plan/model/reasons.ts';
import type { DesiredApp } from '../plan/model/desired.ts';
import type { Condition } from '../plan/model/health.ts';
import type { CodeSource } from './code.ts';
import { showCondition, withdrawCondition, type Showing } from './show-condition.ts';
import { isDeclared, type Trigger, type TriggerInstance, type TriggerView } from './trigger.ts';

export interface SecretsTriggerOptions extends Showing {
  readonly code: Pick<CodeSource, 'onRefresh' | 'changeOf' | 'rotationsToRead' | 'secretProblemsOf'>;
}

/**
 * Shows which apps run with older secrets than there are now, and which could not be started again. They are looked at
 * together with the code; as with code, nothing is restarted by itself.
 */
export function secretsTrigger(options: SecretsTriggerOptions): Trigger {
  const { code } = options;
  let view: TriggerView = { apps: [], instances: [] };
  let shown: ReadonlySet<AppKey> = new Set();
  const compare = (): void => {
    const conditions = new Map<AppKey, Condition>();
    for (const app of view.apps) {
      if (Object.keys(app.spec.env_from).length === 0) continue;
      const running = view.instances.filter(
        ({ key, state }) => key === app.key && (state === 'running' || state === 'starting'),
      );
      const condition = conditionOf(app, running, options.code);
      if (condition !== null) conditions.set(app.key, condition);
    }
    for (const key of new Set([...shown, ...conditions.keys()])) {
      const condition = conditions.get(key);
      if (condition === undefined) withdrawCondition(options, key, 'Secrets');
      else showCondition(options, key, condition, 'warning');
    }
    shown = new Set(conditions.keys());
  };
  const forget = code.onRefresh(compare);
  return {
    sync(next) {
      view = next;
      compare();
    },
    close: forget,
  };
}

/** What would keep it from starting again comes first. */
function conditionOf(
  app: DesiredApp,
  running: readonly TriggerInstance[],
  code: SecretsTriggerOptions['code'],
): Condition | null {
  const { key, spec, override } = app;
  const problems = runMode(spec, override) === 'stopped' ? [] : code.secretProblemsOf(app);
  if (problems.length > 0) {
    const message = `${REASONS.SecretUnresolved}: ${problems.join('; ')}`;
    return { type: 'Secrets', status: 'False', reason: 'SecretUnresolved', message };
  }
  const instances = running.filter((instance) => isDeclared(instance, app));
  const rotated = Object.values(code.changeOf(app, instances)?.rotated ?? {});
  const toRead = code.rotationsToRead(app, instances);
  if (rotated.length + toRead.length === 0) return null;
  const way =
    rotated.length > 0
      ? `stateward apply rolls it out, stateward restart ${key} too`
      : `stateward apply reloads it, stateward reload ${key} too`;
  const message = `${REASONS.SecretNewer}: ${[...rotated, ...toRead].join(', ')}; ${way}`;
  return { type: 'Secrets', status: 'False', reason: 'SecretNewer', message };
}
