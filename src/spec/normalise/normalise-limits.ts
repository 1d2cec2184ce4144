import type { App } from '../generated/ecosystem.ts';
import type { LimitsSpec } from '../types.ts';
import { readBytes, readInteger } from './values.ts';

/** An empty map limits nothing. A memory of 0 turns it off, as in `max_memory_restart`. */
export function normaliseLimits(given: App['limits']): LimitsSpec | null {
  const memory = readBytes(given?.memory) || null;
  const cpu = given?.cpu === undefined ? null : Number(given.cpu);
  const pids = readInteger(given?.pids) ?? null;
  return memory === null && cpu === null && pids === null ? null : { memory, cpu, pids };
}
