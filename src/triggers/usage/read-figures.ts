import type { CollectionFigures, Figures, ServedFigures } from '../../agent/protocol.ts';
import { isObject } from '../../lib/checks.ts';

/** How many status classes and buckets an agent counts; another number of them means something else. */
const STATUSES = 5;
const BUCKETS = 13;

/**
 * What an agent has answered; null: it is no answer. An app can write what it wants to its channel: what is no number is
 * no figure.
 */
export function readFigures(message: Readonly<Record<string, unknown>>): Figures | null {
  const requests = amount(message['requests']);
  if (requests === null) return null;
  const loop = amounts(message['loop'], ['activeSeconds', 'idleSeconds']);
  const heap = amounts(message['heap'], ['usedBytes', 'totalBytes']);
  const gc: CollectionFigures | null = amounts(message['gc'], ['count', 'seconds', 'ofSeconds']);
  const served = readServed(message['served']);
  return {
    requests,
    eventLoopLagMs: rounded(amount(message['eventLoopLagMs'])),
    eventLoopLagMaxMs: rounded(amount(message['eventLoopLagMaxMs'])),
    ...(loop !== null && { loop }),
    ...(heap !== null && { heap }),
    ...(gc !== null && { gc }),
    ...(served !== null && { served }),
  };
}

function readServed(value: unknown): ServedFigures | null {
  const numbers = amounts(value, ['requests', 'seconds', 'connections']);
  if (numbers === null || !isObject(value)) return null;
  const { statuses, buckets } = value;
  return isCounts(statuses, STATUSES) && isCounts(buckets, BUCKETS)
    ? { ...numbers, statuses, buckets }
    : null;
}

function isCounts(value: unknown, length: number): value is readonly number[] {
  return Array.isArray(value) && value.length === length && value.every((one) => amount(one) !== null);
}

/** Null where one of them is no amount. */
function amounts<K extends string>(value: unknown, names: readonly K[]): Record<K, number> | null {
  if (!isObject(value)) return null;
  const found = names.map((name) => [name, amount(value[name])] as const);
  return found.some(([, one]) => one === null) ? null : (Object.fromEntries(found) as Record<K, number>);
}

/** Less than a millisecond is noise, and everything that differs is sent. */
function rounded(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms);
}

function amount(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}
