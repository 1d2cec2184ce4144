import { createReadStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { LogTimes } from '../../src/lib/log-times/log-times.ts';
import type { LogSource } from '../../src/lib/log-times/log-stamp.ts';

export interface TimedLine {
  readonly line: string;
  /** Epoch milliseconds; null: unknown. */
  readonly at: number | null;
  readonly source: LogSource | null;
}

export interface TimedLog {
  readonly lines: readonly TimedLine[];
  /** Bytes of the log that the index tells of. */
  readonly covered: number;
  /** Bytes of the log. */
  readonly size: number;
}

/** A log file with what the index in `folder` says of each line. Of a `.gz`, of what it holds. */
export async function timedLog(folder: string, path: string): Promise<TimedLog> {
  await using file = await open(path, 'r');
  const times = await LogTimes.open(folder, await file.stat({ bigint: true }));
  const bytes = path.endsWith('.gz') ? await unzipped(path) : await readFile(path);
  const stamps = await times.stampsIn(0, Infinity);
  const { covered } = times;
  await times.close();
  const lines: TimedLine[] = [];
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(10, start);
    const end = newline === -1 ? bytes.length : newline;
    const stamp = start >= covered ? undefined : stamps.findLast(({ offset }) => offset <= start);
    const { at = null, source = null } = stamp ?? {};
    lines.push({ line: bytes.toString('utf8', start, end), at, source });
    start = end + 1;
  }
  return { lines, covered, size: bytes.length };
}

async function unzipped(path: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of createReadStream(path).pipe(createGunzip())) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
