import { requestReload } from './reloads.ts';
import { nextRestart } from './restart-counters.ts';
import { rolloutOfRestart } from './rollouts.ts';
import type { AppRecord, Fact } from '../model/types.ts';

type Asked = NonNullable<Extract<Fact, { kind: 'project-accepted' }>['restart']>;

/**
 * An app of a declaration that was accepted with the wish for new processes: each of them once, whatever the declaration
 * has changed. What a new version replaces anyway is not asked for again, and what is not to run is left alone.
 */
export function restartAccepted(before: AppRecord, accepted: AppRecord, asked: Asked): AppRecord {
  const { spec, rollout, templateHash } = accepted;
  if (spec.schedule !== null || !spec.autostart) return accepted;
  const isBegun = rollout !== undefined && rollout !== before.rollout;
  if (isBegun && templateHash !== before.templateHash) return accepted;
  if (asked.reason === 'ReloadRequested' && spec.reload !== null && before.override?.run !== 'stopped') {
    return requestReload(accepted, { ...asked, slots: null });
  }
  const generation = accepted.generation + 1;
  const next = { ...accepted, ...nextRestart(accepted, null), generation, lastRestart: asked };
  // What was stopped is started and replaces nothing; a rollout that is tried again has begun already.
  if (isBegun || before.override?.run === 'stopped') return next;
  return rolloutOfRestart(accepted, next, asked);
}
