import { readFileSync, readdirSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { makeFolderSync } from '../../lib/make-folder.ts';
import { cacheFolder } from './cache-folder.ts';

export interface CachedLoadOptions {
  /** The built file, a CommonJS bundle. */
  readonly file: string;
  readonly version: string;
  /** Which of several caches of the same file: each holds what its kind of command compiled. */
  readonly slot: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Asked at the end: whether this run has compiled what others of its kind need. Absent: every run has. */
  readonly isWhole?: () => boolean;
  /** That of a program in the same folder: `node:module`, which could make another one, is slow to load. */
  readonly require: NodeJS.Require;
}

/**
 * Loads a CommonJS bundle with V8's compiled code from the last run, which halves the start-up time. Whatever is wrong
 * with the cache (unwritable, of another owner, stale, rejected by V8) is silent: the bundle is compiled instead.
 * STATEWARD_NO_CODE_CACHE=1 turns it off.
 */
export function loadCached(options: CachedLoadOptions): unknown {
  const { file, env, require } = options;
  const disabled = env['STATEWARD_NO_CODE_CACHE'] ?? '';
  if (disabled !== '' && disabled !== '0') return require(file) as unknown;
  const source = readFileSync(file, 'utf8');
  const cacheFile = cachePath(options, source.length);
  const cachedData = cacheFile === null ? undefined : readCache(cacheFile);
  const script = new Script(wrap(source), {
    filename: file,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  const loaded = { exports: {} };
  const compiled = script.runInThisContext() as (...parameters: readonly unknown[]) => void;
  compiled.call(loaded.exports, loaded.exports, require, loaded, file, dirname(file));
  if (cacheFile !== null && (cachedData === undefined || script.cachedDataRejected === true)) {
    // At the end of the run: the functions that it compiled lazily are then in the cache too.
    process.once('exit', () => {
      if (options.isWhole?.() === false) return;
      writeCache(cacheFile, () => script.createCachedData());
      removeOthers(cacheFile, prefixOf(options));
    });
  }
  return loaded.exports;
}

function wrap(source: string): string {
  return `(function (exports, require, module, __filename, __dirname) { ${source}\n});`;
}

function cachePath(options: CachedLoadOptions, length: number): string | null {
  const { file, version, env } = options;
  const folder = cacheFolder(env);
  if (folder === null) return null;
  const built = Math.floor(statSync(file).mtimeMs);
  return join(folder, `${prefixOf(options)}${version}-${length}-${built}.bin`);
}

/** What the caches of other builds begin with too. */
function prefixOf({ slot }: CachedLoadOptions): string {
  return `${process.version}-${process.arch}-${slot}-`;
}

/** Compiled code is code: it is only taken from a file of our own that others cannot write. */
function readCache(file: string): Buffer | undefined {
  try {
    const { uid, mode } = statSync(dirname(file));
    if (uid !== process.getuid?.() || (mode & 0o022) !== 0) return undefined;
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

function writeCache(file: string, produce: () => Buffer): void {
  const temporary = `${file}.${process.pid}`;
  try {
    makeFolderSync(dirname(file), 0o700);
    // V8 takes a cache with a hole in it, and dies of it: all of it is on the disk before it has its name.
    writeFileSync(temporary, produce(), { mode: 0o600, flush: true });
    renameSync(temporary, file);
  } catch {
    try {
      unlinkSync(temporary);
    } catch {
      // It was never written.
    }
  }
}

/** Builds come and go; their caches would stay for ever. */
function removeOthers(file: string, prefix: string): void {
  try {
    const folder = dirname(file);
    for (const name of readdirSync(folder)) {
      if (name.startsWith(prefix) && name.endsWith('.bin') && name !== basename(file))
        unlinkSync(join(folder, name));
    }
  } catch {
    // Another command does the same.
  }
}
