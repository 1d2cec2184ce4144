import { stat } from 'node:fs/promises';
import { AGENTS_VARIABLE, SHARED_VARIABLE } from '../../agent/protocol.ts';
import { findExecutable } from './executable.ts';
import { NONCE_VARIABLE } from '../processes/nonce.ts';
import type { SpawnSpec } from '../protocol/orders.ts';
import { errorCode, errorMessage } from '../../lib/system-error.ts';
import { canPassFolders, socketBy } from '../handover/user-folders.ts';
import { limitsHint, startError } from './limits-hint.ts';
import { resolveUser, type CurrentUser, type TargetUser } from './user.ts';

/** Everything that spawn(2) needs, checked as far as can be. */
export interface LaunchCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly user: TargetUser | null;
  readonly stdin: 'open' | 'null';
  /** Permissions that its files never get. */
  readonly umask: number;
  /** What descriptor CHANNEL_FD is to be: `handles` is Node's own channel, which carries sockets too. */
  readonly channel: 'none' | 'messages' | 'handles';
  /** Whose folder of those in `below` descriptor FOLDER_FD is to be: its agent finds the next runner by it. */
  readonly folder: { readonly below: string; readonly uid: number } | null;
}

/** Whatever that of whoever started the daemon is. */
export const USUAL_UMASK = 0o022;

/** The first descriptor after the three streams. */
export const CHANNEL_FD = 3;

/** After the channel. */
export const FOLDER_FD = 4;

/** What is said of a process that is to be started, as far as its command goes. */
export type CommandSpec = Pick<
  SpawnSpec,
  'nonce' | 'file' | 'args' | 'script' | 'cwd' | 'env' | 'uid' | 'gid' | 'ipc' | 'shared' | 'stdin' | 'umask'
>;

/** What the runner itself runs with. */
export interface HostContext {
  readonly user: CurrentUser;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Path of the socket where agents find the next runner; absent: what is started has no agent. */
  readonly agentSocket?: string;
  /** Folder of the folders by which the agents of other users find it. */
  readonly agentFolders?: string;
}

const SETPRIV_PATH = '/usr/bin:/bin:/usr/sbin:/sbin';

/**
 * Checks what spawn would only report badly (a missing folder as ENOENT of the program) or not at all, and puts
 * setpriv(1) in front for another user: Node's own `uid` option drops all supplementary groups.
 * Throws an Error whose message says, for a person, why the process cannot be started.
 */
export async function launchCommand(spec: CommandSpec, host: HostContext): Promise<LaunchCommand> {
  await checkFolder(spec.cwd);
  if (spec.script !== undefined) await checkScript(spec.script);
  const channel = channelOf(spec);
  const user = await resolveUser(spec, host.user).catch((error: unknown) => {
    throw new Error(`user: ${errorMessage(error)}`);
  });
  const folder = channel === 'none' ? null : folderOf(user, host);
  const agentSocket = folder === null ? host.agentSocket : socketBy(FOLDER_FD);
  const way = channel === 'none' || agentSocket === undefined ? {} : { [AGENTS_VARIABLE]: agentSocket };
  const env = { ...spec.env, ...CHANNEL_ENV[channel], ...way, [NONCE_VARIABLE]: spec.nonce };
  const { file, args, cwd, stdin = 'null', umask = USUAL_UMASK } = spec;
  const command = { file, args, cwd, env, user, stdin, umask, channel, folder };
  return user === null ? command : asUser(command, user, host.env);
}

function channelOf({ ipc, shared }: CommandSpec): LaunchCommand['channel'] {
  if (ipc !== true) return 'none';
  return shared === true ? 'handles' : 'messages';
}

/** The home is closed to other users. */
function folderOf(user: TargetUser | null, { agentFolders }: HostContext): LaunchCommand['folder'] {
  if (user === null || agentFolders === undefined || !canPassFolders) return null;
  return { below: agentFolders, uid: user.uid };
}

const CHANNEL_ENV: Readonly<Record<LaunchCommand['channel'], Readonly<Record<string, string>>>> = {
  none: {},
  messages: { NODE_CHANNEL_FD: String(CHANNEL_FD), NODE_CHANNEL_SERIALIZATION_MODE: 'json' },
  // Node itself says where its own channel is.
  handles: { [SHARED_VARIABLE]: '1' },
};

async function checkFolder(cwd: string): Promise<void> {
  const found = await stat(cwd).catch((error: unknown) => {
    throw new Error(`cwd: ${errorCode(error) ?? 'error'}: cannot use the folder ${cwd}`);
  });
  if (!found.isDirectory()) throw new Error(`cwd: ENOTDIR: ${cwd} is not a folder`);
}

/** Endings that an interpreter may add by itself. */
const SCRIPT_ENDINGS = ['', '.js', '.cjs', '.mjs', '.json', '.node'] as const;

/** Only what is certain is an error: what cannot be looked at from here may well be readable for the app's user. */
async function checkScript(script: string): Promise<void> {
  for (const ending of SCRIPT_ENDINGS) {
    const missing = await stat(script + ending).then(
      () => false,
      (error: unknown) => errorCode(error) === 'ENOENT',
    );
    if (!missing) return;
  }
  throw new Error(`script: ENOENT: there is no file ${script}`);
}

async function asUser(
  command: LaunchCommand,
  user: TargetUser,
  ours: HostContext['env'],
): Promise<LaunchCommand> {
  const { file, args } = command;
  const setpriv = await findExecutable('setpriv', SETPRIV_PATH, '/');
  if (setpriv === null) {
    throw new Error('user: setpriv(1) of util-linux is needed to run a process as another user');
  }
  // setpriv would say on the app's stderr what it cannot run; here it is still a failed start.
  if ((await findRunnable(file, command)) === null) throw spawnFailure('ENOENT', file);
  const groups = user.account === null ? '--clear-groups' : '--init-groups';
  const ids = ['--reuid', String(user.uid), '--regid', String(user.gid), groups];
  return {
    ...command,
    file: setpriv,
    args: [...ids, '--', file, ...args],
    env: userEnv(command.env, user, ours),
    user,
  };
}

async function findRunnable(file: string, { env, cwd }: LaunchCommand): Promise<string | null> {
  return findExecutable(file, env.PATH ?? SETPRIV_PATH, cwd).catch((error: unknown) => {
    throw spawnFailure(errorCode(error) ?? 'EACCES', file);
  });
}

/** The account's own HOME, USER and LOGNAME, except where the app was given others than the daemon's. */
function userEnv(
  env: LaunchCommand['env'],
  { account }: TargetUser,
  ours: HostContext['env'],
): Record<string, string> {
  if (account === null) return { ...env };
  const theirs = { HOME: account.home, USER: account.name, LOGNAME: account.name };
  const taken = Object.entries(theirs).filter(
    ([name]) => env[name] === undefined || env[name] === ours[name],
  );
  return { ...env, ...Object.fromEntries(taken) };
}

const EXPLANATIONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such program',
  EACCES: 'not executable, or a folder on the way is closed',
  E2BIG: 'arguments and environment are too large',
  ENOEXEC: 'not a program: is its first line missing?',
};

/** `spawn: ENOENT: cannot run "nope": no such program`. */
export function spawnFailure(code: string, file: string): Error {
  const explanation = EXPLANATIONS[code] ?? limitsHint(code) ?? undefined;
  const why = explanation === undefined ? '' : `: ${explanation}`;
  return startError(code, `spawn: ${code}: cannot run "${file}"${why}`);
}
