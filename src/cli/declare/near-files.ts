import { readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { distance } from 'fastest-levenshtein';

const MAX_EDITS = 3;
const SHOWN = 3;

/** Files that are called nearly as `path`, in its folder: the nearest first, written as `path` is. */
export function nearFiles(path: string, cwd: string): readonly string[] {
  const name = basename(path);
  const stem = withoutEnding(name);
  const near = filesIn(resolve(cwd, dirname(path))).flatMap((file) => {
    const edits = withoutEnding(file) === stem ? 1 : distance(file.toLowerCase(), name.toLowerCase());
    return edits <= Math.min(MAX_EDITS, name.length / 3) ? [{ file, edits }] : [];
  });
  const folder = dirname(path);
  return near
    .toSorted((one, other) => one.edits - other.edits || (one.file < other.file ? -1 : 1))
    .slice(0, SHOWN)
    .map(({ file }) => (folder === '.' && !path.startsWith('./') ? file : join(folder, file)));
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

/** `app.jss` and `app`: `app`. */
function withoutEnding(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(0, dot) : name;
}
