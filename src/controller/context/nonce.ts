import { randomBytes } from 'node:crypto';

/** What tells one process from all others, also those that had its pid before. */
export function newNonce(): string {
  return randomBytes(16).toString('hex');
}
