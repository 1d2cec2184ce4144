import { usageError } from '../session/failures.ts';

export const USUAL_DETACH_KEYS = 'ctrl-p,ctrl-q';

/** What was typed: what of it is meant for the app, and whether it ends with the keys that detach. */
export interface Typed {
  readonly passed: Buffer;
  readonly detaches: boolean;
}

/**
 * The bytes that detach keys send, as docker spells them: single characters and `ctrl-` with a letter or one of `@[\]^_`,
 * with commas between. Throws what is wrong with them.
 */
export function parseDetachKeys(text: string): Buffer {
  const codes = text.split(',').map((key) => {
    const control = /^ctrl-([a-z@[\\\]^_])$/i.exec(key)?.[1];
    if (control !== undefined) return control.toUpperCase().charCodeAt(0) & 0x1f;
    if (/^[\x21-\x7e]$/.test(key)) return key.charCodeAt(0);
    throw usageError(
      `--detach-keys: ${JSON.stringify(key)} is not a key`,
      `write characters and ctrl-LETTER with commas between, as ${USUAL_DETACH_KEYS}`,
    );
  });
  return Buffer.from(codes);
}

/** Looks for the keys in what is typed. A beginning of them is kept back until it is clear what it is. */
export class DetachKeys {
  readonly #keys: Buffer;
  #matched = 0;

  constructor(keys: Buffer) {
    this.#keys = keys;
  }

  take(bytes: Buffer): Typed {
    const passed: number[] = [];
    for (const byte of bytes) {
      if (byte === this.#keys[this.#matched]) {
        this.#matched += 1;
        if (this.#matched === this.#keys.length) return { passed: Buffer.from(passed), detaches: true };
        continue;
      }
      passed.push(...this.#keys.subarray(0, this.#matched));
      this.#matched = byte === this.#keys[0] ? 1 : 0;
      if (this.#matched === 0) passed.push(byte);
    }
    return { passed: Buffer.from(passed), detaches: false };
  }
}
