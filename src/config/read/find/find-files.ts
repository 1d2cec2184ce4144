import { readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Failure } from '../../../lib/failure.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import { nearest } from '../../../lib/nearest.ts';
import { formatOf, isDeclarationName, SHOWN_NAMES, type FileFormat } from './file-names.ts';
import { foreignFile } from './foreign-files.ts';
import { askDisk, type Inputs } from '../../inputs/inputs.ts';

export interface FoundFile {
  /** Absolute; `-` for standard input. */
  readonly path: string;
  /** As it is shown to people. */
  readonly shown: string;
  readonly format: FileFormat | 'stdin';
  /** It is in a folder that was named, and counts only when it declares something: most YAML and JSON does not. */
  readonly isGuess: boolean;
}

/** Files of other tools that hold what looks like apps. */
const NEVER =
  /^(?:\.|(?:package|package-lock|npm-shrinkwrap|composer|rush|angular|nx|manifest)\.json$|.*\.schema\.json$)/;
/** Files of a folder that are looked at. */
const MAX_GUESSES = 500;

type Ask = Inputs['ask'];

/** The ecosystem files that an argument of `-f` means: a file, the declarations in a folder, or `-`. */
export function findFiles(
  given: string,
  cwd: string,
  ask: Ask = askDisk,
): Result<readonly FoundFile[], Failure> {
  if (given === '-') return ok([{ path: '-', shown: '<stdin>', format: 'stdin', isGuess: false }]);
  const path = resolve(cwd, given);
  const found = ask('kind', path);
  if ('kind' in found) {
    return found.kind === 'folder' ? inFolder(given, path, ask) : withFormat(path, given);
  }
  if (found.code === null) {
    const hint =
      'name a file or a folder that is there, from the folder of the command; stateward init writes a first file';
    return err(noSuchFile(given, path, hint));
  }
  const message = `cannot read ${given}: ${found.code}`;
  return err({ code: 'CONFIG_UNREADABLE', message, position: { file: given } });
}

/**
 * What to say of a file that is not there: the name that was probably meant, or what ecosystem files there are, or else the way
 * out.
 */
export function noSuchFile(given: string, path: string, otherwise: string): Failure {
  const folder = dirname(path);
  const names = namesIn(folder);
  const meant = nearest(basename(path), names);
  const there = names.filter(isDeclarationName);
  const hint =
    meant !== null
      ? `did you mean ${join(dirname(given), meant)}?`
      : there.length > 0
        ? `there is ${there.map((name) => join(dirname(given), name)).join(', ')}`
        : otherwise;
  const message = `cannot read ${given}: no such file or folder`;
  const position = { file: given };
  return { code: 'CONFIG_NOT_FOUND', message, hint, position };
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    return [];
  }
}

/** Everything in a folder that may be a declaration: by its name, or, in YAML and JSON, by what it says. */
function inFolder(given: string, folder: string, ask: Ask): Result<readonly FoundFile[], Failure> {
  const names = ask('files', folder);
  if (typeof names === 'string')
    return err({ code: 'CONFIG_UNREADABLE', message: `cannot read the folder ${given}: ${names}` });
  const found = names.flatMap((name): FoundFile[] => {
    const format = formatOf(name);
    const isNamed = isDeclarationName(name);
    if (format === null || (!isNamed && (format === 'javascript' || NEVER.test(name)))) return [];
    const shown = given === '.' ? name : join(given, name);
    return [{ path: join(folder, name), shown, format, isGuess: !isNamed }];
  });
  if (found.length <= MAX_GUESSES) return found.length === 0 ? err(nothingIn(given)) : ok(found);
  const message = `the folder ${given} has ${found.length} files that may be ecosystem files`;
  return err({ code: 'CONFIG_TOO_LARGE', message, hint: 'name those that are with -f' });
}

/** What to say of a folder without a declaration. */
export function nothingIn(given: string): Failure {
  return {
    code: 'CONFIG_NOT_FOUND',
    message: `the folder ${given} has no ecosystem file`,
    hint: `write ecosystem.yaml, or name the file with -f (also looked for: ${SHOWN_NAMES}, and any YAML or JSON with \`apps\`)`,
  };
}

function withFormat(path: string, shown: string): Result<readonly FoundFile[], Failure> {
  const foreign = foreignFile(path, shown);
  if (foreign !== null) return err(foreign);
  const format = formatOf(path);
  if (format !== null) return ok([{ path, shown, format, isGuess: false }]);
  return err({
    code: 'CONFIG_UNREADABLE',
    message: `cannot tell the format of ${shown}`,
    hint: 'an ecosystem file ends in .yaml, .yml, .json, .js, .cjs, .mjs or .ts',
    position: { file: shown },
  });
}
