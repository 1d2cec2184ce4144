import type { ObservedInstance } from '../model/observed.ts';

/**
 * Whether something of a process that has exited lives on and cannot be ended: until it is gone, the record of the process
 * is what tells of it.
 */
export function hasRemains(instance: ObservedInstance): boolean {
  return instance.state === 'exited' && remainsOf(instance) !== undefined;
}

/** What there is to say of it. */
export function remainsOf({ problems }: Pick<ObservedInstance, 'problems'>): string | undefined {
  return problems?.find(({ code }) => code === 'leftovers')?.message;
}
