import { posix } from 'node:path';
import picomatch from 'picomatch';
import type { AppSpec } from '../spec/types.ts';

/** What never counts: nothing that a process loads by custom, or what it writes itself. */
const NO_CODE_FOLDER =
  /^(?:\..+|node_modules|bower_components|__pycache__|venv|site-packages|docs?|tests?|__tests__|__mocks__|e2e|coverage|logs?|tmp|temp)$/i;
const NO_CODE_FILE = new RegExp(
  [
    String.raw`^\..*$`,
    String.raw`^(?:readme|license|licence|changelog|changes|authors|contributing|notice|codeowners|dockerfile|makefile|vagrantfile)(?:\..*)?$`,
    String.raw`^docker-compose.*$`,
    String.raw`\.(?:md|mdown|markdown|rst|adoc|map|tsbuildinfo|log|pid|sock|pyc|pyo|o|swp|swo|tmp|bak|orig|rej)$`,
    String.raw`\.log[.-].*$`,
    String.raw`[._-](?:test|spec)\.[a-z]+$`,
    String.raw`^test_.*\.py$`,
    String.raw`~$`,
  ].join('|'),
  'i',
);
/** The declaration is compared by itself. */
const DECLARATION =
  /^(?:ecosystem(?:\..*)?\.(?:js|cjs|mjs|ts|json|ya?ml)|pm2(?:\.config)?\.(?:js|cjs|json|ya?ml)|process(?:es)?\.(?:json|ya?ml))$/i;

/** Where and as what apps keep what they write: of such files only what is committed counts. */
const DATA_FOLDER =
  /^(?:data|db|database|storage|store|uploads?|cache|var|state|sessions?|backups?|public|static|media|assets)$/i;
const DATA_FILE =
  /\.(?:sqlite3?|db|db3|sqlite3?-\w+|db-\w+|rdb|aof|csv|tsv|jsonl|ndjson|parquet|dat|data|lck|png|jpe?g|gif|webp|svg|ico|pdf|zip|gz|mp[34])$/i;
const DATA_NAME = /^(?:db|data|state|store|storage|cache|sessions?)\.json$/i;
/** Written by people, whatever folder it is in. */
const SOURCE_FILE = /\.(?:[cm]?[jt]sx?|py|rb|ru|php|pl|pm|sh|bash|go|rs|java|kt|ex|exs|erl|lua|vue|svelte)$/i;
const LOCK_FILE =
  /^(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|deno\.lock|poetry\.lock|uv\.lock|pipfile\.lock|pdm\.lock|gemfile\.lock|composer\.lock|cargo\.lock|go\.sum|mix\.lock)$/i;

/** Which files of an app are its code. */
export interface CodeRules {
  /** Neither this folder nor anything below it counts. */
  readonly skipsFolder: (folder: string, name: string) => boolean;
  /** Whether a file counts; `path` is the way to it from the folder of the app. */
  readonly counts: (file: string, path: string) => boolean;
  /** The same, the excluded files aside: all rules of this `key` agree on it. */
  readonly countsByName: (file: string, path: string) => boolean;
  readonly key: string;
  readonly isExcluded: (file: string) => boolean;
}

export interface RulesInput {
  /** `code_ignore`, relative to `cwd`. */
  readonly ignore: readonly string[];
  readonly cwd: string;
  /** Files that are not code whatever they are called: logs, ecosystem files. Absolute. */
  readonly excluded: ReadonlySet<string>;
}

