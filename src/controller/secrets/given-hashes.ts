import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import type { AppKey } from '../../lib/app-key.ts';
import { errorCode } from '../../lib/system-error.ts';

/** Of one app, the newest are kept: what its log may still hold. */
const OF_AN_APP = 64;
const MOST_LINES = 5_000;

/** A variable, and what is kept of a value that it had. */
export type Kept = readonly [name: string, hash: string];

/**
 * What is kept of every value that a process was ever given, in a file of the home: a later controller knows by it which parts
 * of what apps have written are secrets. A line each: `shop/api DB_PASSWORD <hash>`. Without a file, nothing is remembered.
 */
export class GivenHashes {
  readonly #file: string | null;
  readonly #log: (message: string) => void;
  readonly #known = new Map<AppKey, Kept[]>();
  #lines = 0;

  constructor(file: string | null, log: (message: string) => void) {
    this.#file = file;
    this.#log = log;
    if (file === null) return;
    for (const line of textIn(file).split('\n')) {
      const [app, name, hash] = line.split(' ');
      if (app !== undefined && name !== undefined && hash !== undefined)
        this.#keep(app as AppKey, [name, hash]);
    }
  }

  of(app: AppKey): readonly Kept[] {
    return this.#known.get(app) ?? [];
  }

  add(app: AppKey, hashes: Readonly<Record<string, string>>): void {
    const fresh = Object.entries(hashes).filter(
      ([, hash]) => !this.of(app).some(([, known]) => known === hash),
    );
    if (fresh.length === 0) return;
    for (const one of fresh) this.#keep(app, one);
    if (this.#file === null) return;
    try {
      if (this.#lines > MOST_LINES) this.#rewrite(this.#file);
      else appendFileSync(this.#file, fresh.map((one) => lineOf(app, one)).join(''), { mode: 0o600 });
    } catch (error) {
      this.#log(`${this.#file} cannot be written: ${errorCode(error) ?? String(error)}`);
    }
  }

  #keep(app: AppKey, one: Kept): void {
    const kept = this.#known.get(app) ?? [];
    kept.push(one);
    if (kept.length > OF_AN_APP) kept.shift();
    this.#known.set(app, kept);
    this.#lines += 1;
  }

  #rewrite(file: string): void {
    const lines = [...this.#known]
      .flatMap(([app, kept]) => kept.map((one) => lineOf(app, one)))
      .slice(-MOST_LINES / 2);
    writeFileSync(file, lines.join(''), { mode: 0o600 });
    this.#lines = lines.length;
  }
}

function lineOf(app: AppKey, [name, hash]: Kept): string {
  return `${app} ${name} ${hash}\n`;
}

function textIn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // There is none yet; one that cannot be read keeps nobody from starting.
    return '';
  }
}
