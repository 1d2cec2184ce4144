import { createHash } from 'node:crypto';

/** One hash over texts in their order. */
export function digest(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex');
}
