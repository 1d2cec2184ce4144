import { splitAppKey } from '../../../lib/app-key.ts';
import type { DesiredApp } from '../../model/desired.ts';
import type { Drift } from './drift.ts';
import type { Condition, ConditionType } from '../../model/health.ts';
import { overrideDrift } from './override-drift.ts';
import { SIGNS } from './signs.ts';

/** What drift is told from: what is declared and overridden, and what was found out about the app. */
export interface DriftInput {
  readonly app: Pick<DesiredApp, 'key' | 'spec' | 'override'>;
  /** As published; empty: nothing is known yet. */
  readonly conditions: readonly Condition[];
  /** Epoch milliseconds since when each condition is so. */
  readonly since: Readonly<Partial<Record<ConditionType, number>>>;
}

/**
 * How one app differs from what is declared: what operators have put on top, then what was found out. Never what stateward
 * is about to do anyhow: that is in the plan.
 */
export function driftOf({ app, conditions, since }: DriftInput): readonly Drift[] {
  const { project, name } = splitAppKey(app.key);
  const found = conditions.flatMap(({ type, status, reason, message }): readonly Drift[] => {
    const sign = status === 'False' ? SIGNS[reason] : undefined;
    if (sign?.type !== type) return [];
    const { kind, heals } = sign;
    return [{ kind, reason, project, app: name, ...parted(message), since: since[type] ?? null, heals }];
  });
  return [...overrideDrift(app), ...found];
}

/** The message of such a condition ends with the way out. */
function parted(message: string): { readonly message: string; readonly hint: string } {
  const at = message.lastIndexOf('; ');
  return at === -1 ? { message, hint: '' } : { message: message.slice(0, at), hint: message.slice(at + 2) };
}
