/** How a controller is asked to end. The first who asks says how; who asks later joins in. */
export class Ending {
  /** Resolves when somebody has asked; true: the apps and the runner end too. */
  readonly asked: Promise<boolean>;
  readonly #hurry = new AbortController();
  #ask: (all: boolean) => void = () => undefined;

  constructor() {
    this.asked = new Promise((resolve) => (this.#ask = resolve));
  }

  ask(all: boolean): void {
    this.#ask(all);
  }

  /** Whoever asked will not wait: kill what has not ended yet. */
  hurry(): void {
    this.#hurry.abort();
  }

  get hurried(): AbortSignal {
    return this.#hurry.signal;
  }
}
