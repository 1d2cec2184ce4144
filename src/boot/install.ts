import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Failure } from '../lib/failure.ts';
import { makeFolderSync } from '../lib/make-folder.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { errorCode, errorMessage } from '../lib/system-error.ts';
import { isAsWritten } from './edited.ts';
import type { Ran, Run } from './run-command.ts';
import type { BootPlan, Command } from './service.ts';

export type Placed = 'written' | 'replaced' | 'unchanged';

/** Writes the file and takes it into use. A file that somebody has edited is left as it is. */
export async function install({ file, enable }: BootPlan, run: Run): Promise<Result<Placed, Failure>> {
  const found = read(file.path);
  if (!found.ok) return found;
  if (found.value !== null && !isAsWritten(found.value)) return err(editedFailure(file.path));
  const placed = found.value === null ? 'written' : found.value === file.text ? 'unchanged' : 'replaced';
  const written = placed === 'unchanged' ? ok(undefined) : write(file);
  if (!written.ok) return written;
  for (const command of enable) {
    const failure = failureOf(command, await run(command), `${file.path} is written`);
    if (failure !== null) return err(failure);
  }
  return ok(placed);
}

/** Takes the file out of use and removes it. False: there was none. */
export async function uninstall(
  { file, disable, afterwards }: BootPlan,
  run: Run,
): Promise<Result<boolean, Failure>> {
  const found = read(file.path);
  if (!found.ok) return found;
  if (found.value === null) return ok(false);
  if (!isAsWritten(found.value)) return err(editedFailure(file.path));
  // One that is not enabled, or not known to the init system, goes all the same.
  for (const command of disable) await run(command);
  try {
    rmSync(file.path);
  } catch (error) {
    return err(fileFailure('remove', file.path, error));
  }
  for (const command of afterwards) {
    const failure = failureOf(command, await run(command), `${file.path} is removed`);
    if (failure !== null) return err(failure);
  }
  return ok(true);
}

function read(path: string): Result<string | null, Failure> {
  try {
    return ok(readFileSync(path, 'utf8'));
  } catch (error) {
    return errorCode(error) === 'ENOENT' ? ok(null) : err(fileFailure('read', path, error));
  }
}

/** A file that is there is replaced whole, so that the init system never reads half of one, also after a loss of power. */
function write({ path, text, mode }: BootPlan['file']): Result<void, Failure> {
  const aside = `${path}.stateward`;
  try {
    makeFolderSync(dirname(path), 0o755);
    writeFileSync(aside, text, { mode, flush: true });
    // The mode asked for is less what the umask takes.
    chmodSync(aside, mode);
    renameSync(aside, path);
    return ok(undefined);
  } catch (error) {
    rmSync(aside, { force: true });
    return err(fileFailure('write', path, error));
  }
}

function fileFailure(verb: string, path: string, error: unknown): Failure {
  const isDenied = ['EACCES', 'EPERM', 'EROFS'].includes(errorCode(error) ?? '');
  return {
    code: isDenied ? 'PERMISSION' : 'BOOT_FAILED',
    message: `cannot ${verb} ${path}: ${errorMessage(error)}`,
    ...(isDenied && { hint: 'run it as root (sudo), or --print shows what it would write' }),
  };
}

function editedFailure(path: string): Failure {
  return {
    code: 'CONFLICT',
    message: `${path} was edited, or was not written by stateward: it is left as it is`,
    hint: `stateward startup --print shows what it would be; to have it written, move ${path} away first`,
  };
}

function failureOf(command: Command, { code, output }: Ran, sofar: string): Failure | null {
  if (code === 0) return null;
  return {
    code: 'BOOT_FAILED',
    message: `${sofar}, but ${command.join(' ')} ${code === null ? 'could not be run' : `ended with ${code}`}`,
    ...(output !== '' && { details: output.split('\n') }),
    hint: `run it by hand once it can work: ${command.join(' ')}`,
  };
}
