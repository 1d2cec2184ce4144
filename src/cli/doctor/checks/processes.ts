import { basename, dirname, join } from 'node:path';
import { fail, named, NO_DAEMON, ok, skip, warn, type Check, type Finding } from '../check.ts';
import { pidOf, type DoctorFacts } from '../facts.ts';
import { limitOf, markOf, processes } from '../processes.ts';

/** A part of a limit that is in use: from here on it is told, and from there on it is wrong. */
const NEARLY = 0.8;
const FULL = 0.95;
/** What controller and runner hold for themselves, and the runner for a process: FIFOs, logs, a channel. */
const OWN_FILES = 100;
const FILES_PER_PROCESS = 8;
/** A process that has just ended is a zombie for a moment. */
const PASSING_ZOMBIES = 3;

export const PROCESS_CHECKS: readonly Check[] = [
  { name: 'orphans', run: orphans },
  { name: 'descriptors', run: descriptors },
  { name: 'tasks', run: tasks },
  { name: 'limits', run: limits },
  { name: 'features', run: features },
  { name: 'reaper', run: reaper },
];

/** Processes that carry the mark of this home and belong to no instance that the daemon knows. */
function orphans(facts: DoctorFacts): Finding {
  const { apps, host, realHome, status } = facts;
  if (apps === null) return skip(NO_DAEMON);
  const known = new Set(
    apps.flatMap(({ status: { instances } }) =>
      instances.flatMap(({ pid }) => (pid === null ? [] : [markOf(host, pid)?.nonce])),
    ),
  );
  const unverified = status.ok ? (status.value.unverified ?? []) : [];
  const found = processes(host).flatMap(({ pid, name, state }) => {
    const mark = state === 'Z' ? null : markOf(host, pid);
    const isOurs = mark?.home === realHome && !known.has(mark.nonce);
    return isOurs ? [`${pid} (${name}, of ${mark.label})`] : [];
  });
  const all = [...found, ...unverified.map(({ key, pid }) => `${pid ?? '?'} (may be ${key})`)];
  if (all.length === 0) return ok('none');
  return warn(
    `${named(all, 'process', 'processes')}: of this home, and of no app that runs`,
    'look at them with ps; what you end with kill does not come back. leftovers: keep means them to stay',
  );
}

function descriptors(facts: DoctorFacts): Finding {
  const { host, status } = facts;
  const count = status.ok ? (status.value.apps?.processes ?? 0) : (facts.offline?.apps?.processes ?? 0);
  const needed = OWN_FILES + count * FILES_PER_PROCESS;
  const told: string[] = [];
  for (const who of ['runner', 'controller'] as const) {
    const pid = pidOf(who, facts);
    const limit = pid === null ? null : limitOf(host, pid, 'open files');
    if (pid === null || limit === null) continue;
    const used = host.list(`/proc/${pid}/fd`)?.length ?? 0;
    const message = `${who}: ${used} of ${limit} in use`;
    const hint = `raise the limit for open files (LimitNOFILE of the unit, or ulimit -n before daemon start), then start the ${who} anew`;
    if (used >= limit * FULL) return fail(message, hint);
    if (used >= limit * NEARLY) return warn(message, hint);
    if (limit < needed) return warn(`${message}; about ${needed} are needed for ${count} processes`, hint);
    told.push(message);
  }
  if (told.length > 0) return ok(told.join(', '));
  const own = limitOf(host, 'self', 'open files');
  return own === null
    ? skip('not known on this system')
    : ok(`a daemon that is started here may open ${own}`);
}

/** The bounds on processes: of the cgroup of the runner and those above it, and of its user. */
function tasks(facts: DoctorFacts): Finding {
  const { host, uid } = facts;
  const pid = pidOf('runner', facts) ?? 'self';
  const cgroup = /^0::(.*)$/m.exec(host.read(`/proc/${pid}/cgroup`) ?? '')?.[1];
  let least: { readonly used: number; readonly max: number; readonly where: string } | null = null;
  for (let path = cgroup; path !== undefined && path !== '/' && path !== '.'; path = dirname(path)) {
    const folder = join('/sys/fs/cgroup', path);
    const max = Number(host.read(join(folder, 'pids.max')) ?? NaN);
    const used = Number(host.read(join(folder, 'pids.current')) ?? NaN);
    if (Number.isNaN(max) || Number.isNaN(used)) continue;
    if (least === null || max - used < least.max - least.used) {
      least = { used, max, where: `pids.max of ${path}` };
    }
  }
  const ofUser = uid === 0 ? null : limitOf(host, pid, 'processes');
  if (least === null) {
    return ok(ofUser === null || ofUser === Infinity ? 'no bound' : `${ofUser} a user`);
  }
  const message = `${least.used} of ${least.max} in use (${least.where})`;
  const hint =
    'raise TasksMax of the unit or slice (systemctl set-property), or --pids-limit of the container';
  if (least.used >= least.max * FULL) return fail(message, hint);
  return least.used >= least.max * NEARLY ? warn(message, hint) : ok(message);
}

/** Keys that need no cgroup. */
const TUNING = ['nice', 'ionice', 'oom_score_adj', 'rlimits', 'cpu_affinity'] as const;

/** Whether the kernel holds apps to their `limits`, for which the runner needs cgroups of its own, and to their rlimits and the like. */
function limits({ apps }: DoctorFacts): Finding {
  if (apps === null) return skip(NO_DAEMON);
  const limited = apps.filter(({ spec }) =>
    ['limits' as const, ...TUNING].some((key) => spec?.[key] != null),
  );
  if (limited.length === 0) return ok('no app has limits');
  const lost = limited.flatMap(({ name, status: { problems = [] } }) =>
    problems.filter(({ type }) => type === 'Limited').map(({ message }) => `${name}: ${message}`),
  );
  const [first, ...more] = lost;
  if (first === undefined) return ok(`the kernel holds ${limited.length} apps to theirs`);
  const hint = limited.some(({ spec }) => spec?.limits != null)
    ? 'limits need a delegated cgroup: stateward startup writes a unit with Delegate=yes'
    : 'the message says what the daemon lacks';
  return warn(`${first}${andMore(more)}`, hint);
}

/** Whether the runner, which may be of an earlier version, knows all that apps declare. */
function features({ apps }: DoctorFacts): Finding {
  if (apps === null) return skip(NO_DAEMON);
  const lost = apps.flatMap(({ name, status: { problems = [] } }) =>
    problems.filter(({ type }) => type === 'Capable').map(({ message }) => `${name}: ${message}`),
  );
  const [first, ...more] = lost;
  if (first === undefined) return ok('the runner knows all that apps declare');
  return fail(`${first}${andMore(more)}`, 'stateward daemon upgrade');
}

function andMore(others: readonly string[]): string {
  return others.length === 0 ? '' : ` (and ${others.length} more like it)`;
}

/** Process 1 of a container has to reap what is left to it; where it does not, what has ended stays as zombies. */
function reaper({ host }: DoctorFacts): Finding {
  const first = processes(host).find(({ pid }) => pid === 1);
  if (first === undefined) return skip('not known on this system');
  const left = processes(host).filter(({ parent, state }) => parent === 1 && state === 'Z');
  if (left.length <= PASSING_ZOMBIES) return ok(`process 1 is ${basename(first.name)}`);
  return warn(
    `process 1 (${first.name}) does not reap: ${named(
      left.map(({ pid }) => pid),
      'zombie',
    )}`,
    'run the container with an init (docker run --init, or tini), or with stateward run as its command',
  );
}
