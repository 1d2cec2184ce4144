import type { HostDriver } from '../../driver/driver.ts';
import type { AppKey } from '../../lib/app-key.ts';
import { effectiveInstances } from '../../plan/slots/effective.ts';
import { hasEnded } from '../../plan/slots/readiness.ts';
import { isScheduled } from '../../plan/slots/schedule.ts';
import type { DesiredApp } from '../../plan/model/desired.ts';
import type { Condition } from '../../plan/model/health.ts';
import type { ObservedInstance } from '../../plan/model/observed.ts';
import { portName } from '../../spec/ports/port-claims.ts';
import { declaredPorts, slotPorts, type SlotPort } from '../../spec/ports/slot-ports.ts';
import type { Store } from '../../state/store.ts';
import { heldBy } from '../../triggers/probes/own-listener.ts';
import type { PortOwners } from '../../triggers/probes/port-owner.ts';
import { userName } from '../../triggers/probes/process-info.ts';
import type { Look } from './rounds.ts';
import { DriftShown, type ShowDriftOptions } from './show-drift.ts';

export interface TakenPortsOptions extends ShowDriftOptions {
  readonly store: Pick<Store, 'appendEvent' | 'desired'>;
  readonly driver: Pick<HostDriver, 'instance' | 'instancesOf' | 'reachable' | 'runner'>;
  readonly owners: Pick<PortOwners, 'find'>;
}

/** Ports that are looked up in one round; a process that still holds its port costs one link that is read. */
const MOST = 500;

/**
 * Finds foreign processes on declared ports, whether the app runs, waits or is stopped: its next start would fail, or its
 * clients talk to somebody else. Other apps of this home are not foreign, and a process that ends for a port is looked at at once
 * by its trigger, whose word counts.
 */
export class TakenPorts implements Look {
  readonly #options: TakenPortsOptions;
  readonly #shown: DriftShown;

  constructor(options: TakenPortsOptions) {
    this.#options = options;
    this.#shown = new DriftShown('PortFree', options);
  }

  look(): Promise<void> {
    return this.#lookAt(this.#options.store.desired());
  }

  async #lookAt(apps: readonly DesiredApp[]): Promise<void> {
    const { store, driver } = this.#options;
    if (!driver.reachable) return;
    const found = new Map<AppKey, Condition>();
    let left = MOST;
    for (const app of apps) {
      if (declaredPorts(app.spec).length === 0 || isScheduled(app.spec) || this.#isTold(app.key)) continue;
      for (let slot = 0; slot < effectiveInstances(app.spec, app.override); slot++) {
        for (const port of portsOf(app, slot, driver.instancesOf(app.key))) {
          if (left-- <= 0) break;
          const message = await this.#takenBy(app, slot, port);
          if (message === null || found.has(app.key)) continue;
          found.set(app.key, { type: 'PortFree', status: 'False', reason: 'PortTaken', message });
        }
      }
    }
    const desired = new Set(store.desired().map(({ key }) => key));
    this.#shown.show(new Map([...found].filter(([key]) => desired.has(key) && !this.#isTold(key))));
  }

  /** Only apps of which something is shown. */
  async recheck(): Promise<void> {
    if (this.#shown.isEmpty) return;
    await this.#lookAt(this.#options.store.desired().filter(({ key }) => this.#shown.has(key)));
  }

  /** By the trigger that looks at processes which end for want of a port. */
  #isTold(key: AppKey): boolean {
    const { status } = this.#options;
    const isShown = status.get(key)?.health.conditions.some(({ type }) => type === 'PortFree') === true;
    return isShown && !this.#shown.has(key);
  }

  async #takenBy(app: DesiredApp, slot: number, { port, host, protocol }: SlotPort): Promise<string | null> {
    const { driver, owners } = this.#options;
    if (port === null) return null;
    const live = driver.instancesOf(app.key).filter((instance) => !hasEnded(instance));
    // The sockets that instances share are held by the runner too.
    if (live.some(({ listening = [] }) => listening.some((address) => address.endsWith(`:${port}`))))
      return null;
    const instance = live.find((other) => other.slot === slot);
    const owner = await owners.find({
      ...{ host: host ?? 'localhost', port, protocol },
      ...{ pid: instance?.pid ?? null, nonce: instance?.nonce ?? '' },
    });
    const way = 'end it, or give the app another port';
    if (owner.kind === 'stranger') {
      const isOurs = owner.nonce !== null && driver.instance(owner.nonce) !== undefined;
      if (isOurs || owner.pid === driver.runner?.pid) return null;
      return `${heldBy(owner, { port, appOf: () => undefined })}; ${way}`;
    }
    // Where a process of the app runs, it may well be the one that cannot be looked at.
    if (owner.kind !== 'unknown' || owner.uid === undefined || live.length > 0) return null;
    const who = `a process of user ${userName(owner.uid)} that the daemon may not look at`;
    return `port ${portName(port, protocol)} is held by ${who}; ${way}`;
  }
}

function portsOf(app: DesiredApp, slot: number, instances: readonly ObservedInstance[]): readonly SlotPort[] {
  const given = instances.find((instance) => instance.slot === slot && !hasEnded(instance))?.ports;
  return slotPorts(app.spec, slot, given);
}
