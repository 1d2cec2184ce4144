import type { Clock } from '../../../lib/clocks/clock.ts';
import { errorMessage } from '../../../lib/system-error.ts';
import type { LogSettings } from '../../protocol/orders.ts';
import { inPlace } from '../safe-place.ts';
import type { TimesIndex } from '../times/times-index.ts';
import { compressNewest, rotate } from './rotated-files.ts';

export interface RotationOptions {
  readonly path: string;
  readonly clock: Clock;
  /** Where the times of lines are kept; left out: nowhere. */
  readonly times?: TimesIndex;
  /** Why the file cannot be rotated; null: it was. */
  readonly onRotation: (problem: string | null) => void;
  /** There is a rotated file more. */
  readonly onRotated: () => void;
  /** One line for the daemon's log. */
  readonly log: (message: string) => void;
}

/** What is to be rotated. */
export interface FullFile {
  readonly size: number;
  /** When its first line came; epoch milliseconds. */
  readonly since: number;
}

export type RotationSettings = NonNullable<LogSettings['rotate']>;

const RETRY_MS = 60_000;

/** Rotates one log file when it is due. */
export class Rotation {
  readonly #options: RotationOptions;
  #after = -Infinity;
  #compressing = false;

  constructor(options: RotationOptions) {
    this.#options = options;
  }

  /** @param coming bytes that are to be written next */
  isDue({ size, since }: FullFile, coming: number, settings: RotationSettings): boolean {
    const { clock } = this.#options;
    if (size === 0 || this.#compressing || clock.monotonic() < this.#after) return false;
    if (size + coming > settings.sizeBytes) return true;
    return settings.intervalMs !== null && clock.now() - since >= settings.intervalMs;
  }

  /** Gives the file another name; resolves with whether it has one. Compresses it in the background. */
  async rotate({ keep, compress }: RotationSettings): Promise<boolean> {
    const { path, times, clock, onRotation, onRotated } = this.#options;
    try {
      await inPlace(path, (inside) => rotate(inside, keep, (stats) => times?.forget(stats)));
      onRotation(null);
      if (compress && keep > 0) this.#compress();
      else onRotated();
      return true;
    } catch (error) {
      // The lines matter more than the size: go on with the file as it is.
      onRotation(`cannot rotate ${path}, it grows on: ${errorMessage(error)}`);
      this.#after = clock.monotonic() + RETRY_MS;
      return false;
    }
  }

  /** In the background; the next rotation waits for it. */
  #compress(): void {
    const { path, times, log, onRotated } = this.#options;
    this.#compressing = true;
    inPlace(path, (inside) => compressNewest(inside, times))
      .catch((error: unknown) => log(`cannot compress ${path}.1: ${errorMessage(error)}`))
      .finally(() => {
        this.#compressing = false;
        onRotated();
      });
  }
}
