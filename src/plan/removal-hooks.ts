import { splitAppKey } from '../lib/app-key.ts';
import type { Action, Hold } from './model/actions.ts';
import type { DesiredApp } from './model/desired.ts';
import type { RemovalInput } from './removal.ts';
import { actionsWithHooks, endHooks, hooksEndInMs, preStopHolds, type HookScene } from './hooks/lifecycle.ts';

/** The hooks of an app that goes. Where nobody knows any more how it was declared, none runs. */

/** What is to be done with pre_stop and post_stop; what runs before a start, or for one, is ended. */
export function withLastHooks(actions: readonly Action[], input: RemovalInput): readonly Action[] {
  const scene = lastScene(input);
  return scene === null ? [...endHooks(input.hooks ?? []), ...actions] : actionsWithHooks(actions, [], scene);
}

export function lastHookHolds(input: RemovalInput, now: number): readonly Hold[] {
  const scene = lastScene(input);
  return scene === null ? [] : preStopHolds(scene, now);
}

export function lastHooksEndInMs(input: RemovalInput): number | null {
  const scene = lastScene(input);
  return scene === null ? null : hooksEndInMs(scene);
}

/**
 * null: nobody knows how it was declared. Of an app that is gone no history is kept, so that a hook has ended is on record
 * as soon as it has.
 */
function lastScene({ key, accepted, instances, hooks = [] }: RemovalInput): HookScene | null {
  if (accepted === undefined) return null;
  const { spec, templateHash, generation } = accepted;
  // One that its processes came with, so that they stay its own.
  const revision = Math.max(0, ...[...instances, ...hooks].map((one) => one.revision));
  const app: DesiredApp = {
    ...{ key, project: splitAppKey(key).project, spec, templateHash, generation, revision },
    ...{ restartGeneration: 0, slotRestarts: {}, lastRestart: null, override: null },
  };
  return { app, instances, hooks, records: hooks };
}
