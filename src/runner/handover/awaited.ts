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

  /** Whether any of them may yet hand over sockets. */
  get hasSockets(): boolean {
    return this.all().some(hasSockets);
  }

  /** Whether an instance of this app (`project/name`) may. */
  hasSocketsOf(app: string): boolean {
    return this.all().some((instance) => appOf(instance) === app && hasSockets(instance));
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

function hasSockets({ listening }: Instance): boolean {
  return (listening?.length ?? 0) > 0;
}
