import { rm } from 'node:fs/promises';
import { errorCode } from '../../lib/system-error.ts';
import { findProgram } from '../processes/find-program.ts';
import { runProgram } from '../processes/run-program.ts';

const CHMOD_MS = 60_000;

/** Removes a folder with all that is in it, also where a build has made folders that nobody may write to. */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    const chmod = findProgram('chmod', process.env['PATH']);
    if (chmod === null || !['EACCES', 'EPERM'].includes(errorCode(error) ?? '')) throw error;
    const args = ['-R', 'u+rwX', '--', path];
    await runProgram({ file: chmod, args, cwd: '/', env: {}, totalMs: CHMOD_MS, maxOutput: 1024 });
    await rm(path, { recursive: true, force: true });
  }
}
