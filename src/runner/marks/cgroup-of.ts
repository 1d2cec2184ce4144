import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import type { LimitsOutcome } from '../cgroup/cgroup.ts';

const ROOT = '/sys/fs/cgroup';

/** The limits of an instance by the cgroup that its process is in, which has its nonce for a name; null: it has none. */
export function cgroupOf(pid: number, nonce: string): LimitsOutcome | null {
  try {
    const path = /^0::(.+)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, 'utf8'))?.[1];
    if (path === undefined || basename(path) !== nonce) return null;
    const cgroup = `${ROOT}${path}`;
    if (!statSync(cgroup).isDirectory()) return null;
    return { state: 'set', message: `as ${cgroup} says`, cgroup };
  } catch {
    return null;
  }
}
