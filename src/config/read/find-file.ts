import { readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';

export type FileFormat = 'yaml' | 'json' | 'javascript';

export interface FoundFile {
  /** Absolute; `-` for standard input. */
  readonly path: string;
  /** As it is shown to people. */
  readonly shown: string;
  readonly format: FileFormat | 'stdin';
}

const EXTENSIONS: Readonly<Record<string, FileFormat>> = {
  yaml: 'yaml',
  yml: 'yaml',
  json: 'json',
  jsonc: 'json',
  json5: 'json',
  js: 'javascript',
  cjs: 'javascript',
  mjs: 'javascript',
};

/** What a folder is searched for: ecosystem.yaml, ecosystem.config.js, pm2.config.cjs ... */
const IN_FOLDER = /^(?:ecosystem(?:\.config)?|pm2(?:\.config)?)\.(?:ya?ml|jsonc?|json5|[cm]?js)$/;

/** The ecosystem file that an argument of `-f` means: a file, a folder that has exactly one, or `-`. */
export function findFile(given: string, cwd: string): Result<FoundFile, Failure> {
  if (given === '-') return ok({ path: '-', shown: '<stdin>', format: 'stdin' });
  const path = absolutePath(given, cwd);
  const kind = kindOf(path);
  if (!kind.ok) {
    const message = `cannot read ${given}: ${kind.error}`;
    const code = kind.error === 'no such file or folder' ? 'CONFIG_NOT_FOUND' : 'CONFIG_UNREADABLE';
    return err({ code, message, position: { file: given } });
  }
  if (kind.value === 'folder') return inFolder(given, path);
  return withFormat(path, given);
}

/**
 * The path with the links that the working folder was reached over, as the shell shows it. Where `..` goes back over a
 * link, it is the folder above the one that the link leads to, as for every other program.
 */
function absolutePath(given: string, cwd: string): string {
  const path = resolve(cwd, given);
  if (!given.split('/').includes('..')) return path;
  const real = resolve(realpathSync(cwd), given);
  return isSameFile(path, real) ? path : real;
}

function isSameFile(one: string, other: string): boolean {
  const [first, second] = [one, other].map((path) => statSync(path, { throwIfNoEntry: false }));
  return first?.ino === second?.ino && first?.dev === second?.dev;
}

function kindOf(path: string): Result<'file' | 'folder', string> {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return err('no such file or folder');
    if (stats.isDirectory()) return ok('folder');
    return stats.isFile() ? ok('file') : err('it is no regular file; give it on standard input with -f -');
  } catch (error) {
    return err((error as NodeJS.ErrnoException).code ?? 'it cannot be looked at');
  }
}

function inFolder(given: string, folder: string): Result<FoundFile, Failure> {
  let names: readonly string[];
  try {
    names = readdirSync(folder).filter((name) => IN_FOLDER.test(name));
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? 'it cannot be read';
    return err({ code: 'CONFIG_UNREADABLE', message: `cannot read the folder ${given}: ${why}` });
  }
  const [first, second] = names.toSorted();
  if (first === undefined) {
    return err({
      code: 'CONFIG_NOT_FOUND',
      message: `the folder ${given} has no ecosystem file`,
      hint: 'write ecosystem.yaml, or name the file with -f (also found: ecosystem.json, ecosystem.config.js, pm2.config.js)',
    });
  }
  if (second !== undefined) {
    return err({
      code: 'CONFIG_NOT_FOUND',
      message: `the folder ${given} has more than one ecosystem file: ${names.toSorted().join(', ')}`,
      hint: 'name the one you mean with -f',
    });
  }
  return withFormat(join(folder, first), given === '.' ? first : join(given, first));
}

function withFormat(path: string, shown: string): Result<FoundFile, Failure> {
  const extension = /\.([^.]+)$/.exec(basename(path))?.[1]?.toLowerCase() ?? '';
  const format = Object.hasOwn(EXTENSIONS, extension) ? EXTENSIONS[extension] : undefined;
  if (format !== undefined) return ok({ path, shown, format });
  return err({
    code: 'CONFIG_UNREADABLE',
    message: `cannot tell the format of ${shown}`,
    hint: 'an ecosystem file ends in .yaml, .yml, .json, .js, .cjs or .mjs',
    position: { file: shown },
  });
}
