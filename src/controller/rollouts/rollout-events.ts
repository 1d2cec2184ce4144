import { ownValue } from '../../lib/collections.ts';
import { appKey, type AppKey } from '../../lib/app-key.ts';
import type { Reason } from '../../plan/model/reasons.ts';
import type { NewEvent } from '../../state/events/event-log.ts';
import type { Projects } from '../../state/desired/reducer.ts';
import type { AppRecord } from '../../state/model/types.ts';

/** Events about the rollouts that a commit has ended or halted. Pure. */
export function rolloutEvents(before: Projects, after: Projects, at: number): readonly NewEvent[] {
  return [...after.values()].flatMap(({ project, apps }) => {
    const known = before.get(project)?.apps;
    if (known === undefined || known === apps) return [];
    return Object.entries(apps).flatMap(([name, app]) => {
      const old = ownValue(known, name);
      if (old === undefined || old === app) return [];
      const key = appKey(project, name);
      return [...eventsOf(key, { old, app, at }), ...reloadEvents(key, { old, app, at })];
    });
  });
}

interface Step {
  readonly old: AppRecord;
  readonly app: AppRecord;
  readonly at: number;
}

function eventsOf(key: AppKey, { old, app, at }: Step): readonly NewEvent[] {
  const { rollout } = old;
  // The first version of an app takes the place of nothing.
  if (rollout === undefined || rollout.previous === null) return [];
  const event = (level: NewEvent['level'], reason: Reason, message: string, slot: number | null = null) => ({
    ...{ at, level, reason, message, key, slot },
    pid: null,
    generation: old.generation,
  });
  const what = nameOf(old);
  const isRestart = rollout.previous.templateHash === old.templateHash;
  const paused = app.rollout?.paused ?? null;
  if (paused?.failure != null && rollout.paused?.failure == null) {
    const { message, slot } = paused.failure;
    return [
      event('error', 'RolloutFailed', `${what} failed: ${message}; it waits, as on_failure says`, slot),
    ];
  }
  const ended = app.lastRollout === old.lastRollout ? undefined : app.lastRollout;
  switch (ended?.outcome) {
    case 'succeeded':
      return [event('info', 'RolloutSucceeded', `${what} succeeded`)];
    case 'superseded':
      return app.templateHash === old.templateHash
        ? []
        : [event('info', 'RolloutSuperseded', `${what} gives way to revision ${app.revision}`)];
    case 'failed': {
      // The event of a rollout that waited came when it failed.
      if (rollout.paused?.failure != null || ended.failure === null) return [];
      const { message, slot } = ended.failure;
      const back = isRestart ? 'what ran before it is kept' : `back on revision ${app.revision}`;
      return [
        event('error', 'RolloutFailed', `${what} failed: ${message}`, slot),
        event('warning', 'RolledBack', back),
      ];
    }
    case undefined:
      return [];
  }
}

/** `rollout of revision 42`, or of a restart. */
function nameOf({ rollout, templateHash, revision, lastRestart }: AppRecord): string {
  const isRestart = rollout?.previous?.templateHash === templateHash;
  if (isRestart && lastRestart?.reason === 'CodeChanged') return 'the rollout of the new code';
  if (isRestart && lastRestart?.reason === 'SecretRotated') return 'the rollout of the rotated secret';
  return isRestart ? 'the restart' : `the rollout of revision ${revision}`;
}

function reloadEvents(key: AppKey, { old, app, at }: Step): readonly NewEvent[] {
  const ended = app.lastReload;
  if (ended === undefined || ended === old.lastReload) return [];
  const { failure, detail, generation } = ended;
  const base = { at, key, slot: failure?.slot ?? null, pid: null, generation };
  if (failure === null) {
    return [{ ...base, level: 'info', reason: 'ReloadSucceeded', message: `reloaded (${detail})` }];
  }
  const message = `the reload failed (${detail}): ${failure.message}; the others keep what they had`;
  return [{ ...base, level: 'error', reason: 'ReloadFailed', message }];
}
