import { parseBytes, parseDuration } from '../lib/units.ts';
import { APP_FIELDS } from './generated/fields.ts';
import type { AppSpec } from './types.ts';

/**
 * The default of a field (dotted path) as it stands in a spec: durations in milliseconds, sizes in bytes; null where
 * the schema gives no constant.
 */
export function defaultOf(path: string): unknown {
  const field = APP_FIELDS[path];
  if (field === undefined) throw new Error(`internal error: the schema has no field ${path}`);
  return inUnit(field.default, field.unit);
}

/** `defaultOf` for a number. */
export function defaultNumber(path: string): number {
  const value = defaultOf(path);
  if (typeof value !== 'number') throw new Error(`internal error: ${path} has no default that is a number`);
  return value;
}

/** `defaultOf` for a boolean. */
export function defaultBoolean(path: string): boolean {
  return defaultOf(path) === true;
}

/** `defaultOf` for a text. */
export function defaultText(path: string): string {
  const value = defaultOf(path);
  if (typeof value !== 'string') throw new Error(`internal error: ${path} has no default that is a text`);
  return value;
}

/**
 * The value that a top-level field of a spec has when nothing is declared; undefined where that depends on the app
 * (`script`, `cwd`, `interpreter`, `rollout` ...).
 */
export function specDefault(field: keyof AppSpec): unknown {
  switch (field) {
    case 'name':
    case 'script':
    case 'cwd':
    case 'interpreter':
    case 'merge_logs':
    case 'rollout':
      return undefined;
    case 'exec_mode':
      return 'fork';
    case 'shell':
      return false;
    case 'log_rotate':
      return defaultsBelow('log_rotate');
    default:
      return defaultOf(field);
  }
}

/** The defaults of the fields inside an object field: `log_rotate`, `heartbeat`, a probe. */
export function defaultsBelow(path: string): Readonly<Record<string, unknown>> {
  const prefix = `${path}.`;
  const names = Object.keys(APP_FIELDS).filter((key) => key.startsWith(prefix));
  return Object.fromEntries(names.map((key) => [key.slice(prefix.length), defaultOf(key)]));
}

function inUnit(value: unknown, unit: string | null): unknown {
  if (typeof value !== 'string') return value;
  if (unit === 'duration') return parseDuration(value);
  if (unit === 'bytes') return parseBytes(value);
  return value;
}
