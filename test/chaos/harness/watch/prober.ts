import { get } from 'node:http';

export interface Probed {
  readonly requests: number;
  /** What went wrong, with how long after the start of the prober. */
  readonly failures: readonly string[];
  /** Bodies that came back, each once. */
  readonly bodies: ReadonlySet<string>;
}

const TIMEOUT_MS = 5_000;

/** Asks a port of this host again and again, each time over a connection of its own, until it is told to end. */
export class Prober implements AsyncDisposable {
  readonly #port: number;
  readonly #started = performance.now();
  readonly #timer: NodeJS.Timeout;
  readonly #open = new Set<Promise<void>>();
  readonly #failures: string[] = [];
  readonly #bodies = new Set<string>();
  #requests = 0;

  constructor(port: number, everyMs = 15) {
    this.#port = port;
    this.#timer = setInterval(() => {
      const asked = this.#ask().finally(() => this.#open.delete(asked));
      this.#open.add(asked);
    }, everyMs);
  }

  get soFar(): Probed {
    return { requests: this.#requests, failures: this.#failures, bodies: this.#bodies };
  }

  /** What came of it, when the last request has ended. */
  async end(): Promise<Probed> {
    clearInterval(this.#timer);
    await Promise.all(this.#open);
    return this.soFar;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  #ask(): Promise<void> {
    const at = performance.now() - this.#started;
    this.#requests += 1;
    const fail = (why: string): number => this.#failures.push(`${why} at ${Math.round(at)} ms`);
    return new Promise((resolve) => {
      const request = get({ port: this.#port, host: '127.0.0.1', agent: false, timeout: TIMEOUT_MS });
      request.on('timeout', () => request.destroy(new Error(`no answer in ${TIMEOUT_MS} ms`)));
      request.on('error', (error: NodeJS.ErrnoException) => {
        fail(error.code ?? error.message);
        resolve();
      });
      request.on('response', (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => (body += text));
        response.on('end', () => {
          if (response.statusCode === 200) this.#bodies.add(body);
          else fail(`status ${response.statusCode}`);
          resolve();
        });
        response.on('error', () => resolve());
      });
    });
  }
}
