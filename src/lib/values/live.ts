import type { Cancel } from '../clocks/clock.ts';

/** A value that can become another one while it is used. */
export interface Live<T> {
  readonly now: T;
  /** Calls `listener` after each change, until the returned function is called. */
  onChange(listener: () => void): Cancel;
}

/** One that stays as it is. */
export function unchanging<T>(value: T): Live<T> {
  return { now: value, onChange: () => () => undefined };
}
