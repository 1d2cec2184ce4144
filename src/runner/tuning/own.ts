import { readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import type { Rlimit, Tuning } from '../protocol/orders.ts';
import { cpusIn, rlimitIn, SEEN_IN } from './seen.ts';

/**
 * A tuning in full, for processes that had `before` and are to have `wanted`: what only `before` names goes back to what
 * the runner has itself, as if they were started now.
 */
export function inFull(before: Tuning, wanted: Tuning): Tuning {
  const text = seenOf('self');
  const cpus = cpusIn(text);
  const gone = Object.keys(before.rlimits ?? {}).filter((name) => wanted.rlimits?.[name] === undefined);
  const back = gone.flatMap((name): (readonly [string, Rlimit])[] => {
    const own = rlimitIn(text, name);
    return own === null ? [] : [[name, own]];
  });
  const isLeft = (key: keyof Tuning): boolean => before[key] !== undefined && wanted[key] === undefined;
  return {
    ...(isLeft('nice') && { nice: getPriority() }),
    ...(isLeft('ionice') && { ionice: { class: 'none' as const, priority: null } }),
    ...(isLeft('oomScoreAdj') && { oomScoreAdj: Number(/^-?\d+$/m.exec(text)?.[0] ?? 0) }),
    ...(isLeft('cpus') && cpus !== null && { cpus }),
    ...wanted,
    rlimits: { ...Object.fromEntries(back), ...wanted.rlimits },
  };
}

/** What tells what a process has; empty where it cannot be read. */
export function seenOf(pid: number | 'self'): string {
  return SEEN_IN.map((file) => read(`/proc/${pid}/${file}`)).join('');
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
