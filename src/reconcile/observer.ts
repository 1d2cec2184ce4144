import type { Driver } from '../driver/driver.ts';
import type { AppKey } from '../lib/app-key.ts';
import type { Clock } from '../lib/clocks/clock.ts';
import type { DesiredApp } from '../plan/model/desired.ts';
import type { NotReady, ObservedInstance } from '../plan/model/observed.ts';
import { withListening, withReadiness } from '../plan/slots/readiness.ts';
import { ReadySince } from './ready-since.ts';

/** What the observer needs to know of the desired state. */
export interface ObserverState {
  desiredApp(key: AppKey): DesiredApp | undefined;
  /**
   * Whether a process of an app that is not desired is ours to stop: its project is one of this home, and no newer
   * revision started it than the one that is known. (State that was lost in part must not end what it would have kept.)
   */
  owns(instance: Pick<ObservedInstance, 'key' | 'revision'>): boolean;
}

export interface ObserverOptions {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly driver: Pick<Driver, 'instances' | 'instancesOf'>;
  readonly state: ObserverState;
  /**
   * What probes and messages say of a process: ready, or what it lacks; null where the app has none, and readiness is
   * being up for min_uptime.
   */
  readonly probedReady: (instance: ObservedInstance, app: DesiredApp) => boolean | NotReady | null;
  /** Whether a process takes none of the connections that come to shared sockets; absent: nobody knows. */
  readonly rests?: (nonce: string) => boolean;
}

/** The process table with what the runner cannot know: whether each process is ready, and since when. */
export class Observer {
  readonly #options: ObserverOptions;
  readonly #readySince: ReadySince;

  constructor(options: ObserverOptions) {
    this.#options = options;
    this.#readySince = new ReadySince(() => options.clock.monotonic());
  }

  /** The processes of an app. When the app is not desired: those that are ours to stop. */
  instancesOf(key: AppKey): readonly ObservedInstance[] {
    const { state, driver, probedReady, rests } = this.#options;
    const app = state.desiredApp(key);
    const instances = driver.instancesOf(key);
    if (app === undefined) return instances.filter((instance) => state.owns(instance));
    const probed = instances.map((instance) => {
      const known = withReadiness(instance, probedReady(instance, app));
      return rests?.(instance.nonce) === true ? { ...known, accepting: false as const } : known;
    });
    return this.#readySince.observe(app, withListening(probed, app));
  }

  /** Every process. One whose app is not desired comes as the runner reports it. */
  instances(): readonly ObservedInstance[] {
    const { state, driver } = this.#options;
    const keys = new Set(driver.instances().map(({ key }) => key));
    return [...keys].flatMap((key) =>
      state.desiredApp(key) === undefined ? driver.instancesOf(key) : this.instancesOf(key),
    );
  }

  /** Forgets the processes of an app that is gone. */
  forget(key: AppKey): void {
    this.#readySince.forget(key);
  }
}
