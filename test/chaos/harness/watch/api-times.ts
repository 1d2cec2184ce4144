import { request } from 'node:http';

/** Asks the API for every app, again and again, and keeps how long each answer took. */
export class ApiTimes {
  readonly #socketPath: string;
  readonly #timer: NodeJS.Timeout;
  readonly #ms: number[] = [];
  readonly #open = new Set<Promise<void>>();

  constructor(socketPath: string, everyMs = 50) {
    this.#socketPath = socketPath;
    this.#timer = setInterval(() => {
      const asked = this.#ask().finally(() => this.#open.delete(asked));
      this.#open.add(asked);
    }, everyMs);
  }

  /** Milliseconds that 99 of 100 answers took at most. */
  async p99(): Promise<number> {
    clearInterval(this.#timer);
    await Promise.all(this.#open);
    const sorted = this.#ms.sort((a, b) => a - b);
    return sorted[Math.max(0, Math.ceil(sorted.length * 0.99) - 1)] ?? Infinity;
  }

  #ask(): Promise<void> {
    const began = performance.now();
    return new Promise((resolve) => {
      const done = (): void => {
        this.#ms.push(performance.now() - began);
        resolve();
      };
      const asked = request({ socketPath: this.#socketPath, path: '/v1/apps', agent: false }, (response) => {
        response.resume().on('end', done);
      });
      // An answer that does not come is one that takes for ever.
      asked.on('error', () => {
        this.#ms.push(Infinity);
        resolve();
      });
      asked.end();
    });
  }
}
