import { lstat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Cancel, Clock } from '../../../lib/clocks/clock.ts';
import { errorMessage } from '../../../lib/system-error.ts';
import type { LogSettings } from '../../protocol/orders.ts';
import { inPlace } from '../safe-place.ts';
import type { TimesIndex } from '../times/times-index.ts';
import { removeRotated, rotatedFiles } from './rotated-files.ts';

export interface RetentionOptions {
  readonly clock: Clock;
  /** Where the times of lines are kept; left out: nowhere. */
  readonly times?: TimesIndex;
  /** One line for the daemon's log. */
  readonly log: (message: string) => void;
}

/** Many streams of an app begin at once. */
const SOON_MS = 1_000;

interface Policy {
  readonly maxAgeMs: number | null;
  readonly maxTotalBytes: number | null;
}

interface Rotated {
  /** Of the log. */
  readonly log: string;
  /** Of the rotated file, in the folder of the log. */
  readonly name: string;
  readonly inode: number;
  readonly size: number;
  /** When it was written last; epoch milliseconds. */
  readonly writtenAt: number;
}

/**
 * How long rotated files stay, beside their number: none that is older than an app wants, and of all files of an app
 * together none beyond its bound, the oldest going first. What is being written is never removed. Files of instances that
 * are gone count on for as long as this runner runs.
 */
export class Retention {
  readonly #options: RetentionOptions;
  /** By app, and the path of the log. */
  readonly #apps = new Map<string, Map<string, Policy>>();
  #isDue: Cancel | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  /** An app writes to a log, and wants it so. */
  use(app: string, path: string, rotate: LogSettings['rotate']): void {
    const { maxAgeMs = null, maxTotalBytes = null } = rotate ?? {};
    const logs = this.#apps.get(app) ?? new Map<string, Policy>();
    if (maxAgeMs === null && maxTotalBytes === null) logs.delete(path);
    else logs.set(path, { maxAgeMs, maxTotalBytes });
    if (logs.size > 0) this.#apps.set(app, logs);
    else this.#apps.delete(app);
    if (maxAgeMs === null && maxTotalBytes === null) return;
    this.#isDue ??= this.#options.clock.after(SOON_MS, () => {
      this.#isDue = undefined;
      void this.run();
    });
  }

  close(): void {
    this.#isDue?.();
  }

  /** Looks at the files of every app; at those of the apps that write to `path`, where it is given. */
  run(path?: string): Promise<void> {
    const due = [...this.#apps].filter(([, logs]) => path === undefined || logs.has(path));
    // One at a time: what one has removed the next does not count.
    for (const [app, logs] of due) this.#running = this.#running.then(() => this.#runFor(app, logs));
    return this.#running;
  }

  async #runFor(app: string, logs: ReadonlyMap<string, Policy>): Promise<void> {
    try {
      const paths = [...logs.keys()];
      const rotated = (await Promise.all(paths.map((log) => rotatedOf(log)))).flat();
      const sizes = await Promise.all(paths.map((path) => sizeOf(path)));
      const policies = [...logs.values()];
      const bound = Math.max(...policies.map(({ maxTotalBytes }) => maxTotalBytes ?? Infinity));
      const now = this.#options.clock.now();
      let total = [...sizes, ...rotated.map(({ size }) => size)].reduce((sum, size) => sum + size, 0);
      for (const file of rotated.sort((a, b) => a.writtenAt - b.writtenAt)) {
        const isOld = now - file.writtenAt > (logs.get(file.log)?.maxAgeMs ?? Infinity);
        if (!isOld && total <= bound) continue;
        await this.#remove(file);
        total -= file.size;
      }
    } catch (error) {
      this.#options.log(`cannot remove old log files of ${app}: ${errorMessage(error)}`);
    }
  }

  async #remove({ log, name, inode }: Rotated): Promise<void> {
    await inPlace(log, async (inside) => {
      const path = join(dirname(inside), name);
      // Rotated again meanwhile, it has another name, and another file has its own.
      const there = await lstat(path).catch(() => null);
      if (there?.ino === inode) await removeRotated(path, (stats) => this.#options.times?.forget(stats));
    });
  }
}

/** The plain files that a log was rotated to; none for what is a link or no file: that is not rotated by us. */
async function rotatedOf(log: string): Promise<Rotated[]> {
  const there = await lstat(log).catch(() => null);
  if (there?.isFile() === false) return [];
  const found = await rotatedFiles(log).catch(() => []);
  const looked = found.map(async ({ name }) => {
    const stats = await lstat(join(dirname(log), name)).catch(() => null);
    if (stats?.isFile() !== true) return [];
    return [{ log, name, inode: stats.ino, size: stats.size, writtenAt: stats.mtimeMs }];
  });
  return (await Promise.all(looked)).flat();
}

async function sizeOf(path: string): Promise<number> {
  const stats = await lstat(path).catch(() => null);
  return stats?.isFile() === true ? stats.size : 0;
}
