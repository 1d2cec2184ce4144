import { appOf, type Instance } from '../instances/instance.ts';

/** The instances of an earlier runner whose agents are yet to come. */
export class Awaited {
  readonly #instances = new Set<Instance>();
  readonly #listeners: (() => void)[] = [];

  get size(): number {
    return this.#instances.size;
  }

  all(): readonly Instance[] {
    return [...this.#instances];
  }

  add(instance: Instance): void {
    this.#instances.add(instance);
  }

  /** Whether an instance of this app (`project/name`) may yet hand over sockets. */
  hasSocketsOf(app: string): boolean {
    return this.all().some((instance) => appOf(instance) === app && (instance.listening?.length ?? 0) > 0);
  }

  /** It has come, or will not come any more. */
  settle(instance: Instance): void {
    if (!this.#instances.delete(instance)) return;
    for (const listener of this.#listeners) listener();
  }

  /** Calls `listener` whenever one of them has been settled. */
  onSettle(listener: () => void): void {
    this.#listeners.push(listener);
  }
}
