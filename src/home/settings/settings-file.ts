import { constants } from 'node:fs';
import { lstat, open, type FileHandle } from 'node:fs/promises';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { errorCode } from '../../lib/system-error.ts';

/** More is no file of settings, whatever it is. */
const MOST_SETTINGS_BYTES = 256 * 1024;

/** The bytes of a config.yaml; null: there is none. Fails with CONFIG_UNREADABLE or CONFIG_TOO_LARGE. */
export async function settingsBytes(path: string): Promise<Result<Buffer | null, Failure>> {
  const position = { file: path };
  let handle: FileHandle | undefined;
  try {
    // A FIFO in its place must not hold anybody up.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await handle.stat();
    if (!stats.isFile()) {
      const message = `${path} is no regular file`;
      return err({
        code: 'CONFIG_UNREADABLE',
        message,
        position,
        hint: 'move it away: a file of that name is read for settings',
      });
    }
    return await whole(handle, path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT' && !(await isLink(path))) return ok(null);
    const message = `cannot read ${path}: ${errorCode(error) ?? String(error)}`;
    return err({ code: 'CONFIG_UNREADABLE', message, position, hint: wayOut(errorCode(error), path) });
  } finally {
    await handle?.close().catch(() => undefined);
  }
}

/** What there is, whatever size the file says that it has. */
async function whole(handle: FileHandle, path: string): Promise<Result<Buffer, Failure>> {
  const buffer = Buffer.alloc(MOST_SETTINGS_BYTES + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length);
    if (bytesRead === 0) return ok(Buffer.from(buffer.subarray(0, length)));
    length += bytesRead;
    if (length < buffer.length) continue;
    const message = `${path} is larger than ${MOST_SETTINGS_BYTES / 1024} KB`;
    return err({
      ...{ code: 'CONFIG_TOO_LARGE', message, position: { file: path } },
      hint: 'keep nothing but settings in it',
    });
  }
}

async function isLink(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null))?.isSymbolicLink() ?? false;
}

function wayOut(code: string | undefined, path: string): string {
  if (code === 'EACCES' || code === 'EPERM') return `chmod u+r ${path}, or give it to the user of the daemon`;
  if (code === 'EISDIR') return 'move the folder away: a file of that name is read for settings';
  if (code === 'ENOENT' || code === 'ELOOP')
    return `the link leads nowhere: make the file that it names, or rm ${path}`;
  return 'look at it with ls -l, and move it away if it is of no use';
}
