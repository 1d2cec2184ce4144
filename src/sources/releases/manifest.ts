import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isCommitHash } from '../../lib/commit-hash.ts';
import { loopTurns } from '../../lib/turns/turns.ts';
import type { EditedFile } from './model.ts';

/** A file of a release as it was when that was complete: path, size, times of content and of the file, its hash in git where known. */
type Line = readonly [path: string, size: number, mtimeMs: number, ctimeMs: number, id: string | null];

export interface Walked {
  /** Absolute. */
  readonly files: readonly string[];
  readonly folders: readonly string[];
  readonly bytes: number;
  readonly lines: readonly Line[];
}

const AT_ONCE = 64;
const MOST_EDITED = 100;

/**
 * Looks at all files of a tree, links as themselves. `idOf`: the hash of a file that is still as it was checked out, by its
 * path, size and time of change.
 */
export async function walkTree(
  root: string,
  idOf: (path: string, size: number, mtimeMs: number) => string | null,
): Promise<Walked> {
  const files: string[] = [];
  const folders = [root];
  const lines: Line[] = [];
  let bytes = 0;
  const waiting = [''];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    const entries = await readdir(join(root, folder), { withFileTypes: true });
    const names: string[] = [];
    for (const entry of entries) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (!entry.isDirectory()) names.push(path);
      else {
        waiting.push(path);
        folders.push(join(root, path));
      }
    }
    for (let at = 0; at < names.length; at += AT_ONCE) {
      const part = names.slice(at, at + AT_ONCE);
      const all = await Promise.all(part.map((path) => lstat(join(root, path))));
      for (const [index, stats] of all.entries()) {
        const path = part[index] ?? '';
        bytes += stats.size;
        if (stats.isFile()) files.push(join(root, path));
        lines.push([path, stats.size, stats.mtimeMs, stats.ctimeMs, idOf(path, stats.size, stats.mtimeMs)]);
      }
    }
  }
  return { files, folders, bytes, lines };
}

export async function manifestText(lines: readonly Line[]): Promise<string> {
  const texts: string[] = [];
  for (const line of lines) {
    if (loopTurns.isOver) await loopTurns.next();
    texts.push(`${JSON.stringify(line)}\n`);
  }
  return texts.join('');
}

/** Files that are not as the manifest has them, at most 100. */
export async function editedFiles(root: string, manifest: string): Promise<readonly EditedFile[]> {
  const lines = await readManifest(manifest);
  // Without it nothing can be told of any file, and that is an edit as well.
  if (lines === null) return [{ path: manifest, how: 'removed' }];
  const edited: EditedFile[] = [];
  for (let at = 0; at < lines.length && edited.length < MOST_EDITED; at += AT_ONCE) {
    const part = lines.slice(at, at + AT_ONCE);
    const found = await Promise.all(part.map((line) => editOf(root, line)));
    edited.push(...found.filter((one) => one !== null));
  }
  return edited.slice(0, MOST_EDITED);
}

/** null: it is not there, or damaged. */
async function readManifest(path: string): Promise<readonly Line[] | null> {
  try {
    const text = await readFile(path, 'utf8');
    const lines: Line[] = [];
    for (const line of text.split('\n')) {
      if (loopTurns.isOver) await loopTurns.next();
      if (line !== '') lines.push(JSON.parse(line) as Line);
    }
    return lines;
  } catch {
    return null;
  }
}

async function editOf(root: string, [path, size, mtimeMs, ctimeMs, id]: Line): Promise<EditedFile | null> {
  const file = join(root, path);
  const stats = await lstat(file).catch(() => null);
  if (stats === null) return { path, how: 'removed' };
  const isSameContent = stats.size === size && stats.mtimeMs === mtimeMs;
  if (isSameContent && stats.ctimeMs === ctimeMs) return null;
  // It was touched; where git knows its content, that decides. Else a file of the same size and time is the same.
  if (id === null) return isSameContent ? null : { path, how: 'changed' };
  if (stats.size !== size) return { path, how: 'changed' };
  const now = stats.isSymbolicLink()
    ? await linkId(file, id)
    : stats.isFile()
      ? await fileId(file, size, id)
      : null;
  return now === id ? null : { path, how: 'changed' };
}

async function linkId(file: string, like: string): Promise<string> {
  const target = await readlink(file, { encoding: 'buffer' });
  return hashOf(like).update(`blob ${target.length}\0`).update(target).digest('hex');
}

/** As git hashes the content of a file; null: it cannot be read. */
async function fileId(file: string, size: number, like: string): Promise<string | null> {
  const hash = hashOf(like).update(`blob ${size}\0`);
  try {
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
    return hash.digest('hex');
  } catch {
    return null;
  }
}

function hashOf(id: string) {
  return createHash(isCommitHash(id) && id.length === 64 ? 'sha256' : 'sha1');
}
