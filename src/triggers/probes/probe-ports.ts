import { isCommand, PROBE_PORT, type ProbePortAnswer, type ProbePortRequest } from '../../agent/protocol.ts';
import type { Driver } from '../../driver/driver.ts';
import type { AppKey } from '../../lib/app-key.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import { hasEnded } from '../../plan/slots/readiness.ts';
import type { ObservedInstance } from '../../plan/model/observed.ts';
import type { ProbePort } from './checks/endpoint.ts';

/** The port of one process. */
export interface ProbedPort {
  readonly key: AppKey;
  readonly nonce: string;
  readonly port: number;
}

/** A runner that does not pass the question on in this time is busy, or hangs: what the process said last is used. */
const PASS_ON_MS = 250;

/**
 * Finds the way to one process among those that share a port: a probe of that port would reach any of them.
 */
export class ProbePorts {
  readonly #driver: Pick<Driver, 'instancesOf' | 'send'>;
  readonly #clock: Pick<Clock, 'after'>;
  /** What each process has said last. */
  readonly #last = new Map<string, number>();
  readonly #waiting = new Map<string, Set<(probePort: number | null) => void>>();

  constructor(driver: Pick<Driver, 'instancesOf' | 'send' | 'subscribe'>, clock: Pick<Clock, 'after'>) {
    this.#driver = driver;
    this.#clock = clock;
    driver.subscribe((event) => {
      if (event.kind === 'instance' && hasEnded(event.instance)) this.#forget(event.instance.nonce);
      if (event.kind === 'message' && isAnswer(event.message)) {
        const { port, probePort } = event.message;
        this.#remember(idOf(event.nonce, port), probePort);
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

  #remember(id: string, probePort: number | null): void {
    if (probePort === null) this.#last.delete(id);
    else this.#last.set(id, probePort);
  }

  #forget(nonce: string): void {
    for (const id of this.#last.keys()) if (id.startsWith(`${nonce}:`)) this.#last.delete(id);
  }

  #ask(nonce: string, port: number, signal: AbortSignal): Promise<number | null> {
    const id = idOf(nonce, port);
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(id) ?? new Set<(probePort: number | null) => void>();
      const answer = (probePort: number | null): void => {
        signal.removeEventListener('abort', giveUp);
        cancel();
        waiting.delete(answer);
        if (waiting.size === 0) this.#waiting.delete(id);
        resolve(probePort);
      };
      const giveUp = (): void => answer(this.#last.get(id) ?? null);
      const cancel = this.#clock.after(PASS_ON_MS, () => {
        if (!isPassedOn && this.#last.has(id)) giveUp();
      });
      let isPassedOn = false;
      waiting.add(answer);
      this.#waiting.set(id, waiting);
      signal.addEventListener('abort', giveUp);
      const request: ProbePortRequest = { cmd: PROBE_PORT, port };
      void this.#driver.send(nonce, request).then((sent) => {
        isPassedOn = sent.ok;
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
