import { createHash } from 'node:crypto';
import { lstatSync, readlinkSync, statSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import type { Contents, HashName } from '../content.ts';
import { readIndex, type IndexEntry } from './git-index.ts';
import { isWrittenByApps, type CodeRules } from '../rules.ts';
import { readSmall } from '../read-file.ts';
import { findWorkTree, hashBytes, readHead, type WorkTree } from './work-tree.ts';

/** The tracked files of one folder, as the index had them when it was read. */
export interface Tracked {
  /** Paths relative to the folder. */
  readonly entries: readonly IndexEntry[];
  readonly hash: HashName;
  readonly indexMtimeMs: number;
  /** Something in the folder is staged and not committed. */
  readonly staged: boolean;
}

/** One of 400,000 files. */
const MAX_INDEX_BYTES = 64 * 1024 * 1024;
/** Beyond these only what is committed or staged is compared. */
const MAX_LOOKED_AT = 20_000;
const MAX_FOLDERS = 20_000;
/** A difference that comes from how times are written down. */
const SAME_MS = 0.002;
const MAX_TEXT_BYTES = 8 * 1024 * 1024;

interface Known {
  readonly index: Pick<Stats, 'mtimeMs' | 'size' | 'ino'>;
  readonly tracked: Tracked | null;
}

/** What git tracks in folders of work trees: an index is read once for all folders that are asked for together. */
export class TrackedFiles {
  readonly #known = new Map<string, Known>();

  /** By folder; null: the index cannot be read. A folder that has none tracked has no entries. */
  read(workTree: WorkTree, folders: ReadonlySet<string>): ReadonlyMap<string, Tracked | null> {
    const path = join(workTree.gitDir, 'index');
    const index = statSync(path, { throwIfNoEntry: false });
    if (index === undefined) return new Map([...folders].map((folder) => [folder, null]));
    const missing = [...folders].filter((folder) => {
      const known = this.#known.get(folder);
      return known === undefined || !isSame(known.index, index);
    });
    if (missing.length > 0) this.#readInto(workTree, { path, index, folders: missing });
    return new Map([...folders].map((folder) => [folder, this.#known.get(folder)?.tracked ?? null]));
  }

  #readInto(
    workTree: WorkTree,
    { path, index, folders }: { path: string; index: Stats; folders: readonly string[] },
  ): void {
    if (this.#known.size > MAX_FOLDERS) this.#known.clear();
    const bytes = readSmall(path, MAX_INDEX_BYTES);
    const length = hashBytes(workTree);
    const prefixes = new Map(folders.map((folder) => [prefixOf(workTree.root, folder), folder]));
    const isWanted = (file: string): boolean => anyFolderOf(file, (prefix) => prefixes.has(prefix));
    const all = bytes === null ? null : readIndex(bytes, length, isWanted);
    const hash: HashName = length === 32 ? 'sha256' : 'sha1';
    const byFolder = new Map(folders.map((folder) => [folder, [] as IndexEntry[]]));
    for (const entry of all?.entries ?? []) {
      anyFolderOf(entry.path, (prefix) => {
        const entries = byFolder.get(prefixes.get(prefix) ?? '');
        entries?.push({ ...entry, path: entry.path.slice(prefix.length) });
        return false;
      });
    }
    for (const [folder, entries] of byFolder) {
      const staged = all?.isStaged(prefixOf(workTree.root, folder)) === true;
      const tracked = all === null ? null : { entries, hash, indexMtimeMs: index.mtimeMs, staged };
      this.#known.set(folder, { index, tracked });
    }
  }
}

function prefixOf(root: string, folder: string): string {
  return folder === root ? '' : `${folder.slice(root.length + 1)}/`;
}

/** Whether one of the folders that a file lies in is meant, from the top ('') down. Without a generator: a repository has thousands of files. */
function anyFolderOf(file: string, isMeant: (folder: string) => boolean): boolean {
  if (isMeant('')) return true;
  for (let at = file.indexOf('/'); at !== -1; at = file.indexOf('/', at + 1))
    if (isMeant(file.slice(0, at + 1))) return true;
  return false;
}

function isSame(a: Known['index'], b: Known['index']): boolean {
  return a.mtimeMs === b.mtimeMs && a.size === b.size && a.ino === b.ino;
}

export interface TrackedContent {
  /** Content by path relative to the folder. */
  readonly files: ReadonlyMap<string, string>;
  /** Some are not as they were committed or staged. */
  readonly dirty: boolean;
  readonly leftOut: string | null;
}

/** By what the index had: the entries that count by these rules, as long as it is the same. */
const countedEntries = new WeakMap<
  Tracked,
  { readonly key: string; readonly counted: readonly IndexEntry[] }
>();

function countedByName(folder: string, tracked: Tracked, rules: CodeRules): readonly IndexEntry[] {
  const known = countedEntries.get(tracked);
  if (known?.key === rules.key) return known.counted;
  const counted = tracked.entries.filter(({ path }) => rules.countsByName(join(folder, path), path));
  countedEntries.set(tracked, { key: rules.key, counted });
  return counted;
}

/** What the tracked files of a folder that count hold now. */
export function trackedContent(
  folder: string,
  tracked: Tracked,
  { rules, contents }: { readonly rules: CodeRules; readonly contents: Contents },
): TrackedContent {
  const { hash, indexMtimeMs, staged } = tracked;
  // As the paths of an index are, and thousands of them: join() would look at each character again.
  const prefix = folder.endsWith('/') ? folder : `${folder}/`;
  const counted = countedByName(folder, tracked, rules).filter(
    ({ path }) => !rules.isExcluded(`${prefix}${path}`),
  );
  const isLarge = counted.length > MAX_LOOKED_AT;
  const files = new Map<string, string>();
  let dirty = staged;
  for (const entry of counted) {
    if (entry.kind === 'folder') continue;
    const id =
      isLarge || entry.skipped
        ? entry.id
        : contentNow(`${prefix}${entry.path}`, entry, { hash, indexMtimeMs, contents });
    // A change that the app may have made itself does not count before it is committed.
    const kept = id !== entry.id && isWrittenByApps(entry.path) ? entry.id : id;
    dirty ||= kept !== entry.id;
    files.set(entry.path, kept);
  }
  const leftOut = isLarge
    ? `of the ${counted.length} files of ${folder} only what is committed or staged is compared`
    : null;
  return { files, dirty, leftOut };
}

interface ContentContext extends Pick<Tracked, 'hash' | 'indexMtimeMs'> {
  readonly contents: Contents;
}

const DELETED = 'deleted';
const UNREADABLE = 'unreadable';

function contentNow(
  file: string,
  entry: IndexEntry,
  { hash, indexMtimeMs, contents }: ContentContext,
): string {
  const stats = statOf(file);
  if (stats === null) return DELETED;
  if (entry.kind === 'submodule') return commitOf(file) ?? entry.id;
  if (stats.isSymbolicLink()) return linkContent(file, hash);
  if (!stats.isFile()) return DELETED;
  if (isAsStaged(stats, entry, indexMtimeMs)) return entry.id;
  const id = contents.of(file, stats, hash) ?? UNREADABLE;
  return id !== entry.id && withoutReturns(file, hash) === entry.id ? entry.id : id;
}

function statOf(file: string): Stats | null {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}

/** As git does it: a file that was written when the index was may have been written again since. */
function isAsStaged(stats: Stats, entry: IndexEntry, indexMtimeMs: number): boolean {
  return (
    stats.size % 2 ** 32 === entry.size &&
    isSameTime(stats.mtimeMs, entry.mtimeMs) &&
    isSameTime(stats.ctimeMs, entry.ctimeMs) &&
    entry.mtimeMs + (isWholeSecond(entry.mtimeMs) ? 1000 : SAME_MS) < indexMtimeMs
  );
}

function isSameTime(now: number, staged: number): boolean {
  if (Math.abs(now - staged) < SAME_MS) return true;
  return isWholeSecond(staged) && Math.floor(now / 1000) * 1000 === staged;
}

/** Some programs write down whole seconds. */
function isWholeSecond(ms: number): boolean {
  return ms % 1000 === 0;
}

function commitOf(folder: string): string | null {
  const workTree = findWorkTree(folder);
  return workTree?.root === folder ? readHead(workTree).commit : null;
}

function linkContent(file: string, hash: HashName): string {
  try {
    return blob(readlinkSync(file, { encoding: 'buffer' }), hash);
  } catch {
    return UNREADABLE;
  }
}

/** Git can check files out with other line ends than it stores. */
function withoutReturns(file: string, hash: HashName): string | null {
  const bytes = readSmall(file, MAX_TEXT_BYTES);
  if (bytes === null || !bytes.includes('\r\n')) return null;
  return blob(Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1'), hash);
}

function blob(bytes: Buffer, hash: HashName): string {
  return createHash(hash).update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
