import { join } from 'node:path';
import { fail, ok, skip, warn, type Check, type Finding } from '../check.ts';
import type { DoctorFacts } from '../facts.ts';

const INOTIFY_WATCHES_WARN = 8192;
const INOTIFY_INSTANCES_WARN = 64;
const INOTIFY = '/proc/sys/fs/inotify';
const TIMESYNC = '/run/systemd/timesync';
/** No stateward is older. */
const FIRST_RELEASE = Date.UTC(2025, 0, 1);
/** Clocks of build hosts differ, and so do time zones that somebody has mixed up. */
const A_DAY_MS = 24 * 3_600_000;

export const SYSTEM_CHECKS: readonly Check[] = [
  // The daemon has another way where flock is missing; a FIFO can be made in no other way.
  { name: 'flock', run: (facts) => command('flock', facts) },
  { name: 'mkfifo', run: (facts) => command('mkfifo', facts) },
  { name: 'inotify', run: inotify },
  { name: 'clock', run: clock },
];

function command(name: 'flock' | 'mkfifo', { searchPath, host }: DoctorFacts): Finding {
  const found = searchPath.map((folder) => join(folder, name)).find((file) => host.isExecutable(file));
  if (found !== undefined) return ok(found);
  const hint = `install it (${name === 'flock' ? 'util-linux' : 'coreutils'})`;
  return name === 'flock' ? warn('not found on PATH', hint) : fail('not found on PATH', hint);
}

/** What `watch` needs of the kernel: one instance for the controller, and a watch for each folder. */
function inotify({ host, apps }: DoctorFacts): Finding {
  const watches = host.read(`${INOTIFY}/max_user_watches`);
  const instances = host.read(`${INOTIFY}/max_user_instances`);
  if (watches === null || instances === null) return skip('not used on this system');
  const lost = (apps ?? []).flatMap(({ name, status: { problems = [] } }) =>
    problems.filter(({ type }) => type === 'Watching').map(({ message }) => `${name}: ${message}`),
  );
  const [first] = lost;
  if (first !== undefined) return fail(first, 'sysctl fs.inotify.max_user_watches=524288 allows more');
  const message = `${Number(watches)} watches and ${Number(instances)} instances a user`;
  if (Number(watches) < INOTIFY_WATCHES_WARN) {
    return warn(message, 'raise fs.inotify.max_user_watches for apps with watch');
  }
  if (Number(instances) < INOTIFY_INSTANCES_WARN) {
    return warn(message, 'raise fs.inotify.max_user_instances: other programs of the user use them too');
  }
  return ok(message);
}

function clock({ host, now, program }: DoctorFacts): Finding {
  const installedAt = host.stat(program)?.changedAt ?? 0;
  const shown = new Date(now).toISOString();
  const hint = 'set the clock and have it kept: timedatectl set-ntp true, or chrony';
  if (now < Math.max(FIRST_RELEASE, installedAt - A_DAY_MS)) {
    return fail(`it is ${shown} here, which is before stateward was installed`, hint);
  }
  if (host.stat(TIMESYNC)?.isFolder !== true) return ok(shown);
  if (host.stat(`${TIMESYNC}/synchronized`) !== null) return ok(`${shown}, synchronized`);
  return warn(`${shown}, and it has not been synchronized since the host was started`, hint);
}
