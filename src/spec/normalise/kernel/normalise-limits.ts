import type { App } from '../../generated/ecosystem.ts';
import { readLimits } from '../../generated/read-app.ts';
import type { LimitsSpec } from '../../types.ts';
import { readBytes } from '../values.ts';

/** An empty map limits nothing. A memory of 0 turns it off, as in `max_memory_restart`. */
export function normaliseLimits(given: App['limits'] = {}): LimitsSpec | null {
  const limits = readLimits(given, { memory: readBytes(given.memory) || null });
  return Object.values(limits).every((limit) => limit === null) ? null : limits;
}
