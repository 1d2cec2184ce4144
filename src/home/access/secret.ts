import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Check } from '../../lib/checks.ts';

/** 256 random bits, in the letters of a URL. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * What is kept of a secret, in hex. One round of SHA-256 is enough: a slow hash makes guesses of passwords expensive, and
 * nobody guesses 256 random bits.
 */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Whether two hashes are the same, in a time that does not tell where they differ. */
export function sameHash(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** What a secret is known by: the beginning of its hash, which says nothing about the secret. */
export function idOf(hash: string): string {
  return hash.slice(0, 32);
}

/** What `hashOf` gives. */
export const isHash: Check = (value, path) =>
  typeof value === 'string' && /^[0-9a-f]{64}$/.test(value) ? null : `${path} must be a SHA-256 in hex`;
