import { readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { closestNames } from '../../lib/nearest.ts';

const SHOWN = 3;

/** Files with a name similar to `path`, in its folder: the nearest first, written as `path` is. */
export function nearFiles(path: string, cwd: string): readonly string[] {
  const name = basename(path);
  const folder = dirname(path);
  const files = filesIn(resolve(cwd, folder));
  const sameStem = files.filter((file) => withoutEnding(file) === withoutEnding(name)).toSorted();
  return [...new Set([...sameStem, ...closestNames(name, files)])]
    .slice(0, SHOWN)
    .map((file) => (folder === '.' && !path.startsWith('./') ? file : join(folder, file)));
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
