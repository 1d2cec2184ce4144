import { isAbsolute, relative, resolve, sep } from 'node:path';
import type picomatch from 'picomatch';

/** What an app declares about watching, as far as it says which files count. */
export interface WatchDeclaration {
  readonly cwd: string;
  /** Empty: `cwd` itself. Paths and globs, relative to `cwd`; one that begins with `!` is ignored. */
  readonly paths: readonly string[];
  /** Beside the defaults: names, paths and globs, relative to `cwd`. */
  readonly ignore: readonly string[];
  /** Files and folders that stateward itself writes, absolute. */
  readonly ownPaths: readonly string[];
}

/** Which files count. Paths are absolute. */
export interface WatchSelection {
  /** Where to begin: every selected file is one of these, or below one. */
  readonly roots: readonly string[];
  /** Neither this path nor anything below it counts. */
  readonly isIgnored: (path: string) => boolean;
  /** The file counts, unless it is ignored. */
  readonly isSelected: (file: string) => boolean;
}

type Test = (path: string) => boolean;

/** What is in every folder and is not a source: dependencies, and what begins with a dot (`.git`, editors' swap files). */
const IGNORED_NAME = /^(?:node_modules|\..+)$/;
/** Files that editors leave beside the one they save. */
const EDITOR_FILE = /(?:~|\.sw[a-z]|\.tmp|^4913)$/;

/** Works out which files count; `match` is picomatch. */
export function selectFiles(declaration: WatchDeclaration, match: typeof picomatch): WatchSelection {
  const { cwd, ownPaths } = declaration;
  const included = declaration.paths.filter((path) => !path.startsWith('!'));
  const excluded = declaration.paths.filter((path) => path.startsWith('!')).map((path) => path.slice(1));
  const includes = (included.length === 0 ? ['.'] : included).map((path) => include(path, cwd, match));
  const ignores = [...declaration.ignore, ...excluded].map((pattern) => ignore(pattern, cwd, match));
  const roots = [...new Set(includes.map(({ root }) => root))];
  return {
    roots,
    isIgnored: (path) => {
      if (ownPaths.some((own) => isWithin(path, own) || isRotated(path, own))) return true;
      // A path that is watched by its name is wanted, whatever it is called.
      const below = roots.filter((root) => isWithin(path, root)).map((root) => namesBelow(root, path));
      const isWanted = below.some(
        (names) => !names.some((name) => IGNORED_NAME.test(name) || EDITOR_FILE.test(name)),
      );
      return (below.length > 0 && !isWanted) || ignores.some((test) => test(path));
    },
    isSelected: (file) => includes.some(({ test }) => test(file)),
  };
}

function include(
  pattern: string,
  cwd: string,
  match: typeof picomatch,
): { readonly root: string; readonly test: Test } {
  const { base, glob, isGlob } = match.scan(pattern);
  if (!isGlob) {
    const root = resolve(cwd, pattern);
    return { root, test: (path) => isWithin(path, root) };
  }
  const root = resolve(cwd, base);
  const matches = match(glob, { dot: true });
  return { root, test: (path) => matches(relative(root, path)) };
}

/** As in a .gitignore: a pattern without a slash is a name at any depth, any other one a path; both with what is below. */
function ignore(pattern: string, cwd: string, match: typeof picomatch): Test {
  const trimmed = pattern.replace(/^\.\//, '').replace(/\/+$/, '');
  const matches = match(trimmed, { dot: true });
  if (!trimmed.includes('/'))
    return (path) =>
      relative(cwd, path)
        .split(sep)
        .some((name) => matches(name));
  const below = match(`${trimmed}/**`, { dot: true });
  return (path) => {
    const subject = isAbsolute(trimmed) ? path : relative(cwd, path);
    return matches(subject) || below(subject);
  };
}

function namesBelow(root: string, path: string): readonly string[] {
  return relative(root, path).split(sep).filter(Boolean);
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** `api-out.log.1`, `api-out.log.1.gz`. */
function isRotated(path: string, file: string): boolean {
  return path.startsWith(`${file}.`);
}
