import { createContext, Script, type Context } from 'node:vm';
import { FailureError } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { Failure } from '../../lib/failure.ts';
import type { LineBounds } from './parts/lines-of.ts';

/** Which lines of a buffer are wanted: the numbers of those that are, in order. Throws FailureError where it takes too long. */
export type LineFilter = (bytes: Buffer, lines: LineBounds) => readonly number[];

export interface FilterRequest {
  /** Regular expressions; a line is wanted that matches one of them. None: every line. */
  readonly grep: readonly string[];
  /** Those that match none of them instead. */
  readonly invert: boolean;
}

const MAX_PATTERN_LENGTH = 1_000;
/** Matching holds everything else up, so it is cut short; a busy machine alone gets some more. */
const BATCH_MS = 40;
const LINE_MS = 200;
/** Characters without a meaning of their own in a pattern. */
const LITERAL = /^[\x20-\x7e]+$/;
const SPECIAL = /[\\^$.*+?()[\]{}|]/;

/** null: every line is wanted. USAGE for what is no regular expression. */
export function lineFilter({ grep, invert }: FilterRequest): Result<LineFilter | null, Failure> {
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
  const found = isLiteral ? literalFinder(Buffer.from(only)) : patternFinder(grep);
  return ok(invert ? (bytes, lines) => others(found(bytes, lines), lines.starts.length) : found);
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
    return found;
  };
}

const PROGRAM = `
const expressions = patterns.map((pattern) => new RegExp(pattern));
function search() {
  const given = lines;
  const found = [];
  for (let index = 0; index < given.length; index += 1) {
    const line = given[index];
    for (let n = 0; n < expressions.length; n += 1) {
      if (expressions[n].test(line)) { found.push(index); break; }
    }
  }
  return found;
}
`;

/**
 * A pattern of somebody can take for ever, which no check of it tells for sure. In a context of its own it can be stopped:
 * one batch first, and where that takes long each line for itself.
 */
function patternFinder(patterns: readonly string[]): LineFilter {
  const context = createContext({ patterns: [...patterns], lines: [] });
  new Script(PROGRAM).runInContext(context);
  const search = new Script('search()');
  return (bytes, { starts, ends }) => {
    const lines = starts.map((start, index) => bytes.toString('utf8', start, ends[index]));
    const found = searchIn(context, search, lines, BATCH_MS);
    if (found !== null) return found;
    return lines.flatMap((line, index) => {
      const one = searchIn(context, search, [line], LINE_MS);
      if (one === null) throw new FailureError(TOO_SLOW);
      return one.length > 0 ? [index] : [];
    });
  };
}

function searchIn(
  context: Context,
  search: Script,
  lines: readonly string[],
  timeout: number,
): readonly number[] | null {
  context['lines'] = lines;
  try {
    return [...(search.runInContext(context, { timeout }) as number[])];
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return null;
    throw error;
  } finally {
    context['lines'] = [];
  }
}

const TOO_SLOW: Failure = {
  code: 'USAGE',
  message: 'cannot search with this pattern: it takes too long on a line of the log',
  hint: 'nested repetitions such as (a+)+ are what takes long; a plain word never does',
};
