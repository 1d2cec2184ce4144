import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { openEnvelope } from './envelope.ts';
import { unreadVersion, type Version } from './state-failures.ts';

/** No file of ours is ever so large; one that is was not written by us, and is not read into memory. */
const MAX_BYTES = 256 * 1024 * 1024;
/** A FIFO without a writer must not hold the reader up, and a link leads to what is not ours. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

/** Reads one version of a state file. Never throws, and never waits for what is not a plain file. */
export async function readVersion(
  path: string,
  isUsable: (data: unknown) => boolean = () => true,
): Promise<Version> {
  try {
    const text = await readPlain(path);
    if ('problem' in text) return { kind: 'corrupt', message: text.problem };
    const opened = openEnvelope(text.text);
    if (!opened.ok) return opened.error;
    if (!isUsable(opened.value)) return { kind: 'corrupt', message: 'it holds something else' };
    return { kind: 'data', data: opened.value };
  } catch (error) {
    return unreadVersion(path, error);
  }
}

/** The text of a plain file, or why it is none. Throws the error of the file system. */
export async function readPlain(
  path: string,
): Promise<{ readonly text: string } | { readonly problem: string }> {
  let handle;
  try {
    handle = await open(path, FLAGS);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ELOOP') return { problem: 'it is a symbolic link' };
    if (code === 'ENXIO') return { problem: 'it is not a file' };
    throw error;
  }
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) return { problem: stats.isDirectory() ? 'it is a folder' : 'it is not a file' };
    if (stats.size > MAX_BYTES) return { problem: `it is far too large (${stats.size} bytes)` };
    return { text: await handle.readFile('utf8') };
  } finally {
    await handle.close();
  }
}
