import { rlimitText } from './settings.ts';
import { RLIMITS } from './rlimits.ts';
import type { Setting } from './settings.ts';

/** Files below /proc/PID that tell what a process has; which class of I/O it has, none does. */
export const SEEN_IN = ['stat', 'oom_score_adj', 'status', 'limits'] as const;

/**
 * What a process has instead of the setting, for people; null: it has it, or that cannot be seen. `text`: what SEEN_IN
 * holds, one after the other.
 */
export function instead({ key, value, tuning }: Setting, text: string): string | null {
  if (tuning.nice !== undefined) return unlike(value, niceIn(text));
  if (tuning.oomScoreAdj !== undefined) return unlike(value, /^-?\d+$/m.exec(text)?.[0]);
  if (tuning.cpus !== undefined) {
    const list = cpusIn(text);
    return list === null || sameList(tuning.cpus, list) ? null : list;
  }
  const [name, limit] = Object.entries(tuning.rlimits ?? {})[0] ?? [];
  if (name === undefined || limit === undefined || !key.startsWith('rlimits.')) return null;
  const found = rlimitIn(text, name);
  return found === null ? null : unlike(value, rlimitText(found));
}

/**
 * What a process has now that it was not given; null: nothing, or that cannot be seen. A program may raise its own soft limit
 * up to the hard one, as Node does.
 */
export function drifted(setting: Setting, text: string): string | null {
  const [name, limit] = Object.entries(setting.tuning.rlimits ?? {})[0] ?? [];
  if (name === undefined || limit === undefined) return instead(setting, text);
  const found = rlimitIn(text, name);
  if (found === null) return null;
  const isRaised = found.hard === limit.hard && (found.soft ?? Infinity) >= (limit.soft ?? Infinity);
  return isRaised ? null : rlimitText(found);
}

export function niceIn(text: string): string | undefined {
  // The name of the program can hold anything; state is the third field, nice the nineteenth.
  return /^\d+ \(.*\) (\S .*)$/m.exec(text)?.[1]?.split(' ')[16];
}

export function cpusIn(text: string): string | null {
  return /^Cpus_allowed_list:\s*(\S+)$/m.exec(text)?.[1] ?? null;
}

export function rlimitIn(text: string, name: string): { soft: number | null; hard: number | null } | null {
  const [, soft, hard] = new RegExp(`^${RLIMITS[name] ?? '-'}\\s+(\\S+)\\s+(\\S+)`, 'm').exec(text) ?? [];
  if (soft === undefined || hard === undefined) return null;
  const read = (limit: string): number | null => (limit === 'unlimited' ? null : Number(limit));
  return { soft: read(soft), hard: read(hard) };
}

function unlike(wanted: string, found: string | undefined): string | null {
  return found === undefined || found === wanted ? null : found;
}

function sameList(one: string, other: string): boolean {
  const [a, b] = [cpuSet(one), cpuSet(other)];
  return a.size === b.size && [...a].every((cpu) => b.has(cpu));
}

/** `0-2,6` → 0, 1, 2, 6. */
function cpuSet(list: string): ReadonlySet<number> {
  return new Set(
    list.split(',').flatMap((part) => {
      const [from = 0, to = from] = part.split('-').map(Number);
      return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
    }),
  );
}
