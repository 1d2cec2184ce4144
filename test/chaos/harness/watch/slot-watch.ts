import { groupBy } from '../../../../src/lib/collections.ts';
import type { Marked } from './marked.ts';

const EVERY_MS = 100;

/**
 * Looks all the time for a slot that more instances live in than may. Two do during a surge, and where an app says that
 * more may, the row says so.
 */
export class SlotWatch {
  readonly #look: () => readonly Marked[];
  readonly #timer: NodeJS.Timeout;
  readonly #seen = new Set<string>();
  /** Apps of which a slot may hold two instances: those that surge. */
  readonly surging = new Set<string>();

  constructor(look: () => readonly Marked[]) {
    this.#look = look;
    this.#timer = setInterval(() => this.look(), EVERY_MS);
    this.#timer.unref();
  }

  /** Slots that were filled twice, each once, with the processes. */
  get complaints(): readonly string[] {
    return [...this.#seen];
  }

  look(): void {
    const bySlot = groupBy(
      this.#look().filter(({ slot }) => slot !== ''),
      ({ slot }) => slot,
    );
    for (const [slot, processes] of bySlot) {
      const nonces = new Set(processes.map(({ nonce }) => nonce));
      const most = this.surging.has(slot.slice(0, slot.lastIndexOf(':'))) ? 2 : 1;
      if (nonces.size <= most) continue;
      const who = processes.map(({ pid, nonce }) => `${pid} of ${nonce.slice(0, 6)}`).sort();
      this.#seen.add(`${slot} holds ${nonces.size} instances: ${who.join(', ')}`);
    }
  }

  end(): void {
    clearInterval(this.#timer);
  }
}
