import { createHmac } from 'node:crypto';
import { LEAST_HIDDEN } from '../../spec/secrets/known-values.ts';
import type { Kept } from './given-hashes.ts';

/** A value that was found by what is kept of it. */
export interface Found {
  readonly name: string;
  readonly hash: string;
  readonly value: string;
}

/**
 * What is kept of a value: `<key>:<length>:<hash>`. The name of the key tells hashes of another one apart; the length has a
 * value found again in a text without being kept.
 */
export class SecretHashes {
  readonly #key: Buffer;
  readonly #name: string;

  constructor(key: Buffer) {
    this.#key = key;
    this.#name = this.#digest('key').slice(0, 8);
  }

  /** null: the variable is not there. */
  of(name: string, value: string | null): string {
    const text = value === null ? `${name}\n` : `${name}=${value}`;
    return `${this.#name}:${value === null ? '-' : value.length}:${this.#digest(text)}`;
  }

  /** The values that stand in the text, of those of which this is kept. */
  findAll(kept: readonly Kept[], text: string): readonly Found[] {
    const wanted = new Map<
      string,
      { readonly name: string; readonly length: number; readonly hashes: Set<string> }
    >();
    for (const [name, hash] of kept) {
      const [key, digits = ''] = hash.split(':');
      const length = Number(digits);
      if (key !== this.#name || !Number.isInteger(length) || length < LEAST_HIDDEN) continue;
      const same = wanted.get(`${name} ${length}`) ?? { name, length, hashes: new Set() };
      same.hashes.add(hash);
      wanted.set(`${name} ${length}`, same);
    }
    return [...wanted.values()].flatMap(({ name, length, hashes }) => {
      const found: Found[] = [];
      for (let start = 0; start + length <= text.length; start += 1) {
        const value = text.slice(start, start + length);
        const hash = this.of(name, value);
        if (hashes.has(hash)) found.push({ name, hash, value });
      }
      return found;
    });
  }

  #digest(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('hex').slice(0, 32);
  }
}
