import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { findProgram } from '../processes/find-program.ts';
import { runProgram } from '../processes/run-program.ts';

/** Up to here files are synced one by one; above it, the whole file system at once is quicker. */
const FEW_FILES = 200;
const SYNC_MS = 5 * 60_000;

/** Sees to it that a file, or the names in a folder, outlive a crash of the machine. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The same for a tree; `files` and `folders` are all that it has, absolute. */
export async function syncTree(
  root: string,
  { files, folders }: { readonly files: readonly string[]; readonly folders: readonly string[] },
  env: Readonly<Record<string, string>>,
): Promise<void> {
  if (files.length > FEW_FILES && (await syncFileSystem(root, env))) return;
  for (const path of [...files, ...folders]) {
    // What only its owner can read was written by the build, for itself.
    await syncPath(path).catch((error: unknown) => {
      if (!isUnreadable(error)) throw error;
    });
  }
}

async function syncFileSystem(root: string, env: Readonly<Record<string, string>>): Promise<boolean> {
  const file = findProgram('sync', env['PATH']);
  if (file === null) return false;
  const run = { file, args: ['-f', root], cwd: '/', env, totalMs: SYNC_MS, maxOutput: 1024 };
  return (await runProgram(run)).code === 0;
}

function isUnreadable(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    ['EACCES', 'EPERM', 'ENOENT', 'EINVAL'].includes(String(error.code))
  );
}

/** Writes a small file so that after a crash it is there whole, or not at all. */
export async function writeDurable(path: string, content: string): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    const handle = await open(temporary, 'w', 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncPath(dirname(path));
}
