import type { Driver, DriverError } from '../../driver/driver.ts';
import type { AppKey } from '../../lib/app-key.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { Condition } from '../../plan/model/health.ts';
import { effectiveInstances, runMode } from '../../plan/slots/effective.ts';
import { hasEnded } from '../../plan/slots/readiness.ts';
import type { DesiredApp } from '../../plan/model/desired.ts';
import type { ObservedInstance } from '../../plan/model/observed.ts';
import {
  candidates,
  chosenNumbers,
  placeOf,
  portsAtHand,
  withChosen,
  type ChosenPort,
  type ChosenPorts,
  type MissingPort,
  type PortRange,
} from '../../spec/ports/chosen-ports.ts';
import { autoPorts, isPerSlot, type GivenPorts, type Protocol } from '../../spec/ports/slot-ports.ts';
import { allClaims } from '../../spec/sockets/socket-claims.ts';
import { numbersOf } from '../../state/desired/chosen-ports.ts';
import { createSerialQueue } from '../../state/serial-queue.ts';
import type { Store } from '../../state/store.ts';
import type { PortOwner, PortOwners } from '../../triggers/probes/port-owner.ts';

export interface PortBookOptions {
  readonly store: Pick<Store, 'records' | 'desired' | 'desiredApp' | 'commit' | 'appendEvent'>;
  readonly driver: Pick<Driver, 'instance' | 'instancesOf'>;
  /** The process that holds the sockets which instances share; undefined: there is none. */
  readonly runnerPid: () => number | undefined;
  readonly range: PortRange;
  /** What the kernel gives to outgoing connections; null: not known. */
  readonly ephemeral: () => Promise<PortRange | null>;
  readonly isFree: (port: number, protocol: Protocol) => Promise<boolean>;
  readonly owners: Pick<PortOwners, 'find'>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Shows that no port is left, or (null) that one was found again. */
  readonly show: (key: AppKey, condition: Condition | null) => void;
}

/**
 * Chooses ports for apps that declare `auto`, each when a process of its slot is started first. What was chosen is a fact of
 * the durable state: it stays with the app and the slot until the app is removed, and nobody else gets it. It is chosen anew
 * only when somebody else has the port at a start.
 */
export class PortBook {
  readonly #options: PortBookOptions;
  /** One choice at a time: two starts must not find the same port free. */
  readonly #queue = createSerialQueue();
  /** Slots for which no port was left, of the apps that show it. */
  readonly #without = new Map<AppKey, ReadonlySet<number>>();

  constructor(options: PortBookOptions) {
    this.#options = options;
  }

  /** Ports to tell a process that is started in this slot now; undefined: the app has none chosen. */
  async forStart(app: DesiredApp, slot: number): Promise<Result<GivenPorts | undefined, DriverError>> {
    if (autoPorts(app.spec).length === 0) return ok(undefined);
    return this.#queue(() => this.#choose(app, slot));
  }

  /** Nothing is missing any more for slots that are not wanted any more. To be called when what is desired has changed. */
  review(): void {
    for (const [key, slots] of this.#without) {
      const app = this.#options.store.desiredApp(key);
      const isWanted = (slot: number): boolean => app !== undefined && wantsPortsIn(app, slot);
      this.#setWithout(key, new Set([...slots].filter(isWanted)));
    }
  }

  async #choose(app: DesiredApp, slot: number): Promise<Result<GivenPorts, DriverError>> {
    const { store, driver, show } = this.#options;
    const { key, spec } = app;
    const live = driver.instancesOf(key).filter((instance) => !hasEnded(instance));
    const chosen = withLive(store.desiredApp(key)?.ports ?? {}, app, live);
    const inSlot = live.filter((instance) => instance.slot === slot);
    const taken = new Set(inSlot.flatMap(({ ports = {} }) => Object.values(ports)));
    const { given, missing } = portsAtHand(spec, slot, { chosen, taken });
    const wanted = [...missing, ...(await this.#lost(app, slot, { given, live }))];
    if (wanted.length === 0) {
      this.#hasPorts(key, slot);
      return ok(given);
    }
    const ports = await this.#find(app, wanted, chosen);
    if (ports === null) {
      const { first, last } = this.#options.range;
      const message = `no port from ${first} to ${last} is free: remove apps that have one, or set STATEWARD_PORT_RANGE for the daemon`;
      this.#without.set(key, new Set([...(this.#without.get(key) ?? []), slot]));
      show(key, { type: 'PortFree', status: 'False', reason: 'NoPortFree', message });
      return err({ code: 'refused', message });
    }
    this.#hasPorts(key, slot);
    // Where it cannot be written it holds until then: the process is told, and carries it.
    await store.commit({ kind: 'ports-chosen', key, ports });
    return ok({ ...given, ...Object.fromEntries(ports.map(({ name, port }) => [name, port])) });
  }

  #hasPorts(key: AppKey, slot: number): void {
    const slots = this.#without.get(key);
    if (slots?.has(slot) !== true) return;
    this.#setWithout(key, new Set([...slots].filter((other) => other !== slot)));
  }

