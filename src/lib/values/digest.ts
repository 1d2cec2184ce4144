import { createHash } from 'node:crypto';
import type { Pieces } from '../turns/pieces.ts';
import { canonicalJson, canonicalParts } from './canonical-json.ts';

/** Hash over a value, whatever the order of its keys: the first half of SHA-256, in hex. */
export function digestOf(value: unknown): string {
  return digestText(canonicalJson(value));
}

/** The same of a large value, a piece for each item in `depth` levels of it. */
export function* digestPieces(value: unknown, depth: number): Pieces<string> {
  const hash = createHash('sha256');
  for (const part of canonicalParts(value, depth)) {
    hash.update(part);
    yield;
  }
  return hash.digest('hex').slice(0, LENGTH);
}

/** The same of a text. */
export function digestText(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, LENGTH);
}

const LENGTH = 32;
