import { basename, join } from 'node:path';
import type { Failure } from '../lib/failure.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type { BootService } from './service.ts';

/** What was asked for. */
export interface BootRequest {
  readonly verb: 'startup' | 'unstartup';
  /** Started with the host, as this user. */
  readonly user?: string;
  /** Started with the host, as root. */
  readonly system: boolean;
  /** What the service is to be called; absent: made of the user and the home. */
  readonly name?: string;
  /** Absolute; absent: the usual one of the user. */
  readonly home?: string;
}

/** Who asks, and where. */
export interface BootHost {
  readonly uid: number;
  readonly userName: string;
  /** The home folder of a user of this host; null: there is no such user. */
  readonly homeDirOf: (user: string) => string | null;
  /** The command line tool: Node and its program. Absolute paths. */
  readonly cli: readonly string[];
  /** The search path that apps get. */
  readonly path: string;
}

/** The service that was asked for: root's is the host's, an ordinary user's starts with that user's session. */
export function resolveService(request: BootRequest, host: BootHost): Result<BootService, Failure> {
  const isHost = request.system || request.user !== undefined || host.uid === 0;
  const user = request.user ?? (request.system ? 'root' : host.userName);
  if (isHost && host.uid !== 0) return err(needsRoot(request, host));
  const homeDir = host.homeDirOf(user);
  if (homeDir === null) return err({ code: 'NOT_FOUND', message: `there is no user ${user} on this host` });
  const usualHome = join(homeDir, '.stateward');
  const home = request.home ?? usualHome;
  const parts = [
    'stateward',
    ...(isHost && user !== 'root' ? [user] : []),
    ...(home === usualHome ? [] : [basename(home).replace(/^\.+/, '')]),
  ];
  const name =
    request.name ??
    parts
      .filter((part) => part !== '')
      .join('-')
      .replaceAll(/[^\w.-]/g, '-');
  if (!/^[\w][\w.-]{0,199}$/.test(name)) {
    const hint = 'letters, digits, -, _ and . are what init systems take';
    return err({ code: 'USAGE', message: `a service cannot be called "${name}"`, hint });
  }
  const env = { PATH: host.path, STATEWARD_HOME: home };
  // Whatever the host finds running of this home, it is the service that looks after it from then on.
  const command = [...host.cli, 'daemon', 'run', '--replace', '--stop-apps'];
  const odd = [...command, ...Object.values(env)].find((text) => /\p{Cc}/u.test(text));
  if (odd !== undefined) {
    return err({ code: 'USAGE', message: `${JSON.stringify(odd)} cannot stand in the file of a service` });
  }
  return ok({ name, scope: isHost ? 'host' : 'login', user, home, command, env });
}

/** A search path that sudo may have replaced is handed through: apps get it. */
function needsRoot(request: BootRequest, { cli, userName }: BootHost): Failure {
  const options = [
    ...(request.user === undefined ? ['--system'] : ['--user', request.user]),
    ...(request.name === undefined ? [] : ['--service-name', request.name]),
    ...(request.home === undefined ? [] : ['--home', request.home]),
  ];
  const words = [...cli, request.verb, ...options].map((word) => (/\s/.test(word) ? `'${word}'` : word));
  return {
    code: 'PERMISSION',
    message: `only root changes what starts with the host, and this is ${userName}`,
    hint: `sudo env "PATH=$PATH" ${words.join(' ')}; without options, ${request.verb} is about one of your own, without root`,
  };
}
