import type { RolloutInfo } from '../../../api/contract/wire/apps.ts';

/** Whether a rollout has ended, well or not. */
export function isSettledRollout({ state }: RolloutInfo): boolean {
  return state !== 'progressing' && state !== 'paused';
}
