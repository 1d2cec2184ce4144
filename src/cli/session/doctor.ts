import { accessSync, constants, readFileSync, statSync, statfsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { Failure } from '../../lib/failure.ts';
import type { Result } from '../../lib/result.ts';
import { unwrittenText } from '../../api/contract/unwritten-text.ts';
import type { DaemonStatus } from '../../api/contract/wire/daemon.ts';
import { checkHome } from '../../home/check.ts';
import { homeLayout } from '../../home/layout.ts';
import { whoCanReplace } from '../../home/parents.ts';
import { unsafeInside } from '../../home/tighten.ts';
import type { Check } from '../views/daemon/checks.ts';
import { formatMemory } from '../views/text/quantities.ts';

const NODE_FLOOR: readonly [number, number] = [20, 19];
const DISK_WARN_BYTES = 512 * 1024 * 1024;
const DISK_FAIL_BYTES = 32 * 1024 * 1024;
const INOTIFY_WATCHES_WARN = 8192;
const INOTIFY_FILE = '/proc/sys/fs/inotify/max_user_watches';

export interface DoctorOptions {
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** What the daemon answered, or why it did not. */
  readonly status: Result<DaemonStatus, Failure>;
}

/** Looks at everything that the daemon needs of this host; changes nothing. */
export function examine(options: DoctorOptions): readonly Check[] {
  return [
    nodeCheck(process.versions.node),
    homeCheck(options.home),
    ...daemonChecks(options.status, options.version),
    ...['flock', 'mkfifo'].map((command) => commandCheck(command, options.env['PATH'] ?? '')),
    diskCheck(options.home),
    inotifyCheck(),
  ];
}

function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [floorMajor, floorMinor] = NODE_FLOOR;
  const fine = major > floorMajor || (major === floorMajor && minor >= floorMinor);
  if (fine) return { name: 'node', level: 'ok', message: `v${version}` };
  const hint = `install Node ${NODE_FLOOR.join('.')} or newer`;
  return { name: 'node', level: 'fail', message: `v${version} is too old`, hint };
}

function homeCheck(home: string): Check {
  const unsafe = checkHome(home) ?? unsafeInside(homeLayout(home));
  if (unsafe !== null) return failed('home', unsafe);
  const replaceable = whoCanReplace(home);
  if (replaceable === null) return { name: 'home', level: 'ok', message: home };
  const hint = 'choose a home in a folder of your own with STATEWARD_HOME';
  return { name: 'home', level: 'warn', message: replaceable, hint };
}

function daemonChecks(status: DoctorOptions['status'], version: string): readonly Check[] {
  if (!status.ok) {
    if (status.error.code !== 'DAEMON_UNREACHABLE') return [failed('daemon', status.error)];
    return [{ name: 'daemon', level: 'warn', message: 'does not run', hint: 'stateward daemon start' }];
  }
  const { controller, runner, problem, unwritten } = status.value;
  return [
    { name: 'daemon', level: 'ok', message: `answers (pid ${controller?.pid ?? 'unknown'})` },
    versionCheck('daemon version', controller?.version, version),
    runner === null
      ? failed('runner', problem ?? SILENT_RUNNER)
      : versionCheck('runner version', runner.version, version),
    ...(unwritten === undefined
      ? []
      : [failed('state', { message: unwrittenText(unwritten), hint: unwritten.hint })]),
  ];
}

const SILENT_RUNNER = {
  message: 'does not answer',
  hint: 'stateward events shows why; the daemon keeps trying',
};

function versionCheck(name: string, running: string | undefined, own: string): Check {
  if (running === own) return { name, level: 'ok', message: own };
  const hint =
    'stateward daemon stop && stateward daemon start takes the new one into use; apps keep running';
  return { name, level: 'warn', message: `${running ?? 'unknown'}, this command is ${own}`, hint };
}

function commandCheck(command: string, path: string): Check {
  const found = path
    .split(delimiter)
    .map((folder) => join(folder, command))
    .find(isExecutable);
  if (found !== undefined) return { name: command, level: 'ok', message: found };
  const hint = `install it (${command === 'flock' ? 'util-linux' : 'coreutils'})`;
  // The daemon has another way where flock is missing; a FIFO can be made in no other way.
  return { name: command, level: command === 'flock' ? 'warn' : 'fail', message: 'not found on PATH', hint };
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

function diskCheck(home: string): Check {
  const folder = nearestFolder(home);
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const message = `${formatMemory(free)} free at ${folder}`;
  if (free >= DISK_WARN_BYTES) return { name: 'disk', level: 'ok', message };
  const level = free >= DISK_FAIL_BYTES ? 'warn' : 'fail';
  return { name: 'disk', level, message, hint: 'free some space: logs and state are written there' };
}

function nearestFolder(path: string): string {
  try {
    if (statSync(path).isDirectory()) return path;
  } catch {
    // Not there yet: the folder that it would be made in counts.
  }
  return path === dirname(path) ? path : nearestFolder(dirname(path));
}

function inotifyCheck(): Check {
  const name = 'inotify';
  let limit: number;
  try {
    limit = Number(readFileSync(INOTIFY_FILE, 'utf8'));
  } catch {
    return { name, level: 'ok', message: 'not used on this system' };
  }
  const message = `${limit} watches a user`;
  if (limit >= INOTIFY_WATCHES_WARN) return { name, level: 'ok', message };
  return { name, level: 'warn', message, hint: 'raise fs.inotify.max_user_watches for apps with watch' };
}

function failed(name: string, { message, hint }: Pick<Failure, 'message' | 'hint'>): Check {
  return { name, level: 'fail', message, ...(hint === undefined ? {} : { hint }) };
}
