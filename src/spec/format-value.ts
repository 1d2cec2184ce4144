import { formatBytes, formatDuration } from '../lib/units.ts';
import { APP_FIELDS } from './generated/fields.ts';

/**
 * A value of a spec for people: 314572800 at `max_memory_restart` as `300M`, 90000 at `kill_timeout` as `1m30s`, a
 * text in quotes, a list or a map as JSON, undefined or null as `(not set)`.
 */
export function formatValue(path: string, value: unknown): string {
  if (value === undefined || value === null) return '(not set)';
  if (typeof value === 'number') return formatNumber(path, value);
  return JSON.stringify(value);
}

/** A number with the unit of its field, so that a file that holds it means the same. */
export function formatNumber(path: string, value: number): string {
  const unit = APP_FIELDS[path]?.unit;
  if (unit === 'bytes') return formatBytes(value);
  // A duration with a fraction of a millisecond has no other form that reads back.
  if (unit === 'duration' && Number.isInteger(value)) return formatDuration(value);
  return String(value);
}
