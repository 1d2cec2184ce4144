import { setMaxListeners } from 'node:events';
import { RegistrySession } from './session.ts';

/** The registries that one command talks to: each is logged in to once. */
export class Sessions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly #ending = new AbortController();
  readonly #sessions = new Map<string, RegistrySession>();

  readonly #patienceMs: number;

  /** `env`: for DOCKER_CONFIG, and for programs that have passwords. `patienceMs`: how long an answer without much in it may take. */
  constructor(env: Readonly<Record<string, string | undefined>>, patienceMs: number) {
    this.env = env;
    this.#patienceMs = patienceMs;
    // One for each request that is under way, or whose answer is not collected yet.
    setMaxListeners(0, this.#ending.signal);
  }

  /** Ends every request when this does. */
  until(signal: AbortSignal): void {
    if (signal.aborted) this.#ending.abort();
    signal.addEventListener('abort', () => this.#ending.abort(), { once: true });
  }

  of(host: string): RegistrySession {
    const { env } = this;
    const how = { env, patienceMs: this.#patienceMs, signal: this.#ending.signal };
    const session = this.#sessions.get(host) ?? new RegistrySession(host, how);
    this.#sessions.set(host, session);
    return session;
  }
}
