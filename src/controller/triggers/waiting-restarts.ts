import type { AppKey } from '../../lib/app-key.ts';
import type { Cancel, Clock } from '../../lib/clock.ts';
import { isActive } from '../../plan/slots/readiness.ts';
import type { Observer } from '../../reconcile/observer.ts';
import type { TriggerRestart } from '../../triggers/trigger.ts';

export interface WaitingRestartsOptions {
  readonly clock: Pick<Clock, 'after'>;
  readonly observer: Pick<Observer, 'instancesOf'>;
  /** Asks for it again; resolves with why it has to wait further, null: it need not. Never rejects. */
  readonly ask: (restart: TriggerRestart) => Promise<string | null>;
  /** The restarts of an app that wait have changed: why it waits, null: none does any more. */
  readonly show: (key: AppKey, why: string | null) => void;
}

interface Waiting {
  readonly restart: TriggerRestart;
  /** What it would replace. When all of it has ended otherwise, there is nothing left to restart. */
  readonly nonces: ReadonlySet<string>;
}

const FIRST_MS = 1_000;
const LAST_MS = 5_000;

/**
 * Restarts that triggers have asked for while the state cannot be written. What runs is left to serve: a restart would end
 * it for a process that cannot be started. They are asked for again until they can be written, one for each slot.
 */
export class WaitingRestarts {
  readonly #options: WaitingRestartsOptions;
  readonly #waiting = new Map<string, Waiting>();
  #cancel: Cancel | null = null;
  #delayMs = FIRST_MS;
  #closed = false;

  constructor(options: WaitingRestartsOptions) {
    this.#options = options;
  }

  /** Whether the same is waiting already: it is asked for in its turn, with what is new about it. */
  joins(restart: TriggerRestart): boolean {
    const id = idOf(restart);
    const known = this.#waiting.get(id);
    if (known !== undefined) this.#waiting.set(id, { ...known, restart });
    return known !== undefined;
  }

  add(restart: TriggerRestart, why: string): void {
    const { observer, show } = this.#options;
    const nonces = observer
      .instancesOf(restart.key)
      .filter((instance) => isActive(instance) && (restart.slot ?? instance.slot) === instance.slot)
      .map(({ nonce }) => nonce);
    this.#waiting.set(idOf(restart), { restart, nonces: new Set(nonces) });
    show(restart.key, `${restart.detail}: the restart waits for the state to be written: ${why}`);
    this.#arm();
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  #arm(): void {
    if (this.#closed || this.#cancel !== null) return;
    this.#cancel = this.#options.clock.after(this.#delayMs, () => {
      this.#delayMs = Math.min(2 * this.#delayMs, LAST_MS);
      void this.#askAll().then(() => {
        this.#cancel = null;
        if (this.#waiting.size > 0) this.#arm();
        else this.#delayMs = FIRST_MS;
      });
    });
  }

  async #askAll(): Promise<void> {
    for (const [id, { restart, nonces }] of this.#waiting) {
      const isThere = this.#options.observer
        .instancesOf(restart.key)
        .some((instance) => nonces.has(instance.nonce) && isActive(instance));
      // A run of a job replaces nothing.
      const why = isThere || restart.run === true ? await this.#options.ask(restart) : null;
      if (why !== null) continue;
      this.#waiting.delete(id);
      const others = [...this.#waiting.values()].some((other) => other.restart.key === restart.key);
      if (!others) this.#options.show(restart.key, null);
    }
  }
}

function idOf({ key, slot, reason }: TriggerRestart): string {
  return `${key}:${slot ?? '*'}:${reason}`;
}
