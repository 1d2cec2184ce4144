import { renameSync, rmSync, statSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { clearPlace } from './event-files.ts';

/**
 * Puts out of the way what is no file, before one is opened. Gives what was wrong, for people. Where nothing can be
 * written, all stays as it is: what reads the files has bounds of its own.
 */
export function clearEventFiles(path: string, now: number): readonly string[] {
  const notices: string[] = [];
  for (const file of [path, `${path}.1`]) {
    try {
      const notice = clearPlace(file, now);
      if (notice !== null) notices.push(notice);
    } catch {
      // The next write meets it again, and says so.
    }
  }
  return notices;
}

/**
 * Shortens the older file to its last `maxBytes`: the bound was another one when it was written. A crash leaves the old file
 * or the new one. Gives what was done, for people; null: nothing had to be, or could be.
 */
export async function trimOlder(path: string, maxBytes: number): Promise<string | null> {
  const older = `${path}.1`;
  const temporary = `${older}.tmp`;
  const before = statSync(older, { throwIfNoEntry: false });
  if (before === undefined || !before.isFile() || before.size <= maxBytes) return null;
  try {
    await writeEnd(older, temporary, { from: before.size - maxBytes, length: maxBytes });
    // Another file may have been rotated into its place meanwhile.
    if (statSync(older, { throwIfNoEntry: false })?.ino !== before.ino) rmSync(temporary);
    else renameSync(temporary, older);
    return `${older} was ${before.size} bytes long: its newest events were kept`;
  } catch {
    await rm(temporary, { force: true }).catch(() => undefined);
    return null;
  }
}

/** The end of a file, from the first line that begins in it. */
async function writeEnd(
  from: string,
  to: string,
  part: { readonly from: number; readonly length: number },
): Promise<void> {
  await using source = await open(from, 'r');
  const { bytesRead, buffer } = await source.read(Buffer.alloc(part.length), 0, part.length, part.from);
  const bytes = buffer.subarray(0, bytesRead);
  await using target = await open(to, 'w', 0o600);
  await target.writeFile(bytes.subarray(bytes.indexOf(0x0a) + 1));
  await target.sync();
}
