import type { AppBuilder } from '../model/build-app.ts';
import { systemdDuration } from './duration.ts';

/** Lines of a unit about what its processes have of the host: Nice, IOScheduling..., OOMScoreAdjust, CPUAffinity, Limit... */
export function tuningSetting(app: AppBuilder, key: string, value: string): boolean {
  if (key === 'Nice') return number(app, 'nice', key, value);
  if (key === 'OOMScoreAdjust') return number(app, 'oom_score_adj', key, value);
  if (key === 'IOSchedulingClass') return ioClass(app, key, value);
  if (key === 'IOSchedulingPriority') return ioPriority(app, key, value);
  if (key === 'CPUAffinity') return affinity(app, key, value);
  const name = /^Limit([A-Z]+)$/.exec(key)?.[1]?.toLowerCase();
  return name !== undefined && limit(app, name, key, value);
}

function number(app: AppBuilder, field: string, key: string, value: string): boolean {
  if (/^-?\d+$/.test(value)) app.set(field, Number(value));
  else app.unmapped(key, value);
  return true;
}

const CLASSES = ['none', 'realtime', 'best-effort', 'idle'];

function ioClass(app: AppBuilder, key: string, value: string): boolean {
  const name = /^[0-3]$/.test(value) ? CLASSES[Number(value)] : value;
  if (name === undefined || !CLASSES.includes(name)) app.unmapped(key, value);
  else app.set('ionice', withPriority(name, priorityOf(app)));
  return true;
}

/** systemd's class is best-effort where none is named. */
function ioPriority(app: AppBuilder, key: string, value: string): boolean {
  const [name = 'best-effort'] =
    typeof app.get('ionice') === 'string' ? String(app.get('ionice')).split(':') : [];
  if (/^[0-7]$/.test(value)) app.set('ionice', withPriority(name, value));
  else app.unmapped(key, value);
  return true;
}

function priorityOf(app: AppBuilder): string | undefined {
  const before = app.get('ionice');
  return typeof before === 'string' ? before.split(':')[1] : undefined;
}

function withPriority(name: string, priority: string | undefined): string {
  const takesOne = name === 'best-effort' || name === 'realtime';
  return takesOne && priority !== undefined ? `${name}:${priority}` : name;
}

/** Numbers and ranges, with blanks or commas between them. */
function affinity(app: AppBuilder, key: string, value: string): boolean {
  const list = value
    .trim()
    .split(/[\s,]+/)
    .join(',');
  if (/^\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*$/.test(list)) app.set('cpu_affinity', list);
  else app.unmapped(key, value, 'numbers of processors: cpu_affinity: 0-3');
  return true;
}

/** One value, or `soft:hard`. */
function limit(app: AppBuilder, name: string, key: string, value: string): boolean {
  const parts = value.split(':').map((part) => limitText(name, part.trim()));
  if (parts.length > 2 || parts.includes(null)) {
    app.unmapped(key, value, `rlimits: { ${name}: ... }`);
    return true;
  }
  const [one, other] = [parts[0] ?? '', parts.at(-1) ?? ''];
  const text = one === other ? one : `${one}:${other}`;
  const rlimits = app.get('rlimits') as object | undefined;
  app.set('rlimits', { ...rlimits, [name]: /^\d+$/.test(text) ? Number(text) : text });
  return true;
}

/** As rlimits have it; null: it means nothing. Times may have units, and the limit of nice is a level where it has a sign. */
function limitText(name: string, text: string): string | null {
  if (text === 'infinity') return 'unlimited';
  if (name === 'nice' && /^[+-]\d{1,2}$/.test(text)) return String(20 - Number(text));
  if (/^\d+$/.test(text)) return text;
  if (name !== 'cpu' && name !== 'rttime') return /^\d+[KMGT]$/.test(text) ? text : null;
  const micro = /^(\d+)\s*us(?:ec)?$/.exec(text)?.[1];
  const ms = micro === undefined ? systemdDuration(text) : Number(micro) / 1_000;
  if (ms === null) return null;
  // Whole seconds of processor time, rounded up; microseconds of a thread that never waits.
  return String(name === 'cpu' ? Math.ceil(ms / 1_000) : Math.round(ms * 1_000));
}
