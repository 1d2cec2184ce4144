import { resolve } from 'node:path';
import type { SourcePath } from '../read/source.ts';

/** What paths in a file are relative to. */
export interface FileContext {
  readonly folder: string;
  /** Of the user; null: there is none. */
  readonly home: string | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What the schema cannot say of an item. `path` starts at the item; empty: something is missing. */
export interface Problem {
  readonly path: SourcePath;
  readonly target?: 'key' | 'value';
  readonly message: string;
  readonly hint?: string;
}

/** A path of the file, absolute: relative to its folder, `~` is the folder of the user. */
export function pathFrom(path: string, { folder, home }: Pick<FileContext, 'folder' | 'home'>): string {
  if (home !== null && (path === '~' || path.startsWith('~/'))) return resolve(home, `.${path.slice(1)}`);
  return resolve(folder, path);
}
