import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { usageError } from '../session/failures.ts';
import type { DeployAction } from './script.ts';
import { refProblem } from './target.ts';

/** What the words of `deploy` mean. */
export interface DeployWords {
  /** undefined: the one of this folder. */
  readonly file: string | undefined;
  readonly environment: string;
  /** null: the update to the ref that the file names. */
  readonly action: DeployAction | null;
}

const FILE = /\.(?:ya?ml|json5?|[cm]?[jt]s)$/;
const NO_ARGUMENT: readonly string[] = ['setup', 'update', 'list', 'current', 'curr', 'previous', 'prev'];

/** `[FILE] ENV [ACTION [ARGUMENT]]` */
export function actionOf(args: readonly string[], flag: string | undefined, cwd: string): DeployWords {
  const [first] = args;
  const isFile =
    flag === undefined &&
    first !== undefined &&
    (FILE.test(first) || (existsSync(resolve(cwd, first)) && first.includes('/')));
  const [environment, word, ...more] = isFile ? args.slice(1) : args;
  if (environment === undefined)
    throw usageError('deploy: no environment is named', 'stateward deploy [FILE] ENV');
  const stray =
    word !== 'exec' && word !== 'run' ? more[word === 'revert' ? 1 : word === 'ref' ? 1 : 0] : undefined;
  if (stray !== undefined)
    throw usageError(`unexpected argument: ${stray}`, 'stateward deploy [FILE] ENV ACTION');
  return { file: flag ?? (isFile ? first : undefined), environment, action: readAction(word, more) };
}

function readAction(word: string | undefined, more: readonly string[]): DeployAction | null {
  const [argument] = more;
  switch (word) {
    case undefined:
    case 'update':
      return null;
    case 'setup':
    case 'list':
    case 'current':
    case 'previous':
      return { kind: word };
    case 'curr':
      return { kind: 'current' };
    case 'prev':
      return { kind: 'previous' };
    case 'revert': {
      if (argument !== undefined && !/^[1-9]\d{0,2}$/.test(argument)) {
        throw usageError(`revert ${argument}: this is no number of releases`, 'revert 1 goes back by one');
      }
      return { kind: 'revert', steps: Number(argument ?? 1) };
    }
    case 'exec':
    case 'run':
      if (more.length === 0)
        throw usageError(`${word}: no command is named`, 'stateward deploy ENV exec "COMMAND"');
      return { kind: 'exec', command: more.join(' ') };
    default: {
      const ref = word === 'ref' ? (argument ?? '') : word;
      const problem = refProblem(ref);
      if (problem !== null)
        throw usageError(
          problem,
          `known are ${NO_ARGUMENT.join(', ')}, revert N, exec COMMAND, and a branch, tag or commit`,
        );
      return { kind: 'update', ref: ref.replace(/^origin\//, '') };
    }
  }
}
