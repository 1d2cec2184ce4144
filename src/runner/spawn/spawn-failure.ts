import { limitsHint, startError } from './limits-hint.ts';

const EXPLANATIONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such program',
  EACCES: 'not executable, or a folder on the way is closed',
  E2BIG: 'arguments and environment are too large',
  ENOEXEC: 'not a program: is its first line missing?',
};

/** `spawn: ENOENT: cannot run "nope": no such program`. */
export function spawnFailure(code: string, file: string): Error {
  const explanation = EXPLANATIONS[code] ?? limitsHint(code) ?? undefined;
  const why = explanation === undefined ? '' : `: ${explanation}`;
  return startError(code, `spawn: ${code}: cannot run "${file}"${why}`);
}
