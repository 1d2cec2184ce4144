import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

interface Test {
  readonly holds: () => boolean;
  /** Of a host that does not have it. */
  readonly missing: string;
}

const TESTS = {
  linux: { holds: () => process.platform === 'linux', missing: 'needs Linux: it looks at /proc' },
  root: { holds: () => process.getuid?.() === 0, missing: 'needs root' },
  python3: { holds: () => runs('python3', '-c', ''), missing: 'needs python3' },
  mounts: {
    holds: () => runs('unshare', '-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'),
    missing: 'needs a mount namespace of its own (root, unshare -m)',
  },
  pids: {
    holds: () => runs('unshare', '--pid', '--fork', '--mount-proc', 'true'),
    missing: 'needs a pid namespace of its own (root, unshare --pid)',
  },
  pidsCgroup: {
    holds: () => process.getuid?.() === 0 && existsSync('/sys/fs/cgroup/pids/cgroup.procs'),
    missing: 'needs root and a cgroup hierarchy of its own for pids',
  },
  setpriv: { holds: () => runs('setpriv', '--version'), missing: 'needs setpriv(1)' },
  flock: {
    holds: () => runs('flock', '--version') && runs('git', '--version'),
    missing: 'needs git and flock(1)',
  },
  prlimit: { holds: () => runs('prlimit', '--version'), missing: 'needs prlimit(1)' },
} as const satisfies Record<string, Test>;

export type Need = keyof typeof TESTS;

const answers = new Map<Need, boolean>();

/** Why this host cannot run what needs these; null: it can. */
export function whatIsMissing(needs: readonly Need[]): string | null {
  const lacking = needs.filter((need) => !hostHas(need));
  return lacking.length === 0 ? null : lacking.map((need) => TESTS[need].missing).join('; ');
}

/** Whether the host has it; tried once. */
export function hostHas(need: Need): boolean {
  const known = answers.get(need);
  if (known !== undefined) return known;
  const answer = TESTS[need].holds();
  answers.set(need, answer);
  return answer;
}

function runs(file: string, ...args: readonly string[]): boolean {
  return spawnSync(file, args, { stdio: 'ignore' }).status === 0;
}
