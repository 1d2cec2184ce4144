import {
  promises,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { makeFolder, makeFolderSync } from '../make-folder.ts';
import { cacheFolder } from './cache-folder.ts';
import { seal, unseal } from './sealed.ts';

export interface CachedLoadOptions {
  /** The built file, a CommonJS bundle. */
  readonly file: string;
  readonly version: string;
  /** Which of several caches of the same file: each holds what its kind of command compiled, with the same flags of V8. */
  readonly slot: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Asked at the end: whether this run has compiled what others of its kind need. Absent: every run has. */
  readonly isWhole?: () => boolean;
  /**
   * For programs that stay, and may end by a kill: what they have compiled is kept so many milliseconds after their start,
   * and a disk that takes its time holds nothing up. Absent: it is kept at the end.
   */
  readonly keepAfterMs?: number;
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
    keep(script, cacheFile, options);
  }
  return loaded.exports;
}

/** Later: the functions that were compiled when they were called are then in the cache too. */
function keep(script: Script, cacheFile: string, options: CachedLoadOptions): void {
  const { isWhole, keepAfterMs } = options;
  const prefix = prefixOf(options);
  if (keepAfterMs !== undefined) {
    setTimeout(() => void writeLater(cacheFile, prefix, script), keepAfterMs).unref();
    return;
  }
  process.once('exit', () => {
    if (isWhole?.() === false) return;
    writeNow(cacheFile, prefix, script);
  });
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
    return isOurs(dirname(file)) ? unseal(readFileSync(file)) : undefined;
  } catch {
    return undefined;
  }
}

/** A folder of somebody else (that of who ran `sudo`) gets nothing either: what has its names there may lead anywhere. */
function isOurs(folder: string): boolean {
  const { uid, mode } = statSync(folder);
  return uid === process.getuid?.() && (mode & 0o022) === 0;
}

/** V8 takes a cache with a hole in it, and dies of it: it is sealed, and on the disk before it has its name. */
const WHOLE = { mode: 0o600, flag: 'wx', flush: true } as const;

function writeNow(file: string, prefix: string, script: Script): void {
  const temporary = `${file}.${process.pid}`;
  try {
    makeFolderSync(dirname(file), 0o700);
    if (!isOurs(dirname(file))) return;
    writeFileSync(temporary, seal(script.createCachedData()), WHOLE);
    renameSync(temporary, file);
    removeOthers(file, prefix);
  } catch {
    try {
      unlinkSync(temporary);
    } catch {
      // It was never written.
    }
  }
}

async function writeLater(file: string, prefix: string, script: Script): Promise<void> {
  const temporary = `${file}.${process.pid}`;
  try {
    await makeFolder(dirname(file), 0o700);
    if (!isOurs(dirname(file))) return;
    await promises.writeFile(temporary, seal(script.createCachedData()), WHOLE);
    await promises.rename(temporary, file);
    removeOthers(file, prefix);
  } catch {
    await promises.unlink(temporary).catch(() => undefined);
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
