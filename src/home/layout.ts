import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { FailureError } from '../lib/failure.ts';
import { timesFolder } from '../lib/log-times/times-file.ts';

/** Where everything of one daemon is. Absolute paths. */
export interface HomeLayout {
  readonly home: string;
  /** Sockets, locks, the ledger and FIFOs: nothing that outlives the processes. */
  readonly run: string;
  readonly apiSocket: string;
  readonly runnerSocket: string;
  /** Where agents find the next runner. */
  readonly agentSocket: string;
  /** A folder for each other user that apps run as, where their agents find it. */
  readonly agentFolders: string;
  /** Which process keeps the sockets of apps that declare some, for the next runner. */
  readonly socketHolder: string;
  /** A socket for each instance that says by sd_notify(3) how it is. */
  readonly notify: string;
  readonly controllerLock: string;
  readonly runnerLock: string;
  readonly ledger: string;
  readonly fifos: string;
  /** Where the terminals of apps listen, by the pids of the apps. A socket in it needs no longer path than those of `run`. */
  readonly terminals: string;
  /** FIFOs by which what apps have for the daemon's own streams reaches `daemon run`. */
  readonly appStreams: { readonly stdout: string; readonly stderr: string };
  /** Where `stateward run` takes the lines of all apps, each with where it is from. */
  readonly linesSocket: string;
  /** What the owner of the home has set; need not be there. */
  readonly settings: string;
  readonly state: string;
  /** Copies of the repositories of sources. */
  readonly sources: string;
  /** What apps of git sources run from: a folder for each source, in it one for each commit. */
  readonly releases: string;
  /** What ecosystem files declared when they were read last, so that they need not be read again. */
  readonly declared: string;
  /** Who may ask over the network: tokens, and browsers that have logged in, each by its hash. */
  readonly tokens: string;
  readonly sessions: string;
  readonly access: string;
  readonly logs: string;
  /** When and from where the bytes of each log file came; see lib/log-times. */
  readonly logTimes: string;
  /** The secret that proves which processes were started by this home. */
  readonly markKey: string;
  /** The secret that hashes of secrets are keyed with. */
  readonly secretKey: string;
  /** What is kept of every secret that a process was given: keyed hashes. */
  readonly givenSecrets: string;
  /** Where controller and runner write what they have to say. */
  readonly daemonLog: string;
}

export function homeLayout(home: string): HomeLayout {
  const run = join(home, 'run');
  return {
    home,
    run,
    apiSocket: join(run, 'api.sock'),
    runnerSocket: join(run, 'runner.sock'),
    agentSocket: join(run, 'agents.sock'),
    agentFolders: join(run, 'agents'),
    socketHolder: join(run, 'sockets.json'),
    // Short: paths of sockets have little room.
    notify: join(run, 'n'),
    controllerLock: join(run, 'controller.lock'),
    runnerLock: join(run, 'runner.lock'),
    ledger: join(run, 'ledger.ndjson'),
    fifos: join(run, 'io'),
    terminals: join(run, 't'),
    appStreams: { stdout: join(run, 'stdout'), stderr: join(run, 'stderr') },
    linesSocket: join(run, 'lines.sock'),
    settings: join(home, 'config.yaml'),
    state: join(home, 'state'),
    sources: join(home, 'sources'),
    releases: join(home, 'releases'),
    declared: join(home, 'declared'),
    access: join(home, 'access'),
    tokens: join(home, 'access', 'tokens'),
    sessions: join(home, 'access', 'sessions'),
    logs: join(home, 'logs'),
    logTimes: timesFolder(join(home, 'logs')),
    markKey: join(home, 'mark.key'),
    secretKey: join(home, 'secret.key'),
    givenSecrets: join(home, 'secret.given'),
    daemonLog: join(home, 'daemon.log'),
  };
}

/**
 * The home folder that a command talks to: `--home`, else STATEWARD_HOME, else `~/.stateward`. Absolute. Throws
 * PERMISSION where the user has no folder, as one of a container that is a number only.
 */
export function resolveHome(
  flag: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const named = flag ?? env['STATEWARD_HOME'];
  return named === undefined || named === '' ? join(folderOfUser(), '.stateward') : resolve(named);
}

function folderOfUser(): string {
  try {
    return homedir();
  } catch {
    throw new FailureError({
      code: 'PERMISSION',
      message: 'this user has no folder (HOME is not set, and the system does not know of one)',
      hint: 'name a folder for stateward with STATEWARD_HOME or --home',
    });
  }
}
