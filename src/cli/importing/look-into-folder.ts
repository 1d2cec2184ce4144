import { readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { LIMITS } from '../../config/read/limits.ts';
import type { Folder } from '../../import/init/folder.ts';

/** A folder as `init` looks at it: what cannot be read is not there. */
export function lookInto(path: string): Folder {
  const sizeOf = (name: string): number | null => {
    try {
      const stats = statSync(join(path, name), { throwIfNoEntry: false });
      return stats?.isFile() === true ? stats.size : null;
    } catch {
      return null;
    }
  };
  return {
    name: basename(path),
    isFile: (name) => sizeOf(name) !== null,
    read: (name) => {
      const size = sizeOf(name);
      if (size === null || size > LIMITS.fileBytes) return null;
      try {
        return readFileSync(join(path, name), 'utf8');
      } catch {
        return null;
      }
    },
  };
}
