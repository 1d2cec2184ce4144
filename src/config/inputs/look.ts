import {
  accessSync,
  closeSync,
  constants,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  realpathSync,
  statSync,
  type Stats,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { errorCode } from '../../lib/system-error.ts';
import type { FileFacts } from '../../spec/normalise/normalise-context.ts';
import { LIMITS } from '../read/limits.ts';

/** Extensions that say what runs the file: its content is not read. */
const KNOWN = /\.(?:[cm]?[jt]s|py|sh|rb|php|pl)$/i;

/** What a path leads to, `other` being a pipe or the like; `code`: why that cannot be told, null where nothing is there. */
export type PathKind = { readonly kind: 'file' | 'folder' | 'other' } | { readonly code: string | null };

/** What a file holds. `other`: it is a pipe or the like, of which only one reader gets what there is. */
export type FileBytes =
  | { readonly bytes: Buffer }
  | { readonly isTooLarge: true }
  | { readonly isOther: true }
  | { readonly code: string };

/** What a file holds, whatever it is. */
export type Content = Exclude<FileBytes, { readonly isOther: true }>;

/** The content of a pipe or the like, which is there once. */
export function drained(path: string): Content {
  try {
    return { bytes: readFileSync(path) };
  } catch (error) {
    return { code: errorCode(error) ?? String(error) };
  }
}

/** The content of a regular file within LIMITS. */
export function bytesOf(path: string): FileBytes {
  try {
    const stats = statSync(path);
    if (stats.size > LIMITS.fileBytes) return { isTooLarge: true };
    if (!stats.isFile() && !stats.isDirectory()) return { isOther: true };
    return { bytes: readFileSync(path) };
  } catch (error) {
    return { code: errorCode(error) ?? String(error) };
  }
}

export function kindOf(path: string): PathKind {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return { code: null };
    return { kind: stats.isDirectory() ? 'folder' : stats.isFile() ? 'file' : 'other' };
  } catch (error) {
    const code = errorCode(error) ?? 'it cannot be looked at';
    return { code: code === 'ENOTDIR' || code === 'ENOENT' ? null : code };
  }
}

/** What is in a folder and is not a folder itself, by name; a text: why that cannot be told. */
export function filesIn(folder: string): readonly string[] | string {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory())
      .map(({ name }) => name)
      .toSorted();
  } catch (error) {
    return errorCode(error) ?? 'it cannot be read';
  }
}

/** The path without links; the path itself where it leads nowhere. */
export function withoutLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Whether a file can be read here. `other`: it is not a file; else the code of the error. */
export function readability(path: string): string {
  try {
    if (!statSync(path).isFile()) return 'other';
    accessSync(path, constants.R_OK);
    return 'readable';
  } catch (error) {
    return errorCode(error) ?? 'error';
  }
}

/** The mode of a file, null where it cannot be told. */
export function modeOf(path: string): number | null {
  return statOrUndefined(path)?.mode ?? null;
}

/** Only for a hint: what cannot be read counts as missing. */
export function packageScripts(folder: string): Readonly<Record<string, string>> {
  const path = join(folder, 'package.json');
  const size = statOrUndefined(path)?.size ?? 0;
  if (size > LIMITS.fileBytes) return {};
  try {
    const { scripts } = JSON.parse(readFileSync(path, 'utf8')) as { readonly scripts?: unknown };
    if (typeof scripts !== 'object' || scripts === null) return {};
    return Object.fromEntries(
      Object.entries(scripts).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    );
  } catch {
    return {};
  }
}

export function inspectFile(path: string): FileFacts {
  const stats = path.includes('\0') ? undefined : statOrUndefined(path);
  if (stats === undefined) return { kind: 'missing', shebang: null, binary: false, executable: false };
  if (stats.isDirectory()) return { kind: 'folder', shebang: null, binary: false, executable: false };
  const head = stats.isFile() && !KNOWN.test(path) ? readHead(path) : Buffer.alloc(0);
  const text = head.toString('latin1');
  return {
    kind: 'file',
    shebang: text.startsWith('#!') ? (text.slice(2).split('\n', 1)[0] ?? '').trim() : null,
    binary: head.includes(0),
    executable: isExecutable(path),
  };
}

/** The path of a command on a PATH, or null. */
export function findCommand(name: string, searchPath: string): string | null {
  for (const folder of searchPath.split(delimiter)) {
    if (folder === '') continue;
    const path = join(folder, name);
    if (statOrUndefined(path)?.isFile() === true && isExecutable(path)) return path;
  }
  return null;
}

/** A path counts as missing where the system says one of these: ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG. */
function statOrUndefined(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function readHead(path: string): Buffer {
  const head = Buffer.alloc(512);
  try {
    const file = openSync(path, 'r');
    try {
      return head.subarray(0, readSync(file, head, 0, head.length, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    // Executable but not readable: only a binary works that way.
    return Buffer.of(0);
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
