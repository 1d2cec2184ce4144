import { lstat } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { errorCode } from '../../lib/system-error.ts';

/** By what a file is known that nobody else has written since: its inode, size and time. */
export type FileMark = string;

export function fileMark({ ino, size, mtimeMs }: Pick<Stats, 'ino' | 'size' | 'mtimeMs'>): FileMark {
  return `${ino}:${size}:${mtimeMs}`;
}

/** The state files as they were left. */
export class KnownFiles {
  readonly #marks = new Map<string, FileMark>();

  /** The file was written, and is known by this from now on. */
  note(path: string, mark: FileMark): void {
    this.#marks.set(path, mark);
  }

  /** The file is not there any more, or is about to go. */
  forget(path: string): void {
    this.#marks.delete(path);
  }

  /** Takes files as they are now; one that is missing is not known. */
  async learn(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      const stats = await lstat(path).catch(() => null);
      if (stats !== null) this.note(path, fileMark(stats));
    }
  }

  /** Those that somebody else has removed, replaced or written. What cannot be looked at now is not among them. */
  async changed(): Promise<readonly string[]> {
    const changed: string[] = [];
    for (const [path, mark] of this.#marks) {
      const found = await lstat(path).then(fileMark, (error: unknown) =>
        ['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '') ? null : mark,
      );
      // It may have been written while this was looked at.
      if (found !== mark && this.#marks.get(path) === mark) changed.push(path);
    }
    return changed;
  }
}
