import { lstatSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';

const STICKY = 0o1000;
const GROUP_WRITES = 0o020;
const OTHERS_WRITE = 0o002;

/**
 * Who could put another folder in the place of a home, in a few words for people, or null: a folder above it belongs to
 * somebody other than this user and root, or others may rename what is in it. What is in the home is closed to them all
 * the same, so this is worth a warning and no more: containers mount folders that anybody may write to.
 */
export function whoCanReplace(home: string): string | null {
  let folder = dirname(realOf(home));
  for (;;) {
    const wrong = whyOpen(folder);
    if (wrong !== null) return `${folder} ${wrong}: others could put another folder in the place of ${home}`;
    if (dirname(folder) === folder) return null;
    folder = dirname(folder);
  }
}

function whyOpen(folder: string): string | null {
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  if (stats === undefined) return null;
  const { uid, gid, mode } = stats;
  if (uid !== 0 && uid !== process.getuid?.()) return 'belongs to another user';
  if ((mode & STICKY) !== 0) return null;
  if ((mode & OTHERS_WRITE) !== 0) return 'can be written to by everybody';
  // Many systems give each user a group of its own.
  return (mode & GROUP_WRITES) !== 0 && gid !== 0 && gid !== process.getgid?.()
    ? 'can be written to by a group'
    : null;
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