/** Works out what counts of an app. */
export function codeRules({ ignore, cwd, excluded }: RulesInput): CodeRules {
  const tests = ignore.map((pattern) => ({
    matches: matcher(pattern.replace(/^!/, ''), cwd),
    isWanted: pattern.startsWith('!'),
  }));
  /** What the last pattern says that matches; null: none does. */
  const said = (path: string): boolean | null =>
    tests.length === 0 ? null : (tests.findLast(({ matches }) => matches(path))?.isWanted ?? null);
  const hasWanted = tests.some(({ isWanted }) => isWanted);
  const countsByName = (file: string, path: string): boolean => {
    const answer = said(file);
    if (answer !== null) return answer;
    const names = path.split('/');
    const name = names.pop() ?? '';
    return (
      !DECLARATION.test(name) &&
      !NO_CODE_FILE.test(name) &&
      !names.some((folder) => folder !== '..' && NO_CODE_FOLDER.test(folder))
    );
  };
  return {
    skipsFolder: (folder, name) => {
      const answer = said(folder);
      if (answer !== null) return !answer;
      // What is wanted after all can lie below a folder that is not.
      return NO_CODE_FOLDER.test(name) && !(hasWanted && name !== 'node_modules' && name !== '.git');
    },
    counts: (file, path) => !excluded.has(file) && countsByName(file, path),
    countsByName,
    isExcluded: (file) => excluded.has(file),
    key: [cwd, ...ignore].join('\0'),
  };
}

/** A name without a slash means it anywhere; what is below a folder that matches does too. */
function matcher(pattern: string, cwd: string): (path: string) => boolean {
  const anywhere = !pattern.includes('/');
  const trimmed = pattern.replace(/\/+$/, '').replace(/^\.\//, '');
  const isMatch = picomatch([trimmed, `${trimmed}/**`], { dot: true });
  const prefix = cwd.endsWith('/') ? cwd : `${cwd}/`;
  return (path) => {
    if (pattern.startsWith('/')) return isMatch(path);
    if (!path.startsWith(prefix)) return anywhere && isMatch(posix.basename(path));
    const inside = path.slice(prefix.length);
    if (isMatch(inside)) return true;
    return anywhere && inside.split('/').some((name) => isMatch(name));
  };
}

/**
 * Whether an app may write a tracked file by itself: as long as it is not committed, a change of it is not a change of the
 * code. A source file is somebody's edit wherever it lies.
 */
export function isWrittenByApps(path: string): boolean {
  const name = posix.basename(path);
  if (SOURCE_FILE.test(name) || LOCK_FILE.test(name)) return false;
  if (DATA_FILE.test(name) || DATA_NAME.test(name)) return true;
  return path
    .split('/')
    .slice(0, -1)
    .some((folder) => DATA_FOLDER.test(folder));
}

/** Files that stateward writes for the app. */
export function writtenFiles({ out_file, error_file, log_file }: AppSpec): readonly string[] {
  return [out_file, error_file, log_file].flatMap((file) => file ?? []);
}

/** What declares the dependencies of a program: the folder that holds one is the folder of the program. */
export const MANIFESTS: readonly string[] = [
  'package.json',
  'deno.json',
  'pyproject.toml',
  'requirements.txt',
  'setup.py',
  'Pipfile',
  'Gemfile',
  'composer.json',
  'go.mod',
  'Cargo.toml',
  'mix.exs',
];

export const LOCK_FILES: readonly string[] = [
  'package-lock.json',
  'npm-shrinkwrap.json',
  'yarn.lock',
  'pnpm-lock.yaml',
  'bun.lock',
  'bun.lockb',
  'deno.lock',
  'poetry.lock',
  'uv.lock',
  'Pipfile.lock',
  'pdm.lock',
  'Gemfile.lock',
  'composer.lock',
  'go.sum',
  'Cargo.lock',
  'mix.lock',
];

const NODE = ['.js', '.cjs', '.mjs', '.jsx', '.ts', '.cts', '.mts', '.tsx', '.node', '.wasm'];
const SOURCES: Readonly<Record<string, readonly string[]>> = {
  node: NODE,
  python: ['.py', '.pyx', '.so'],
  ruby: ['.rb', '.ru', '.rake'],
  php: ['.php', '.phtml'],
  perl: ['.pl', '.pm'],
  shell: ['.sh', '.bash'],
  lua: ['.lua'],
};

export type Language = 'node' | 'python' | 'ruby' | 'php' | 'perl' | 'shell' | 'lua';

/** Extensions of the sources of a language; of a shell script those of everything that it may run. */
export function sourceExtensions(language: Language): ReadonlySet<string> {
  return new Set(language === 'shell' ? Object.values(SOURCES).flat() : SOURCES[language]);
}
