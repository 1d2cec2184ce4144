import { isCommand, PROBE_PORT, type ProbePortAnswer, type ProbePortRequest } from '../../agent/protocol.ts';
import type { Driver } from '../../driver/driver.ts';
import type { AppKey } from '../../lib/app-key.ts';
import { hasEnded } from '../../plan/slots/readiness.ts';
import type { ObservedInstance } from '../../plan/model/observed.ts';
import type { ProbePort } from './network-checks.ts';

/** The port of one process. */
export interface ProbedPort {
  readonly key: AppKey;
  readonly nonce: string;
  readonly port: number;
}

/**
 * Finds the way to one process among those that share a port: a probe of that port would reach any of them.
 */
export class ProbePorts {
  readonly #driver: Pick<Driver, 'instancesOf' | 'send'>;
  readonly #waiting = new Map<string, Set<(probePort: number | null) => void>>();

  constructor(driver: Pick<Driver, 'instancesOf' | 'send' | 'subscribe'>) {
    this.#driver = driver;
    driver.subscribe((event) => {
      if (event.kind === 'message' && isAnswer(event.message)) {
        const { port, probePort } = event.message;
        for (const answer of this.#waiting.get(idOf(event.nonce, port)) ?? []) answer(probePort);
      }
    });
  }

  /**
   * `not-listening`: others of the app listen on the port, and this process does not. `none`: the port is not shared, or there
   * is nobody to ask (its agent has not come back to a new runner). Answers when the process does, or when `signal` fires.
   */
  async find({ key, nonce, port }: ProbedPort, signal: AbortSignal): Promise<ProbePort> {
    const live = this.#driver.instancesOf(key).filter((instance) => !hasEnded(instance));
    const probed = live.find((instance) => instance.nonce === nonce);
    const others = live.some((instance) => instance !== probed && sharesPort(instance, port));
    if (probed?.listening === undefined || !others) return { kind: 'none' };
    if (!sharesPort(probed, port)) return { kind: 'not-listening' };
    const probePort = await this.#ask(nonce, port, signal);
    return probePort === null ? { kind: 'none' } : { kind: 'port', port: probePort };
  }

  #ask(nonce: string, port: number, signal: AbortSignal): Promise<number | null> {
    const id = idOf(nonce, port);
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(id) ?? new Set<(probePort: number | null) => void>();
      const answer = (probePort: number | null): void => {
        signal.removeEventListener('abort', giveUp);
        waiting.delete(answer);
        if (waiting.size === 0) this.#waiting.delete(id);
        resolve(probePort);
      };
      const giveUp = (): void => answer(null);
      waiting.add(answer);
      this.#waiting.set(id, waiting);
      signal.addEventListener('abort', giveUp);
      const request: ProbePortRequest = { cmd: PROBE_PORT, port };
      void this.#driver.send(nonce, request).then((sent) => {
        if (!sent.ok) giveUp();
      });
    });
  }
}

function sharesPort({ listening }: ObservedInstance, port: number): boolean {
  return listening?.some((address) => address.endsWith(`:${port}`)) ?? false;
}

function idOf(nonce: string, port: number): string {
  return `${nonce}:${port}`;
}

function isAnswer(message: unknown): message is ProbePortAnswer {
  if (!isCommand(message, PROBE_PORT)) return false;
  const { port, probePort } = message;
  return typeof port === 'number' && (probePort === null || typeof probePort === 'number');
}
