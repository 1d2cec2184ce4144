import { setMaxListeners } from 'node:events';
import { RegistrySession } from './session.ts';

/** The registries that one command talks to: each is logged in to once. */
export class Sessions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly #ending = new AbortController();
  readonly #sessions = new Map<string, RegistrySession>();

  /** `env`: for DOCKER_CONFIG, and for programs that have passwords. */
  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.env = env;
    // One for each request that is under way, or whose answer is not collected yet.
    setMaxListeners(0, this.#ending.signal);
  }

  /** Ends every request when this does. */
  until(signal: AbortSignal): void {
    if (signal.aborted) this.#ending.abort();
    signal.addEventListener('abort', () => this.#ending.abort(), { once: true });
  }

  of(host: string): RegistrySession {
    const session = this.#sessions.get(host) ?? new RegistrySession(host, this.env, this.#ending.signal);
    this.#sessions.set(host, session);
    return session;
  }
}
