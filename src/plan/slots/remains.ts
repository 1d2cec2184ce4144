import type { ObservedInstance } from '../model/observed.ts';

/**
 * Whether an exited process has left something that lives on and cannot be ended. The record of the process is kept
 * until that is gone, because nothing else tells of it.
 */
export function hasRemains(instance: ObservedInstance): boolean {
  return instance.state === 'exited' && remainsOf(instance) !== undefined;
}

/** What there is to say about it. */
export function remainsOf({ problems }: Pick<ObservedInstance, 'problems'>): string | undefined {
  return problems?.find(({ code }) => code === 'leftovers')?.message;
}
