interface Waiter<T> {
  readonly matches: (event: T) => boolean;
  readonly resolve: (event: T) => void;
}

/** Events that a test waits for one by one, whether they have happened already or not. */
export class EventQueue<T> {
  #events: T[] = [];
  #waiters: Waiter<T>[] = [];

  push(event: T): void {
    const waiter = this.#waiters.find(({ matches }) => matches(event));
    if (waiter === undefined) {
      this.#events.push(event);
      return;
    }
    this.#waiters = this.#waiters.filter((other) => other !== waiter);
    waiter.resolve(event);
  }

  /** Takes the first event that matches; each is handed out once. Never rejects: the test's time limit does. */
  next(matches: (event: T) => boolean): Promise<T> {
    const index = this.#events.findIndex(matches);
    const [event] = index === -1 ? [] : this.#events.splice(index, 1);
    if (event !== undefined) return Promise.resolve(event);
    return new Promise((resolve) => this.#waiters.push({ matches, resolve }));
  }

  /** What has happened and was not waited for. */
  get pending(): readonly T[] {
    return this.#events;
  }
}
