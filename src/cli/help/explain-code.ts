import { ERROR_CODES } from '../../lib/error-codes.ts';
import { EXIT } from '../../lib/exit-codes.ts';
import { REASONS } from '../../plan/model/reasons.ts';
import { ERROR_TEXTS } from './error-texts.ts';

/** What a code means that is not a field. */
export interface CodeExplanation {
  readonly code: string;
  readonly kind: 'error' | 'reason' | 'exit code';
  readonly text: string;
  /** What to do about it; of an error only. */
  readonly wayOut?: string;
  /** What a command ends with; of an error only. */
  readonly exitCode?: number;
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
  NOT_RUNNABLE: 'exec: the program may not be executed',
  NO_PROGRAM: 'exec: there is no such program on the PATH of the app',
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
  const code = (Object.keys(ERROR_CODES) as (keyof typeof ERROR_CODES)[]).find(same);
  if (code !== undefined) {
    const { means, wayOut } = ERROR_TEXTS[code];
    return { code, kind: 'error', text: means, wayOut, exitCode: ERROR_CODES[code] };
  }
  const reason = Object.entries(REASONS).find(([name]) => same(name));
  return reason === undefined ? null : { code: reason[0], kind: 'reason', text: reason[1] };
}

/** An explanation for people. */
export function codeText({ code, kind, text, wayOut, exitCode }: CodeExplanation): string {
  const lines = [`${code}  <${kind}>`, '', `  ${text}`];
  if (wayOut !== undefined) lines.push(`  ${wayOut}`);
  const exit = exitCode === undefined ? undefined : exitNamed(exitCode);
  if (exit !== undefined)
    lines.push('', `  As an error, it ends a command with ${exitCode}: ${EXIT_TEXTS[exit]}.`);
  return `${lines.join('\n')}\n`;
}

function exitNamed(code: number): keyof typeof EXIT | undefined {
  return (Object.keys(EXIT) as (keyof typeof EXIT)[]).find((name) => EXIT[name] === code);
}
