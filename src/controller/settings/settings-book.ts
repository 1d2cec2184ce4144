import { isDeepStrictEqual } from 'node:util';
import { settingsOf, type Settings } from '../../home/settings/settings.ts';
import type { Cancel } from '../../lib/clocks/clock.ts';
import type { Failure } from '../../lib/failure.ts';
import { Listeners } from '../../lib/listeners.ts';
import type { Live } from '../../lib/values/live.ts';
import type { KeptSettings } from './kept-settings.ts';

/** Takes settings over; what it cannot follow it reports (see `SettingsBook.report`). */
export type Taker = (now: Settings, before: Settings) => void | Promise<void>;

/** What is wrong with the settings of a home. */
export interface SettingsTrouble {
  /** The file cannot be used, and what was taken from it before holds; empty: it can. */
  readonly broken: readonly Failure[];
  /** The file says it, and it cannot be followed. */
  readonly unfollowed: readonly Failure[];
}

/** The settings that hold in a home, for those who need them. */
export class SettingsBook {
  readonly #home: string;
  readonly #onError: (error: unknown) => void;
  readonly #takers = new Set<{ readonly take: Taker }>();
  readonly #reported: Listeners<{ readonly part: string; readonly failure: Failure | null }>;
  readonly #unfollowed = new Map<string, Failure>();
  #kept: KeptSettings;
  #settings: Settings;
  #broken: readonly Failure[] = [];

  constructor(home: string, kept: KeptSettings, onError: (error: unknown) => void) {
    this.#home = home;
    this.#kept = kept;
    this.#settings = settingsOf(kept.values, home);
    this.#onError = onError;
    this.#reported = new Listeners(onError);
  }

  get now(): Settings {
    return this.#settings;
  }

  /** As the file says them. */
  get kept(): KeptSettings {
    return this.#kept;
  }

  get trouble(): SettingsTrouble {
    return { broken: this.#broken, unfollowed: [...this.#unfollowed.values()] };
  }

  /** Calls `take` at each change, until the returned function is called. Whoever asked for the change waits for it. */
  follow(take: Taker): Cancel {
    const entry = { take };
    this.#takers.add(entry);
    return () => void this.#takers.delete(entry);
  }

  /** One part of the settings, which tells of its own changes alone. */
  select<T>(pick: (settings: Settings) => T): Live<T> {
    const now = (): T => pick(this.#settings);
    return {
      get now() {
        return now();
      },
      onChange: (listener) =>
        this.follow((after, before) => {
          if (!isDeepStrictEqual(pick(after), pick(before))) listener();
        }),
    };
  }

  /**
   * Says why `part` cannot follow what the settings say (its address is taken), in words that name the key and the way out;
   * null: it follows. It may be said at any time, and holds until it is said otherwise.
   */
  report(part: string, failure: Failure | null): void {
    const before = this.#unfollowed.get(part) ?? null;
    if (isDeepStrictEqual(before, failure)) return;
    if (failure === null) this.#unfollowed.delete(part);
    else this.#unfollowed.set(part, failure);
    this.#reported.tell({ part, failure });
  }

  onReport(listener: (told: { readonly part: string; readonly failure: Failure | null }) => void): Cancel {
    return this.#reported.add(listener);
  }

  /** The file cannot be used, for these reasons; none: it can. */
  setBroken(failures: readonly Failure[]): void {
    this.#broken = failures;
  }

  /** Takes over what a file says; resolves when everybody has. */
  async take(kept: KeptSettings): Promise<void> {
    const before = this.#settings;
    this.#kept = kept;
    this.#broken = [];
    this.#settings = settingsOf(kept.values, this.#home);
    if (isDeepStrictEqual(before, this.#settings)) return;
    const takers = [...this.#takers].map(async ({ take }) => take(this.#settings, before));
    for (const taken of await Promise.allSettled(takers))
      if (taken.status === 'rejected') this.#onError(taken.reason);
  }
}
