import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';

/** Longer patterns are refused: they are where backtracking gets out of hand. */
const MAX_PATTERN_LENGTH = 100;
/** A repeated group that holds a repetition or an alternative can take exponential time: `(a+)+`, `(a|a)*`. */
const RISKY_GROUP = /\([^()]*(?:[+*{|])[^()]*\)\s*[+*{]/;
const BACK_REFERENCE = /\\[1-9]|\\k</;
/** Several open repetitions in a row take polynomial time; this many are plenty for names. */
const MAX_REPETITIONS = 3;

/** `/regex/` as a regular expression. Fails with USAGE for one that is none, or that could take too long. */
export function readPattern(selector: string): Result<RegExp, Failure> {
  const source = selector.slice(1, -1);
  if (source === '') return err(badPattern(selector, 'it is empty, and every name would match it'));
  const repetitions = source.match(/[+*{]/g)?.length ?? 0;
  const isRisky =
    source.length > MAX_PATTERN_LENGTH ||
    repetitions > MAX_REPETITIONS ||
    RISKY_GROUP.test(source) ||
    /\([^()]*\([^]*\)\s*[+*{]/.test(source) ||
    BACK_REFERENCE.test(source);
  if (isRisky) return err(badPattern(selector, 'it could take too long'));
  try {
    return ok(new RegExp(source));
  } catch {
    return err(badPattern(selector, 'it is not a regular expression'));
  }
}

function badPattern(selector: string, why: string): Failure {
  return {
    code: 'USAGE',
    message: `cannot use the pattern ${selector}: ${why}`,
    hint: 'a short pattern such as /^web-/ matches the names of apps',
  };
}
