import { errorCode } from '../../../lib/system-error.ts';
import { findExecutable } from '../executable.ts';
import { interpreterOf } from '../interpreter.ts';
import { spawnFailure } from '../spawn-failure.ts';
import { behind, type Argv, type Prefix } from './prefix.ts';

/** Where programs of the system are. The app's own PATH has no say in what runs with our rights. */
const SYSTEM_PATH = '/usr/bin:/bin:/usr/sbin:/sbin';

/** A command in the surroundings in which it is to run. */
export interface Surrounded extends Argv {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The command with the programs in front of it. Throws an Error that says, for a person, which of them is missing, or why
 * the command itself cannot be run: the last of them would say so on the stderr of the app, and the start would seem to
 * have gone well.
 */
export async function putInFront(prefixes: readonly Prefix[], command: Surrounded): Promise<Argv> {
  const { file, args } = command;
  if (prefixes.length === 0) return { file, args };
  const files = await Promise.all(prefixes.map(findProgram));
  await checkRunnable(command);
  return behind(prefixes, files, command);
}

/** Where the program is. Throws an Error that says what it is needed for. */
export async function findProgram({ key, program, need }: Prefix): Promise<string> {
  const found = await findExecutable(program, SYSTEM_PATH, '/').catch(() => null);
  if (found === null) throw new Error(`${key}: ${need}`);
  return found;
}

/** Throws an Error that says, for a person, why the command cannot be run. */
export async function checkRunnable({ file, env, cwd }: Surrounded): Promise<void> {
  const found = await findExecutable(file, env.PATH ?? SYSTEM_PATH, cwd).catch((error: unknown) => {
    throw spawnFailure(errorCode(error) ?? 'EACCES', file);
  });
  if (found === null) throw spawnFailure('ENOENT', file);
  const interpreter = await interpreterOf(found);
  // As the system says it of one whose first line names a program that is not there.
  if (interpreter === null) return;
  const isThere = await findExecutable(interpreter, '', cwd).catch((error: unknown) => {
    throw spawnFailure(errorCode(error) ?? 'EACCES', file);
  });
  if (isThere === null) throw spawnFailure('ENOENT', file);
}
