import { stat } from 'node:fs/promises';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { AGENTS_VARIABLE, SHARED_VARIABLE } from '../../agent/protocol.ts';
import { NONCE_VARIABLE } from '../processes/nonce.ts';
import type { CommandSpec } from './command-spec.ts';
import { nameOf, type NotifyPlace } from '../notify/notify-place.ts';
import { errorCode, errorMessage } from '../../lib/system-error.ts';
import { canPassFolders, socketBy } from '../handover/user-folders.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { prefixesOf } from './prefixes/prefixes.ts';
import { NOTE_SCRIPT } from '../output/exit-note.ts';
import type { Argv } from './prefixes/prefix.ts';
import { checkRunnable, putInFront } from './prefixes/put-in-front.ts';
import type { TerminalOrder } from '../terminal/open-terminal.ts';
import { resolveUser, type CurrentUser, type TargetUser } from './user.ts';

/** Everything that spawn(2) needs, checked as far as can be. */
export interface LaunchCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly user: TargetUser | null;
  readonly stdin: 'open' | 'null';
  /** What it reads in the place of that; null: nothing else. */
  readonly input: string | null;
  /** Descriptor NOTE_FD is the note of how it ended; it has no channel then. */
  readonly noteExit: boolean;
  /** What makes and holds the terminal that its streams are; null: they are none. */
  readonly terminal: Pick<TerminalOrder, 'program' | 'folder'> | null;
  /** Permissions that its files never get. */
  readonly umask: number;
  /** How many sockets it is given, from descriptor FIRST_SOCKET_FD on. */
  readonly sockets: number;
  /** What the descriptor after them is to be: `handles` is Node's own channel, which carries sockets too. */
  readonly channel: 'none' | 'messages' | 'handles';
  /** Whose folder of those in `below` the descriptor after that is to be: its agent finds the next runner by it. */
  readonly folder: { readonly below: string; readonly uid: number } | null;
  /** Where it says how it is; null: nowhere. */
  readonly notify: NotifyPlace | null;
}

/** Whatever that of whoever started the daemon is. */
export const USUAL_UMASK = 0o022;

/** The first descriptor after the three streams; where sd_listen_fds(3) looks for sockets. */
export const FIRST_SOCKET_FD = 3;

/** The descriptor of the channel of a process with so many sockets. */
export function channelFd(sockets: number): number {
  return FIRST_SOCKET_FD + sockets;
}

/** What the runner itself runs with. */
export interface HostContext {
  readonly user: CurrentUser;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Path of the socket where agents find the next runner; absent: what is started has no agent. */
  readonly agentSocket?: string;
  /** Folder of the folders by which the agents of other users find it. */
  readonly agentFolders?: string;
  /** Folder of the sockets of terminals; absent: nothing gets one. */
  readonly terminals?: string;
  /** Folder of the sockets where apps say how they are. */
  readonly notifyFolder?: string;
}

/**
 * Checks what spawn would only report badly (a missing folder as ENOENT of the program) or not at all, and puts the
 * programs in front that prepare the process (`prefixes/`).
 * Throws an Error whose message says, for a person, why the process cannot be started.
 */
