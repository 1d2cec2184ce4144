import { usageError } from '../../session/failures.ts';

/** How many instances: absolutely, or relative to what is wanted now. */
export type ScaleAmount = { readonly instances: number } | { readonly delta: number };

export interface ScaleTarget {
  /** null: what the filters select. */
  readonly selector: string | null;
  readonly amount: ScaleAmount;
}

/**
 * Reads `api 4`, `api=4`, `api +1`, `api -1`; also several `a=2 b=3`, and, where filters say which apps are meant, `4`.
 * Throws USAGE for anything else.
 */
export function parseScaleTargets(
  args: readonly string[],
  isFiltered = false,
): readonly [ScaleTarget, ...ScaleTarget[]] {
  const [first, second, ...rest] = args;
  if (isFiltered && first !== undefined && second === undefined && /^[+-]?\d+$/.test(first)) {
    return [{ selector: null, amount: parseAmount(first) }];
  }
  if (first === undefined) throw usageError('name an app and a number', 'stateward scale api 4');
  if (first.includes('=')) return [parsePair(first), ...args.slice(1).map(parsePair)];
  if (second === undefined || rest.length > 0) {
    throw usageError('scale takes one app and a number', 'stateward scale api 4, or: scale api=4 web=2');
  }
  return [{ selector: first, amount: parseAmount(second) }];
}

function parsePair(text: string): ScaleTarget {
  const at = text.lastIndexOf('=');
  if (at <= 0) throw usageError(`${JSON.stringify(text)} is not APP=NUMBER`, 'stateward scale api=4 web=2');
  return { selector: text.slice(0, at), amount: parseAmount(text.slice(at + 1)) };
}

function parseAmount(text: string): ScaleAmount {
  if (!/^[+-]?\d+$/.test(text)) {
    throw usageError(`${JSON.stringify(text)} is not a number of instances`, 'write 4, +1 or -1');
  }
  const value = Number(text);
  if (/^[+-]/.test(text)) return { delta: value };
  if (value === 0)
    throw usageError('an app cannot be scaled to 0', 'stateward stop keeps it declared and stopped');
  return { instances: value };
}
