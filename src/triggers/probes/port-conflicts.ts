import type { Driver } from '../../driver/driver.ts';
import type { AppKey } from '../../lib/app-key.ts';
import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import type { Condition } from '../../plan/model/health.ts';
import type { ObservedInstance } from '../../plan/model/observed.ts';
import { networkProbe } from '../../spec/probes/network-probe.ts';
import { slotPorts } from '../../spec/ports/slot-ports.ts';
import type { AppSpec, ProbeSpec } from '../../spec/types.ts';
import { showCondition, withdrawCondition, type Showing } from '../show-condition.ts';
import type { Trigger, TriggerView } from '../trigger.ts';
import { parseListen } from '../../spec/sockets/listen-text.ts';
import { heldBy } from './own-listener.ts';
import { probedPlace } from './probed-port.ts';
import { PortOwners } from './port-owner.ts';

export interface PortConflictsOptions extends Showing {
  readonly clock: Clock;
  readonly driver: Pick<Driver, 'instance' | 'subscribe' | 'tail'>;
  /** Absent: looked up on the host. */
  readonly owners?: Pick<PortOwners, 'find'>;
}

interface Place {
  readonly host: string;
  readonly port: number;
  /** Absent: TCP. */
  readonly protocol?: 'udp' | undefined;
}

/** How often to look whether a port that was taken is free. */
const AGAIN_MS = 2_000;
/** How the runner says that it cannot bind a socket of an app. */
const SOCKET_IN_USE = /EADDRINUSE: cannot listen on (\S+): /;
/** How Node, Go and others report an address that is taken: the port is its last number. */
const IN_USE = /EADDRINUSE[^\n]*?:(\d{1,5})\b|:(\d{1,5})\b[^\n]*address already in use/i;

/**
 * Shows who holds the port of an app that ends by itself: as a condition and an event, until the port is free. It
 * never asks for a restart.
 */
export function portConflictsTrigger(options: PortConflictsOptions): Trigger {
  return new PortConflicts(options);
}

class PortConflicts implements Trigger {
  readonly #options: PortConflictsOptions;
  readonly #unsubscribe: Cancel;
  readonly #shown = new Map<AppKey, Cancel>();
  readonly #owners: Pick<PortOwners, 'find'>;
  #specs: ReadonlyMap<AppKey, AppSpec> = new Map();
  #closed = false;

  constructor(options: PortConflictsOptions) {
    const { clock, driver, owners = new PortOwners(() => clock.monotonic()) } = options;
    this.#options = options;
    this.#owners = owners;
    this.#unsubscribe = driver.subscribe((event) => {
      if (event.kind === 'instance' && hasFailed(event.instance)) void this.#look(event.instance);
    });
  }

  sync({ apps }: TriggerView): void {
    const running = apps.filter(({ override }) => override?.run !== 'stopped');
    this.#specs = new Map(running.map(({ key, spec }) => [key, spec]));
    for (const key of this.#shown.keys()) if (!this.#specs.has(key)) this.#withdraw(key);
  }

  close(): void {
    this.#closed = true;
    this.#unsubscribe();
    for (const cancel of this.#shown.values()) cancel();
    this.#shown.clear();
  }

  async #look(instance: ObservedInstance): Promise<void> {
    if (!this.#specs.has(instance.key)) return;
    const said = unboundPlaces(instance) ?? (await this.#saidInUse(instance.nonce));
    const spec = this.#specs.get(instance.key);
    if (spec === undefined || this.#closed) return;
    const isUnbound = instance.exit?.error != null;
    await this.#assess(instance, isUnbound ? said : [...wantedPlaces(spec, instance), ...said]);
  }

  async #assess(instance: ObservedInstance, places: readonly Place[]): Promise<void> {
    const { key } = instance;
    for (const place of places) {
      const conflict = await this.#conflictAt(place, instance);
      if (this.#closed || !this.#specs.has(key)) return;
      if (conflict === null) continue;
      const message = `${conflict}; end it, or give the app another port`;
      this.#show(key, { type: 'PortFree', status: 'False', reason: 'PortTaken', message });
      const again = this.#options.clock.after(AGAIN_MS, () => void this.#assess(instance, places));
      this.#shown.set(key, again);
      return;
    }
    if (this.#shown.has(key)) this.#withdraw(key);
  }

  async #conflictAt(
    { host, port, protocol }: Place,
    { nonce, key, slot }: ObservedInstance,
  ): Promise<string | null> {
    const { driver } = this.#options;
    const owner = await this.#owners.find({ host, port, protocol, pid: null, nonce });
    if (owner.kind !== 'stranger') return null;
    const of = owner.nonce === null ? undefined : driver.instance(owner.nonce);
    // The successor of the process in its slot may well hold the port.
    if (of?.key === key && of.slot === slot) return null;
    return heldBy(owner, { port, appOf: () => of });
  }

  /** The ports that the last words of a process complain of. */
  async #saidInUse(nonce: string): Promise<readonly Place[]> {
    const tail = await this.#options.driver.tail(nonce);
    if (!tail.ok) return [];
    const said = IN_USE.exec(tail.value.map(({ line }) => line).join('\n'));
    const port = Number(said?.[1] ?? said?.[2] ?? 0);
    return port > 0 && port < 65_536 ? [{ host: 'localhost', port }] : [];
  }

  #show(key: AppKey, condition: Condition): void {
    this.#endLooking(key);
    showCondition(this.#options, key, condition, 'warning');
  }

  #withdraw(key: AppKey): void {
    this.#endLooking(key);
    withdrawCondition(this.#options, key, 'PortFree');
  }

  #endLooking(key: AppKey): void {
    this.#shown.get(key)?.();
    this.#shown.delete(key);
  }
}

/** Where a socket could not be bound that the process was to be given; null: that is not why it has failed. */
function unboundPlaces({ exit }: ObservedInstance): readonly Place[] | null {
  if (exit?.error == null) return null;
  const listen = parseListen(SOCKET_IN_USE.exec(exit.error)?.[1] ?? '');
  return listen?.kind === 'tcp' ? [{ host: listen.host ?? 'localhost', port: listen.port }] : [];
}

function hasFailed({ state, exit }: ObservedInstance): boolean {
  if (state !== 'exited' || exit === null || exit.requested) return false;
  return exit.error === null ? exit.code !== 0 : SOCKET_IN_USE.test(exit.error);
}

/** Where a process is to listen: on the ports that are declared, and where it is probed. */
function wantedPlaces(spec: AppSpec, { slot, ports: given }: ObservedInstance): readonly Place[] {
  const { readiness, startup, liveness } = spec;
  const declared = slotPorts(spec, slot, given).flatMap(({ host, port, protocol }) =>
    port === null ? [] : [{ host: host ?? 'localhost', port, protocol }],
  );
  const probed = [readiness, startup, liveness].flatMap((probe: ProbeSpec | null) => {
    const target = networkProbe(probe)?.target;
    if (target === undefined || target.listener === 'any') return [];
    return probedPlace(target, spec, { slot, given }) ?? [];
  });
  return [...declared, ...probed];
}
