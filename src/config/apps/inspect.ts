import { accessSync, closeSync, constants, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { LIMITS } from '../read/limits.ts';
import type { FileFacts } from '../../spec/normalise/normalise-context.ts';

/** Extensions that say what runs the file: its content is not read. */
const KNOWN = /\.(?:[cm]?[jt]s|py|sh|rb|php|pl)$/i;

/** What one load looks up on disk, each path once. */
export interface Disk {
  readonly inspect: (path: string) => FileFacts;
  /** `scripts` of the package.json in a folder; none when it cannot be read. */
  readonly packageScripts: (folder: string) => Readonly<Record<string, string>>;
  /** The path of a command on this PATH, or null. */
  readonly findCommand: (name: string, searchPath: string) => string | null;
}

export function createDisk(): Disk {
  const facts = new Map<string, FileFacts>();
  const commands = new Map<string, string | null>();
  const scripts = new Map<string, Readonly<Record<string, string>>>();
  return {
    packageScripts: (folder) => remembered(scripts, folder, () => packageScripts(folder)),
    inspect: (path) => remembered(facts, path, () => inspectFile(path)),
    findCommand: (name, searchPath) =>
      remembered(commands, `${name}\0${searchPath}`, () => findCommand(name, searchPath)),
  };
}

function remembered<T>(cache: Map<string, T>, key: string, look: () => T): T {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const found = look();
  cache.set(key, found);
  return found;
}

/** Only for a hint: what cannot be read counts as missing. */
function packageScripts(folder: string): Readonly<Record<string, string>> {
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

function inspectFile(path: string): FileFacts {
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

/** A path counts as missing where the system says one of these: ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG. */
function statOrUndefined(path: string): ReturnType<typeof statSync> {
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

function findCommand(name: string, searchPath: string): string | null {
  for (const folder of searchPath.split(delimiter)) {
    if (folder === '') continue;
    const path = join(folder, name);
    if (statOrUndefined(path)?.isFile() === true && isExecutable(path)) return path;
  }
  return null;
}
