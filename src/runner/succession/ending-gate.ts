import type { Ending } from '../instances/background-rules.ts';
import type { Instance } from '../instances/instance.ts';

/**
 * Through here goes that a process has ended. While another runner is about to take over, it is held back and told to
 * that one: what follows from it must not be done twice.
 */
export class EndingGate {
  /** What is being wrapped up: the main process has ended, and what it has left behind has not. */
  readonly underWay = new Map<Instance, Ending>();
  readonly #held = new Map<Instance, Ending>();
  #tell: ((instance: Instance, ending: Ending) => void) | null = null;

  /** False: it is not to be dealt with here, or not yet. */
  pass(instance: Instance, ending: Ending): boolean {
    if (this.#tell === null) return true;
    if (!this.#held.has(instance) && !this.underWay.has(instance)) {
      this.#held.set(instance, ending);
      this.#tell(instance, ending);
    }
    return false;
  }

  /** From now on `tell` is called instead. */
  close(tell: (instance: Instance, ending: Ending) => void): void {
    this.#tell = tell;
  }

  /** Gives what was held back. */
  open(): readonly (readonly [Instance, Ending])[] {
    this.#tell = null;
    const held = [...this.#held];
    this.#held.clear();
    return held;
  }
}
