import { open, type FileHandle } from 'node:fs/promises';
import type { Check } from '../prober.ts';

export interface LogCheckOptions {
  readonly pattern: RegExp;
  /** Files that the instance writes to. */
  readonly files: readonly string[];
  /** The process has just begun: what stands in the files already is of the one before. */
  readonly fresh: boolean;
}

const CHUNK = 256 * 1024;
/** Only the beginning of a longer line is matched. */
const MAX_LINE = 64 * 1024;

interface Follower {
  readonly path: string;
  /** null: not read yet. */
  offset: number | null;
  rest: string;
}

/** A line of the log files has to match; once one has, the check passes for good. */
export function logCheck({ pattern, files, fresh }: LogCheckOptions): Check {
  const followers = files.map((path): Follower => ({ path, offset: fresh ? null : 0, rest: '' }));
  const begun = Promise.all(followers.map(begin));
  let matched = false;
  return async (signal) => {
    await begun;
    for (const follower of followers) {
      if (!matched && !signal.aborted) matched = await follow(follower, pattern);
    }
    return matched ? { ok: true } : { ok: false, text: `no line matches ${String(pattern)} yet` };
  };
}

async function begin(follower: Follower): Promise<void> {
  await withFile(follower.path, async (file) => {
    follower.offset ??= (await file.stat()).size;
  });
  follower.offset ??= 0;
}

/** Reads on from where it stopped; a file that got shorter is another one. */
async function follow(follower: Follower, regex: RegExp): Promise<boolean> {
  let found = false;
  await withFile(follower.path, async (file) => {
    const { size } = await file.stat();
    let offset = follower.offset ?? 0;
    if (size < offset) offset = 0;
    const buffer = Buffer.allocUnsafe(CHUNK);
    while (!found && offset < size) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK, offset);
      if (bytesRead === 0) break;
      offset += bytesRead;
      const lines = (follower.rest + buffer.toString('utf8', 0, bytesRead)).split('\n');
      follower.rest = (lines.pop() ?? '').slice(0, MAX_LINE);
      found = lines.some((line) => regex.test(line.slice(0, MAX_LINE)));
    }
    follower.offset = offset;
  });
  return found;
}

async function withFile(path: string, use: (file: FileHandle) => Promise<void>): Promise<void> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    await use(file);
  } catch {
    // Not there yet, or not readable: it has no lines, and the probe says so.
  } finally {
    await file?.close();
  }
}
