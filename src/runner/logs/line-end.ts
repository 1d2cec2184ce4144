import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

const NEWLINE = 10;

/**
 * Whether what is in a file ends with the end of a line: a runner that is killed while it writes leaves half of one. True
 * where it cannot be read.
 */
export async function endsWithLine({ fd }: FileHandle, size: number): Promise<boolean> {
  if (size === 0 || process.platform !== 'linux') return true;
  try {
    // The log is open for writing alone, and its path may lead elsewhere by now.
    await using reader = await open(`/proc/self/fd/${fd}`, constants.O_RDONLY);
    const { buffer, bytesRead } = await reader.read(Buffer.alloc(1), 0, 1, size - 1);
    return bytesRead === 0 || buffer[0] === NEWLINE;
  } catch {
    return true;
  }
}
