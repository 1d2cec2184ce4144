import type { Failure } from '../../lib/failure.ts';
import { count } from '../views/text/quantities.ts';
import type { DoctorFacts } from './facts.ts';

/**
 * What a check has found. `fail`: something is wrong now. `warn`: it works, and will not for ever or not for everything.
 * `skip`: it could not be looked at, or there is nothing to look at.
 */
export interface Finding {
  readonly level: 'ok' | 'warn' | 'fail' | 'skip';
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** One thing that can be wrong on a host. */
export interface Check {
  /** Stable: what programs look for. */
  readonly name: string;
  /** Looks at the facts; changes nothing, and asks nobody. */
  readonly run: (facts: DoctorFacts) => Finding;
}

export const ok = (message: string): Finding => ({ level: 'ok', message });
export const skip = (message: string): Finding => ({ level: 'skip', message });
export const warn = (message: string, hint: string): Finding => ({ level: 'warn', message, hint });
export const fail = (message: string, hint: string): Finding => ({ level: 'fail', message, hint });

export function failed({ message, hint }: Pick<Failure, 'message' | 'hint'>): Finding {
  return { level: 'fail', message, ...(hint === undefined ? {} : { hint }) };
}

export const NO_DAEMON = 'no daemon answers';

/** `3 processes: 10, 11, 12`; of many, the first. */
export function named(all: readonly (string | number)[], singular: string, plural = `${singular}s`): string {
  const shown = all.slice(0, 5).join(', ');
  return `${count(all.length, singular, plural)}: ${shown}${all.length > 5 ? ' …' : ''}`;
}
