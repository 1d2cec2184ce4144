import { expect } from 'vitest';

/** Stands in an expected value for any text with this part. */
export function containing(part: string | RegExp): string {
  return (typeof part === 'string' ? expect.stringContaining(part) : expect.stringMatching(part)) as string;
}
