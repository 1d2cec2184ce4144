import { FailureError, type Failure } from '../../../lib/failure.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import type { LineBounds } from '../parts/lines-of.ts';
import { searchThreads } from './search-threads.ts';

/** Which lines of a buffer are wanted: the numbers of those that are, in order. Rejects with FailureError where it takes too long. */
export type LineFilter = (bytes: Buffer, lines: LineBounds) => Promise<readonly number[]>;

export interface FilterRequest {
  /** Regular expressions; a line is wanted that matches one of them. None: every line. */
  readonly grep: readonly string[];
  /** Those that match none of them instead. */
  readonly invert: boolean;
  /** Fires when nobody waits for lines any more. */
  readonly signal: AbortSignal;
}

const MAX_PATTERN_LENGTH = 1_000;
/** Characters without a meaning of their own in a pattern. */
const LITERAL = /^[\x20-\x7e]+$/;
const SPECIAL = /[\\^$.*+?()[\]{}|]/;

/** null: every line is wanted. USAGE for what is no regular expression. */
export function lineFilter({ grep, invert, signal }: FilterRequest): Result<LineFilter | null, Failure> {
  if (grep.length === 0) return ok(null);
  for (const pattern of grep) {
    if (pattern.length > MAX_PATTERN_LENGTH) {
      return err({ code: 'USAGE', message: 'cannot search for a pattern of more than 1000 characters' });
    }
    try {
      new RegExp(pattern);
    } catch {
      return err({
        code: 'USAGE',
        message: `cannot search for ${pattern}: it is not a regular expression`,
        hint: 'a backslash takes their meaning from characters such as ( [ * + ?',
      });
    }
  }
  const [only = ''] = grep;
  const isLiteral = grep.length === 1 && LITERAL.test(only) && !SPECIAL.test(only);
  const found = isLiteral ? literalFinder(Buffer.from(only)) : patternFinder(grep, signal);
  return ok(invert ? async (bytes, lines) => others(await found(bytes, lines), lines.starts.length) : found);
}

function others(found: readonly number[], count: number): readonly number[] {
  const isFound = new Set(found);
  return Array.from({ length: count }, (_, index) => index).filter((index) => !isFound.has(index));
}

function literalFinder(wanted: Buffer): LineFilter {
  return (bytes, { starts, ends }) => {
    const found: number[] = [];
    let line = 0;
    let at = bytes.indexOf(wanted, starts[0] ?? bytes.length);
    while (at !== -1 && line < starts.length) {
      while (line < starts.length && (ends[line] ?? 0) < at + wanted.length) line += 1;
      if (line === starts.length) break;
      const start = starts[line] ?? 0;
      if (start <= at) {
        found.push(line);
        line += 1;
        at = bytes.indexOf(wanted, starts[line] ?? bytes.length);
      } else at = bytes.indexOf(wanted, start);
    }
    return Promise.resolve(found);
  };
}

/** In a thread, so that nothing waits for a pattern that takes long. */
function patternFinder(patterns: readonly string[], signal: AbortSignal): LineFilter {
  return async (bytes, lines) => {
    const end = await searchThreads.search({ patterns, bytes, lines, signal });
    if (end === 'too-slow') throw new FailureError(TOO_SLOW);
    return end;
  };
}

const TOO_SLOW: Failure = {
  code: 'USAGE',
  message: 'cannot search with this pattern: it takes too long on a line of the log',
  hint: 'nested repetitions such as (a+)+ are what takes long; a plain word never does',
};
