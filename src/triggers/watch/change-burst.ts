import type { Cancel, Clock } from '../../lib/clocks/clock.ts';

export interface ChangeBurstOptions {
  readonly clock: Clock;
  /** Quiet time that ends a burst. */
  readonly quietMs: number;
  /** Gets every path of the burst once, in the order of their first change. */
  readonly onEnd: (paths: readonly string[]) => void;
}

/** A burst that never gets quiet ends after this long all the same. */
const LONGEST_BURST_MS = 10_000;

/**
 * Makes one of many changes: an editor that writes, renames and removes, or a checkout of a thousand files.
 *
 *   quiet ──change──▶ burst ──quietMs without a change, or 10 s after the first──▶ onEnd, quiet
 */
export class ChangeBurst {
  readonly #options: ChangeBurstOptions;
  readonly #paths = new Set<string>();
  #endsBy = 0;
  #cancel: Cancel | undefined;

  constructor(options: ChangeBurstOptions) {
    this.#options = options;
  }

  add(path: string): void {
    const { clock, quietMs } = this.#options;
    const now = clock.monotonic();
    if (this.#cancel === undefined) this.#endsBy = now + Math.max(LONGEST_BURST_MS, quietMs);
    this.#paths.add(path);
    this.#cancel?.();
    this.#cancel = clock.after(Math.max(0, Math.min(quietMs, this.#endsBy - now)), () => this.#end());
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#paths.clear();
  }

  #end(): void {
    const paths = [...this.#paths];
    this.close();
    this.#options.onEnd(paths);
  }
}
