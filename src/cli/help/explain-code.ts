import { ERROR_CODES } from '../../lib/error-codes.ts';
import { EXIT } from '../../lib/exit-codes.ts';
import { REASONS } from '../../plan/model/reasons.ts';

/** What a code means that is not a field. */
export interface CodeExplanation {
  readonly code: string;
  readonly kind: 'error' | 'reason' | 'exit code';
  readonly text: string;
}

/** What each exit code means. */
export const EXIT_TEXTS: Readonly<Record<keyof typeof EXIT, string>> = {
  OK: 'done, or converged',
  FAILED: 'the operation failed; of diff: there are differences',
  CHANGES: 'plan --detailed-exitcode: there are changes',
  ROLLED_BACK: 'a rollout failed, and the previous version was kept or restored',
  TIMEOUT: 'timed out waiting; the daemon goes on with it',
  STALE: 'the saved plan is stale, or shows something else than it would do',
  GUARD: 'refused by a guard, and nothing was changed',
  USAGE: 'wrong use of the command line',
  INVALID_CONFIG: 'the ecosystem file is invalid; every mistake is listed with its place',
  UNAVAILABLE: 'the daemon cannot be reached',
  PERMISSION: 'not permitted',
  INTERRUPTED: 'interrupted; the daemon goes on with what was asked for',
};

/** What a code of an error, a reason or an exit code means; letters may be small or large. null: it is none. */
export function explainCode(word: string): CodeExplanation | null {
  if (/^\d+$/.test(word)) {
    const exit = exitNamed(Number(word));
    return exit === undefined ? null : { code: word, kind: 'exit code', text: EXIT_TEXTS[exit] };
  }
  const same = (name: string): boolean => name.toLowerCase() === word.toLowerCase();
  // Fields are written in small letters.
  if (word === word.toLowerCase() && !word.includes('_')) return null;
  const error = Object.entries(ERROR_CODES).find(([name]) => same(name));
  if (error !== undefined) {
    const [code, exit] = error;
    const name = exitNamed(exit);
    const means = name === undefined ? '' : `: ${EXIT_TEXTS[name]}`;
    return {
      code,
      kind: 'error',
      text: `ends a command with ${exit}${means}. Its message says where and its help what to do.`,
    };
  }
  const reason = Object.entries(REASONS).find(([name]) => same(name));
  return reason === undefined ? null : { code: reason[0], kind: 'reason', text: reason[1] };
}

function exitNamed(code: number): keyof typeof EXIT | undefined {
  return (Object.keys(EXIT) as (keyof typeof EXIT)[]).find((name) => EXIT[name] === code);
}
