import { constants } from 'node:fs';
import { open, rename, unlink, type FileHandle } from 'node:fs/promises';
import { errorCode } from '../../../lib/system-error.ts';

const MAX_BYTES = 10 * 1024 * 1024;
const KEEP = 3;
const CHUNK_BYTES = 1024 * 1024;

/**
 * Rotates `daemon.log` when it is full: it is copied and emptied, since controller and runner have it open, append to it,
 * and cannot be given another. Rejects with the system's error. What is not a file of this user is left alone.
 */
export async function rotateDaemonLog(path: string, maxBytes = MAX_BYTES): Promise<boolean> {
  await using log = await open(path, constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const stats = await log.stat();
  if (!stats.isFile() || stats.uid !== process.getuid?.() || stats.size <= maxBytes) return false;
  const copy = `${path}.tmp`;
  await unlinkIfThere(copy);
  await copyAndEmpty(log, copy);
  await unlinkIfThere(`${path}.${KEEP}`);
  for (let number = KEEP - 1; number > 0; number--)
    await renameIfThere(`${path}.${number}`, `${path}.${number + 1}`);
  await rename(copy, `${path}.1`);
  return true;
}

async function copyAndEmpty(log: FileHandle, path: string): Promise<void> {
  await using copy = await open(path, 'wx', 0o600);
  const buffer = Buffer.alloc(CHUNK_BYTES);
  for (let at = 0; ;) {
    const { bytesRead } = await log.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) break;
    await copy.writeFile(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
  await log.truncate(0);
}

async function renameIfThere(from: string, to: string): Promise<void> {
  await rename(from, to).catch(passMissing);
}

async function unlinkIfThere(path: string): Promise<void> {
  await unlink(path).catch(passMissing);
}

function passMissing(error: unknown): void {
  if (errorCode(error) !== 'ENOENT') throw error;
}
