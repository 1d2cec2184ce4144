import { didYouMean } from '../../../lib/nearest.ts';
import { parseBytes } from '../../../lib/units.ts';
import type { App, Rlimit } from '../../generated/ecosystem.ts';
import type { AppSpec } from '../../types.ts';

type Tuning = Pick<AppSpec, 'ionice' | 'rlimits' | 'cpu_affinity'>;

/** What a spec has of these fields: each in one form, as a text. A value that means nothing is left as it is written. */
export function normaliseTuning({ ionice, rlimits, cpu_affinity }: App): Tuning {
  const limits = Object.entries(rlimits ?? {}).map(
    ([name, limit]) => [name, rlimitText(name, limit)] as const,
  );
  return {
    ionice: ionice === undefined ? null : ioniceText(ionice),
    rlimits: limits.length === 0 ? null : Object.fromEntries(limits),
    cpu_affinity: cpu_affinity === undefined ? null : cpuText(cpu_affinity),
  };
}

interface Meaningless {
  readonly path: readonly [keyof AppSpec, ...string[]];
  readonly message: string;
  readonly hint?: string;
}

/** What is wrong with these fields of a spec, where the shape is right. */
export function meaninglessTuning({
  ionice = null,
  rlimits = null,
  cpu_affinity = null,
}: Partial<Tuning>): readonly Meaningless[] {
  return [
    ...(ionice === null || IONICE.test(ionice) ? [] : [wrongIonice(ionice)]),
    ...Object.entries(rlimits ?? {}).flatMap(([name, text]) => wrongLimit(name, text)),
    ...(cpu_affinity === null ? [] : wrongCpus(cpu_affinity)),
  ];
}

const IONICE = /^(?:none|idle|(?:best-effort|realtime)(?::[0-7])?)$/;
const CLASSES = ['none', 'idle', 'best-effort', 'realtime'] as const;

function ioniceText(given: NonNullable<App['ionice']>): string {
  if (typeof given === 'string') return given.trim();
  const { class: name, priority } = given;
  return priority === undefined ? name : `${name}:${priority}`;
}

function wrongIonice(text: string): Meaningless {
  const [name = '', priority] = text.split(':');
  const known = (CLASSES as readonly string[]).includes(name);
  if (known && priority !== undefined && (name === 'none' || name === 'idle')) {
    return { path: ['ionice'], message: `"${name}" has no priorities`, hint: `write ionice: ${name}` };
  }
  if (known) {
    const hint = 'priorities are 0 (first) to 7 (last): best-effort:7';
    return { path: ['ionice'], message: `"${text}" names no priority`, hint };
  }
  const hint = didYouMean(name, CLASSES) ?? 'known are none, idle, best-effort:0 to :7 and realtime:0 to :7';
  return { path: ['ionice'], message: `"${text}" is no class of I/O`, hint };
}

/** Limits that are counted in bytes. */
const BYTES = ['as', 'core', 'data', 'fsize', 'memlock', 'msgqueue', 'rss', 'stack'];

function rlimitText(name: string, given: Rlimit): string {
  const [soft, hard = soft] =
    typeof given === 'object'
      ? [given.soft, given.hard]
      : typeof given === 'number'
        ? [given]
        : given.split(':', 2);
  const [one, other] = [oneLimit(name, soft), oneLimit(name, hard)];
  return one === other ? one : `${one}:${other}`;
}

function oneLimit(name: string, given: number | string | undefined): string {
  const text = String(given).trim();
  if (/^(unlimited|infinity)$/i.test(text) || text === '-1') return 'unlimited';
  if (/^\d+$/.test(text)) return String(Number(text));
  return String((BYTES.includes(name) ? parseBytes(text) : undefined) ?? text);
}

const LIMIT = /^(?:unlimited|\d{1,16})$/;

function wrongLimit(name: string, text: string): readonly Meaningless[] {
  const path = ['rlimits', name] as const;
  const parts = text.split(':');
  const [soft = '', hard = soft] = parts;
  if (parts.length > 2 || !LIMIT.test(soft) || !LIMIT.test(hard)) {
    const unit = BYTES.includes(name) ? 'a size (64M)' : 'a number';
    return [{ path, message: `"${text}" is no limit`, hint: `write ${unit}, unlimited, or soft:hard` }];
  }
  if (numberOf(soft) <= numberOf(hard)) return [];
  const message = `the soft limit ${soft} is above the hard limit ${hard}`;
  return [{ path, message, hint: `the first of soft:hard is the lower one: ${hard}:${soft}` }];
}

function numberOf(limit: string): number {
  return limit === 'unlimited' ? Infinity : Number(limit);
}

const CPUS = /^\d{1,4}(?:-\d{1,4})?(?:,\d{1,4}(?:-\d{1,4})?)*$/;
const MAX_CPU = 8_191;

function cpuText(given: NonNullable<App['cpu_affinity']>): string {
  if (typeof given === 'string') return given.replaceAll(/\s+/g, '');
  return [...new Set([given].flat())].sort((a, b) => a - b).join(',');
}

function wrongCpus(text: string): readonly Meaningless[] {
  const path = ['cpu_affinity'] as const;
  if (!CPUS.test(text)) {
    return [{ path, message: `"${text}" names no processors`, hint: 'for example [0, 1], or 0-3,6' }];
  }
  for (const part of text.split(',')) {
    const [from = 0, to = from] = part.split('-').map(Number);
    if (from > to) return [{ path, message: `${part} goes backwards`, hint: `write ${to}-${from}` }];
    if (to > MAX_CPU)
      return [{ path, message: `there is no processor ${to}`, hint: `${MAX_CPU} is the last` }];
  }
  return [];
}
