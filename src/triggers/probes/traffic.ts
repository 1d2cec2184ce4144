import { isCommand, TRAFFIC, type TrafficRequest } from '../../agent/protocol.ts';
import type { Driver } from '../../driver/driver.ts';
import type { AppKey } from '../../lib/app-key.ts';
import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import type { DesiredApp } from '../../plan/model/desired.ts';
import type { ObservedInstance } from '../../plan/model/observed.ts';
import { specFor } from '../../plan/slots/effective.ts';
import { hasEnded } from '../../plan/slots/readiness.ts';

export interface TrafficOptions {
  readonly clock: Pick<Clock, 'after'>;
  readonly driver: Pick<Driver, 'instances' | 'instancesOf' | 'send' | 'subscribe'>;
  readonly desiredApp: (key: AppKey) => DesiredApp | undefined;
  /** The processes of an app, with whether they are ready. */
  readonly observe: (key: AppKey) => readonly ObservedInstance[];
  /** A process has begun to take connections, or does not any more. */
  readonly onChange: (key: AppKey) => void;
}

/** An agent that hears nothing for so long takes connections again: whoever knew better may be gone. */
const LEASE_MS = 15_000;
const RENEW_MS = 5_000;

/**
 * Keeps connections from instances that are not ready, where they share what they listen on with one that is: what they
 * leave waits in the queue of the kernel for the others. With none that is ready, all take them.
 *
 *   accepts ──not ready, and another is──▶ is told to rest, again every 5 s ──ready, or no other is──▶ accepts
 */
export class Traffic {
  readonly #options: TrafficOptions;
  /** What each process was told last: whether to take connections. */
  readonly #told = new Map<string, boolean>();
  /** Those that say that they take none. */
  readonly #resting = new Set<string>();
  /** Those that ran before this controller did: until they are probed nobody knows whether they are ready. */
  readonly #found = new Set<string>();
  readonly #unsubscribe: Cancel;
  #cancelRenewal: Cancel | null = null;

  constructor(options: TrafficOptions) {
    this.#options = options;
    const { driver } = options;
    this.#unsubscribe = driver.subscribe((event) => {
      if (event.kind === 'message') this.#heard(event.nonce, event.message);
      if (event.kind === 'connected') {
        this.#told.clear();
        const found = driver.instances();
        for (const { nonce } of found) this.#found.add(nonce);
        for (const key of new Set(found.map((instance) => instance.key))) this.steer(key);
      }
      if (event.kind !== 'instance') return;
      if (hasEnded(event.instance)) this.#forget(event.instance.nonce);
      this.steer(event.instance.key);
    });
  }

  /** Whether the process has said that it takes no connections. */
  rests(nonce: string): boolean {
    return this.#resting.has(nonce);
  }

  /** To be called when one of the app is ready, or is not any more. */
  steer(key: AppKey): void {
    const { driver, desiredApp, observe } = this.#options;
    const sharing = driver.instancesOf(key).filter(isSharing);
    if (sharing.length < 2 && !sharing.some(({ nonce }) => this.#told.get(nonce) === false)) return;
    const app = desiredApp(key);
    const instances = observe(key).filter(isSharing);
    for (const instance of instances) {
      const { nonce, probedReady, notReady } = instance;
      if (notReady?.undecided === true && this.#found.has(nonce) && app !== undefined) continue;
      const lacks = app !== undefined && probedReady === false;
      const accept =
        !lacks || !instances.some((other) => other.probedReady === true && serves(other, instance));
      if (this.#told.has(nonce) || !accept || hasReadiness(instance, app)) this.#tell(nonce, accept);
    }
  }

  close(): void {
    this.#unsubscribe();
    this.#cancelRenewal?.();
  }

  #tell(nonce: string, accept: boolean): void {
    if (this.#told.get(nonce) === accept) return;
    this.#told.set(nonce, accept);
    this.#send(nonce, accept);
    if (!accept) this.#renewLater();
  }

  #send(nonce: string, accept: boolean): void {
    const request: TrafficRequest = { cmd: TRAFFIC, accept, ...(!accept && { forMs: LEASE_MS }) };
    void this.#options.driver.send(nonce, request).then((sent) => {
      if (!sent.ok && this.#told.get(nonce) === accept) this.#told.delete(nonce);
    });
  }

  #renewLater(): void {
    this.#cancelRenewal ??= this.#options.clock.after(RENEW_MS, () => {
      this.#cancelRenewal = null;
      const resting = [...this.#told].filter(([, accept]) => !accept);
      for (const [nonce] of resting) this.#send(nonce, false);
      if (resting.length > 0) this.#renewLater();
    });
  }

  #heard(nonce: string, message: unknown): void {
    if (!isCommand(message, TRAFFIC)) return;
    const rests = message['accept'] === false;
    if (rests === this.#resting.has(nonce)) return;
    if (rests) this.#resting.add(nonce);
    else this.#resting.delete(nonce);
    const instance = this.#options.driver.instances().find((other) => other.nonce === nonce);
    if (instance !== undefined) this.#options.onChange(instance.key);
  }

  #forget(nonce: string): void {
    this.#told.delete(nonce);
    this.#resting.delete(nonce);
    this.#found.delete(nonce);
  }
}

function isSharing({ state, connected, listening = [] }: ObservedInstance): boolean {
  return state === 'running' && connected === true && listening.length > 0;
}

/** Whether `other` takes what comes to all that the instance listens on. */
function serves(other: ObservedInstance, { nonce, listening = [] }: ObservedInstance): boolean {
  return other.nonce !== nonce && listening.every((address) => other.listening?.includes(address) === true);
}

/** One that may have been told by another controller what is not so any more. */
function hasReadiness(instance: ObservedInstance, app: DesiredApp | undefined): boolean {
  if (app === undefined) return false;
  const { readiness, startup, wait_ready } = specFor(instance, app);
  return readiness !== null || startup !== null || wait_ready;
}
