import type { Failure } from '../../../lib/failure.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import { badRequest } from './checked.ts';

const MAX_SELECTORS = 1_000;

export type Pair = readonly [name: string, value: string];

export function all(name: string, values: readonly string[]): readonly Pair[] {
  return values.map((value) => [name, value]);
}

export function given(name: string, value: string | number | undefined): readonly Pair[] {
  return value === undefined ? [] : [[name, String(value)]];
}

/** A whole number in plain digits; null when it is not given. */
export function readWhole(text: string | null, name: string, max: number): Result<number | null, Failure> {
  if (text === null) return ok(null);
  const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  return value <= max ? ok(value) : err(badRequest(`${name} must be a whole number from 0 to ${max}`));
}

export function readSelectors(query: URLSearchParams): Result<readonly string[], Failure> {
  const selectors = query.getAll('selector');
  return selectors.length <= MAX_SELECTORS
    ? ok(selectors)
    : err(badRequest(`at most ${MAX_SELECTORS} selectors are allowed`));
}