export async function launchCommand(spec: CommandSpec, host: HostContext): Promise<LaunchCommand> {
  await checkFolder(spec.cwd);
  if (spec.script !== undefined) await checkScript(spec.script);
  const channel = channelOf(spec);
  const sockets = spec.sockets?.length ?? 0;
  const user = await resolveUser(spec, host.user).catch((error: unknown) => {
    throw new Error(`user: ${errorMessage(error)}`);
  });
  const folder = channel === 'none' && spec.notify === undefined ? null : folderOf(user, host);
  const folderFd = channelFd(sockets) + (channel === 'none' ? 0 : 1);
  const agentSocket = folder === null ? host.agentSocket : socketBy(folderFd);
  const notify = notifyOf(spec, folder, folderFd, host);
  const way = channel === 'none' || agentSocket === undefined ? {} : { [AGENTS_VARIABLE]: agentSocket };
  const env = {
    ...spec.env,
    ...socketEnv(spec.sockets),
    ...channelEnv(channel, channelFd(sockets)),
    ...way,
    ...notify?.env,
    [NONCE_VARIABLE]: spec.nonce,
  };
  const { cwd, stdin = 'null', input = null, noteExit = false, umask = USUAL_UMASK } = spec;
  const full = user === null ? env : userEnv(env, user, host.env);
  const command = { file: spec.file, args: spec.args, cwd, env: full };
  if (noteExit) await checkRunnable(command);
  const { file, args } = noteExit ? noting(command) : command;
  const argv = await putInFront(prefixesOf(spec, user, { nice: getPriority() }), {
    file,
    args,
    cwd,
    env: full,
  });
  const terminal = terminalOf(spec, host);
  return {
    ...argv,
    cwd,
    env: full,
    user,
    stdin,
    terminal,
    input,
    noteExit,
    umask,
    sockets,
    channel,
    folder,
    notify: notify?.place ?? null,
  };
}

/** The socket where it says how it is, and how it comes to it; null: it says nothing. */
function notifyOf(
  { notify, nonce }: CommandSpec,
  folder: LaunchCommand['folder'],
  folderFd: number,
  { notifyFolder = '/' }: HostContext,
): { readonly place: NotifyPlace; readonly env: Readonly<Record<string, string>> } | null {
  if (notify === undefined) return null;
  const { watchdogMs } = notify;
  const name = nameOf(nonce);
  const path = folder === null ? join(notifyFolder, name) : join(folder.below, String(folder.uid), name);
  const shown = folder === null ? path : `/proc/self/fd/${folderFd}/${name}`;
  const place = { path, uid: folder?.uid ?? null, watchdogMs };
  const watched = watchdogMs === null ? {} : { WATCHDOG_USEC: String(Math.round(watchdogMs * 1_000)) };
  return { place, env: { NOTIFY_SOCKET: shown, ...watched } };
}

/** The shell in front of a command that notes how it ended. */
function noting({ file, args }: Argv): Argv {
  return { file: '/bin/sh', args: ['-c', NOTE_SCRIPT, 'stateward', file, ...args] };
}

function channelOf({ ipc, shared }: CommandSpec): LaunchCommand['channel'] {
  if (ipc !== true) return 'none';
  return shared === true ? 'handles' : 'messages';
}

function terminalOf({ tty }: CommandSpec, { terminals }: HostContext): LaunchCommand['terminal'] {
  return tty === undefined || terminals === undefined ? null : { program: tty, folder: terminals };
}

/** The home is closed to other users. */
function folderOf(user: TargetUser | null, { agentFolders }: HostContext): LaunchCommand['folder'] {
  if (user === null || agentFolders === undefined || !canPassFolders) return null;
  return { below: agentFolders, uid: user.uid };
}

function channelEnv(channel: LaunchCommand['channel'], fd: number): Readonly<Record<string, string>> {
  switch (channel) {
    case 'none':
      return {};
    case 'messages':
      return { NODE_CHANNEL_FD: String(fd), NODE_CHANNEL_SERIALIZATION_MODE: 'json' };
    case 'handles':
      // Node itself says where its own channel is.
      return { [SHARED_VARIABLE]: '1' };
    default:
      return unreachable(channel);
  }
}

/** As sd_listen_fds(3) has it; LISTEN_PID is told by `prefixes/as-listener.ts`. */
function socketEnv(sockets: CommandSpec['sockets'] = []): Readonly<Record<string, string>> {
  if (sockets.length === 0) return {};
  const names = sockets.map(({ name }) => name).join(':');
  return { LISTEN_FDS: String(sockets.length), LISTEN_FDNAMES: names };
}

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
