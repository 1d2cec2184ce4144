import { writeSync } from 'node:fs';

/** A reader that takes nothing for this long is not there. */
const STALL_MS = 2_000;
const LIMIT_MS = 10_000;
const RETRY_MS = 2;

/** Writes to a pipe for as long as somebody takes it. */
export function writeAll(fd: number, parts: readonly Uint8Array[]): void {
  const end = performance.now() + LIMIT_MS;
  for (const part of parts) {
    if (!writePart(fd, part, end)) return;
  }
}

/** False when nobody takes it any more. */
function writePart(fd: number, part: Uint8Array, end: number): boolean {
  let stalledAt = performance.now() + STALL_MS;
  for (let offset = 0; offset < part.length;) {
    try {
      offset += writeSync(fd, part, offset);
      stalledAt = performance.now() + STALL_MS;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return false;
      if (performance.now() > Math.min(stalledAt, end)) return false;
      pause(RETRY_MS);
    }
  }
  return true;
}

/** The only way to wait without a loop that turns. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
