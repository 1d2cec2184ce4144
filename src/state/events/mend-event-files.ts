import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { clearPlace, readTail } from './event-files.ts';

export interface EventFiles {
  readonly path: string;
  readonly maxBytes: number;
  /** Epoch milliseconds. */
  readonly now: number;
}

/**
 * Brings the files of the event log to what they are to be, before one is opened: plain, and no longer than they may grow
 * (what wrote them may have known no bound). Gives what was wrong, for people. Where nothing can be written, all stays as
 * it is: what reads them has bounds of its own.
 */
export function mendEventFiles({ path, maxBytes, now }: EventFiles): readonly string[] {
  const older = `${path}.1`;
  const notices: string[] = [];
  const attempt = (work: () => string | null): void => {
    try {
      const notice = work();
      if (notice !== null) notices.push(notice);
    } catch {
      // The next start tries again.
    }
  };
  for (const file of [path, older]) attempt(() => clearPlace(file, now));
  attempt(() => {
    rmSync(`${path}.tmp`, { force: true });
    if (sizeOf(path) <= maxBytes) return null;
    // Older than what is left out now: it would leave a gap.
    rmSync(older, { force: true });
    return keepNewest(path, maxBytes);
  });
  attempt(() => (sizeOf(older) <= maxBytes ? null : keepNewest(older, maxBytes)));
  return notices;
}

/** A crash leaves the old file or the new one. */
function keepNewest(path: string, maxBytes: number): string | null {
  const tail = readTail(path, maxBytes);
  if (tail === null) return null;
  const temporary = `${path}.tmp`;
  const fd = openSync(temporary, 'w', 0o600);
  try {
    const kept = tail.bytes.subarray(tail.bytes.indexOf(0x0a) + 1);
    for (let at = 0; at < kept.length;) at += writeSync(fd, kept, at);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(temporary, path);
  return `${path} was ${tail.size} bytes long: its newest events were kept`;
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
