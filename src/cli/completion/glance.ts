import { readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { FILE_NAMES, isEcosystemName } from '../../config/read/find/file-names.ts';

/** More of a file is not looked at: a completion is waited for. */
const MAX_BYTES = 512 * 1024;
const MAX_ENTRIES = 2_000;

/** What a glance at an ecosystem file finds: it is neither parsed nor, being JavaScript, run. */
export interface Glance {
  readonly environments: readonly string[];
  readonly names: readonly string[];
}

/** Looks at `file`, or at the ecosystem file of the folder. */
export function glanceAt(file: string | undefined, folder: string): Glance {
  const text = textOf(file, folder);
  return {
    environments: found(text, /^[\s{,-]*["']?env_([\w-]+)["']?\s*:/gm).concat(
      found(text, /[{,]\s*["']?env_([\w-]+)["']?\s*:/g),
    ),
    names: found(text, /(?:^|[\s{,])["']?name["']?\s*:\s*["']?([^"',}\s][^"',}\n]*)/g),
  };
}

function found(text: string, pattern: RegExp): readonly string[] {
  return [...new Set([...text.matchAll(pattern)].map(([, name = '']) => name.trim()))];
}

function textOf(file: string | undefined, folder: string): string {
  const names = file === undefined ? FILE_NAMES : [file];
  for (const name of names) {
    try {
      return readFileSync(join(...(name.startsWith('/') ? [name] : [folder, name])), 'utf8').slice(
        0,
        MAX_BYTES,
      );
    } catch {
      // Not there, a folder, or not to be read: the next one.
    }
  }
  return '';
}

/** Which files of a folder are offered. Folders always are: more may be below. */
export type FileFilter = 'any' | 'ecosystem' | 'folders';

/** The paths that begin with what is typed, folders with a `/` behind them. */
export function pathsFrom(typed: string, filter: FileFilter, folder: string): readonly string[] {
  const end = typed.lastIndexOf('/') + 1;
  const [place, name] = [typed.slice(0, end), typed.slice(end)];
  try {
    return readdirSync(absolute(place, folder), { withFileTypes: true })
      .slice(0, MAX_ENTRIES)
      .filter((entry) => entry.name.startsWith(name) && (name !== '' || !entry.name.startsWith('.')))
      .filter(
        (entry) =>
          entry.isDirectory() ||
          entry.isSymbolicLink() ||
          filter === 'any' ||
          (filter === 'ecosystem' && isEcosystemName(entry.name)),
      )
      .map((entry) => `${place}${entry.name}${entry.isDirectory() ? '/' : ''}`);
  } catch {
    return [];
  }
}

function absolute(place: string, folder: string): string {
  if (place.startsWith('~/')) return join(homedir(), place.slice(2));
  return place.startsWith('/') ? place : join(folder, place);
}
