import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ROTATED } from './log-part.ts';

const MAX_ATTEMPTS = 10;

/**
 * Which logs have parts that were rotated away. A folder is listed once, however many logs are in it: to be asked once the
 * newest part of each log is open, since what is older than that is there by then, or never will be.
 */
export class RotatedNames {
  readonly #folders = new Map<string, Promise<ReadonlySet<string>>>();

  async has(path: string): Promise<boolean> {
    const folder = dirname(path);
    const known = this.#folders.get(folder) ?? logsRotatedIn(folder);
    this.#folders.set(folder, known);
    return (await known).has(join(folder, basename(path)));
  }
}

/** The paths of the logs, as their rotated parts tell. */
async function logsRotatedIn(folder: string): Promise<ReadonlySet<string>> {
  let names = await namesIn(folder);
  // Whatever was renamed while we looked may have been passed over.
  for (let attempt = 1; attempt < MAX_ATTEMPTS; attempt++) {
    const again = await namesIn(folder);
    const before = new Set(names);
    const isSame = again.length === names.length && again.every((name) => before.has(name));
    names = again;
    if (isSame) break;
  }
  return new Set(names.flatMap((name) => logsOf(name).map((log) => join(folder, log))));
}

function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}

/** The names of all logs that a file can be a rotated part of: `a-20260131.1` is one of `a-20260131` only. */
function logsOf(name: string): readonly string[] {
  const found: string[] = [];
  for (let at = 1; at < name.length; at++) {
    const isEnd = (name[at] === '.' || name[at] === '-') && ROTATED.test(name.slice(at));
    if (isEnd) found.push(name.slice(0, at));
  }
  return found;
}