  #setWithout(key: AppKey, slots: ReadonlySet<number>): void {
    if (slots.size > 0) {
      this.#without.set(key, slots);
      return;
    }
    this.#without.delete(key);
    this.#options.show(key, null);
  }

  /** Those of the ports that somebody else has taken meanwhile. */
  async #lost(
    app: DesiredApp,
    slot: number,
    { given, live }: { readonly given: GivenPorts; readonly live: readonly ObservedInstance[] },
  ): Promise<readonly MissingPort[]> {
    const lost: MissingPort[] = [];
    for (const port of autoPorts(app.spec)) {
      const number = given[port.name];
      if (number === undefined) continue;
      const { protocol = 'tcp' } = port;
      const isOwn = live.some(({ listening = [] }) =>
        listening.some((address) => protocol === 'tcp' && address.endsWith(`:${number}`)),
      );
      const owner = isOwn ? null : await this.#strangerOn(number, protocol, app.key);
      if (owner === null) continue;
      const place = placeOf(app.spec, port, slot);
      lost.push({ place, name: port.name, instead: number });
      this.#tell(
        app,
        slot,
        `port ${port.name} was ${number}, which ${owner} holds now: another one is chosen`,
      );
    }
    return lost;
  }

  /** Who else has the port, in words; null: nobody, or it cannot be told. */
  async #strangerOn(port: number, protocol: Protocol, key: AppKey): Promise<string | null> {
    const { isFree, owners, driver, runnerPid } = this.#options;
    if (await isFree(port, protocol)) return null;
    const owner: PortOwner = await owners.find({
      ...{ host: 'localhost', port, protocol },
      ...{ pid: null, nonce: '' },
    });
    if (owner.kind !== 'stranger' || owner.pid === runnerPid()) return null;
    if (owner.nonce !== null && driver.instance(owner.nonce)?.key === key) return null;
    return `process ${owner.pid}${owner.command === '' ? '' : ` (${owner.command})`}`;
  }

  async #find(
    { key, spec }: DesiredApp,
    wanted: readonly MissingPort[],
    chosen: ChosenPorts,
  ): Promise<readonly ChosenPort[] | null> {
    const { store, isFree } = this.#options;
    const excluded = new Set([
      ...numbersOf(store.records(), () => true),
      ...chosenNumbers(chosen),
      ...store.desired().flatMap(({ spec, override }) => declaredNumbers(spec, override?.instances)),
    ]);
    const ranges = await this.#ranges();
    const found: ChosenPort[] = [];
    for (const want of wanted) {
      const { protocol = 'tcp' } = autoPorts(spec).find(({ name }) => name === want.name) ?? {};
      const isOpen = (port: number): Promise<boolean> => isFree(port, protocol);
      const port = await firstFree(key, want, { ranges, excluded, isFree: isOpen });
      if (port === null) return null;
      excluded.add(port);
      found.push({ ...want, port });
    }
    return found;
  }

  /** What the kernel gives to outgoing connections may be taken at any moment: only where nothing else is left. */
  async #ranges(): Promise<readonly PortRange[]> {
    const { range, ephemeral } = this.#options;
    const avoided = await ephemeral();
    if (avoided === null) return [range];
    const safe = [
      { first: range.first, last: Math.min(range.last, avoided.first - 1) },
      { first: Math.max(range.first, avoided.last + 1), last: range.last },
    ].filter(({ first, last }) => first <= last);
    return [...safe, range];
  }

  #tell({ key, generation }: DesiredApp, slot: number, message: string): void {
    const { store, now } = this.#options;
    store.appendEvent({
      ...{ at: now(), level: 'warning', reason: 'PortMoved', message, key, slot },
      ...{ pid: null, generation },
    });
  }
}

/** Whether a process that is started in this slot would be given ports. */
function wantsPortsIn({ spec, override }: DesiredApp, slot: number): boolean {
  const isRunning = runMode(spec, override) !== 'stopped';
  return isRunning && slot < effectiveInstances(spec, override) && autoPorts(spec).length > 0;
}

interface Choice {
  readonly ranges: readonly PortRange[];
  readonly excluded: ReadonlySet<number>;
  readonly isFree: (port: number) => Promise<boolean>;
}

async function firstFree(
  key: AppKey,
  want: MissingPort,
  { ranges, excluded, isFree }: Choice,
): Promise<number | null> {
  for (const range of ranges) {
    for (const port of candidates(key, want, range)) {
      if (!excluded.has(port) && (await isFree(port))) return port;
    }
  }
  return null;
}

/** Numbers that files name are nobody's to be given. */
function declaredNumbers(spec: DesiredApp['spec'], instances = spec.instances): readonly number[] {
  return allClaims(spec, instances).flatMap(({ first, last }) =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index),
  );
}

/** What processes of the app carry counts where the state lacks it: a previous version of the state had to be taken. */
function withLive(chosen: ChosenPorts, { spec }: DesiredApp, live: readonly ObservedInstance[]): ChosenPorts {
  const carried = live.flatMap(({ slot, ports = {} }) =>
    autoPorts(spec).flatMap((port): readonly ChosenPort[] => {
      const number = ports[port.name];
      const place = placeOf(spec, port, slot);
      const known = chosen[place]?.[port.name] ?? [];
      if (number === undefined || known.includes(number) || (!isPerSlot(spec, port) && known.length > 0))
        return [];
      return [{ place, name: port.name, port: number, instead: null }];
    }),
  );
  return withChosen(chosen, carried);
}
