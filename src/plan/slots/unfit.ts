import { groupOf, type Reason } from '../model/reasons.ts';
import type { DesiredApp, Unfit } from '../model/desired.ts';
import type { ObservedInstance } from '../model/observed.ts';
import type { AppVersion } from '../model/rollout.ts';
import { restartGenerationOf } from './effective.ts';

/** Whether a restart for this reason is one that nobody asked for: it counts, and waits, like an exit. */
export function saysUnfit(reason: Reason): boolean {
  return groupOf(reason) === 'unfit';
}

/** Why a process is to be replaced that was found unfit; undefined: it was not, or something newer was asked for since. */
export function unfitnessOf(
  {
    slot,
    restartGeneration,
    templateHash,
  }: Pick<ObservedInstance, 'slot' | 'restartGeneration' | 'templateHash'>,
  app: DesiredApp,
): Unfit | undefined {
  const unfit = app.unfit?.[String(slot)];
  if (unfit === undefined || templateHash !== app.templateHash) return undefined;
  const isNewest = unfit.restartGeneration === restartGenerationOf(app, slot);
  return isNewest && restartGeneration < unfit.restartGeneration ? unfit : undefined;
}

/** Whether a slot gets another process by the rollout: of a restart of single slots the others have no part in it. */
export function isInRollout(slot: number, previous: AppVersion, app: DesiredApp): boolean {
  if (previous.templateHash !== app.templateHash) return true;
  return restartGenerationOf(previous, slot) !== restartGenerationOf(app, slot);
}
