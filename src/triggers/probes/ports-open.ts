import type { Driver } from '../../driver/driver.ts';
import type { AppKey } from '../../lib/app-key.ts';
import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import type { DesiredApp } from '../../plan/model/desired.ts';
import type { ObservedInstance } from '../../plan/model/observed.ts';
import { asRunBy } from '../../plan/slots/effective.ts';
import type { StatusTable } from '../../reconcile/status-table.ts';
import { portName } from '../../spec/ports/port-claims.ts';
import { declaredPorts, slotPorts, type SlotPort } from '../../spec/ports/slot-ports.ts';
import { showCondition, withdrawCondition, type Showing } from '../show-condition.ts';
import type { Trigger, TriggerView } from '../trigger.ts';
import { listeningPorts } from './listening-ports.ts';
import { heldBy } from './own-listener.ts';
import { PortOwners } from './port-owner.ts';

export interface PortsOpenOptions extends Showing {
  readonly clock: Clock;
  readonly driver: Pick<Driver, 'instance' | 'instancesOf'>;
  readonly status: Pick<StatusTable, 'report' | 'health' | 'subscribe'>;
  /** Absent: looked up on the host. */
  readonly owners?: Pick<PortOwners, 'find'>;
  readonly listening?: typeof listeningPorts;
}

/** How soon to look again at an app that does not listen as it declares: each time later, as long as that is the same. */
const AGAIN_MS = { first: 2_000, longest: 32_000 };
/** A program that says when it is ready listens by then; others may take longer than they need to count as up. */
const PATIENCE_MS = { saysReady: 2_500, silent: 10_000 };

/**
 * Shows an app that is healthy and does not listen on a port that it declares: as a condition and an event, until it does. A
 * process that was seen to listen is not looked at again.
 */
export function portsOpenTrigger(options: PortsOpenOptions): Trigger {
  return new PortsOpen(options);
}

class PortsOpen implements Trigger {
  readonly #options: PortsOpenOptions;
  readonly #owners: Pick<PortOwners, 'find'>;
  readonly #unsubscribe: Cancel;
  /** Apps that are looked at again later, and the processes that were looked at. */
  readonly #again = new Map<AppKey, { readonly cancel: Cancel; readonly nonces: ReadonlySet<string> }>();
  readonly #busy = new Set<AppKey>();
  /** Apps with the condition, and how long they were waited for last. */
  readonly #shown = new Map<AppKey, { readonly message: string; readonly waitMs: number }>();
  /** Processes that listen on all that they declare, by the ports that these are. */
  readonly #open = new Map<string, string>();
  #apps: ReadonlyMap<AppKey, DesiredApp> = new Map();
  #closed = false;

  constructor(options: PortsOpenOptions) {
    const { clock, owners = new PortOwners(() => clock.monotonic()), status } = options;
    this.#options = options;
    this.#owners = owners;
    this.#unsubscribe = status.subscribe((key) => this.#consider(key));
  }

  sync({ apps, instances }: TriggerView): void {
    this.#apps = new Map(
      apps.filter(({ spec }) => declaredPorts(spec).length > 0).map((app) => [app.key, app]),
    );
    const live = new Set(instances.map(({ nonce }) => nonce));
    for (const nonce of this.#open.keys()) if (!live.has(nonce)) this.#open.delete(nonce);
    for (const key of this.#shown.keys()) if (!this.#apps.has(key)) this.#withdraw(key);
    for (const key of this.#apps.keys()) this.#consider(key);
  }

  close(): void {
    this.#closed = true;
    this.#unsubscribe();
    for (const { cancel } of this.#again.values()) cancel();
    this.#again.clear();
  }

  #consider(key: AppKey): void {
    const app = this.#apps.get(key);
    if (this.#closed || app === undefined || this.#busy.has(key)) return;
    const looked = this.#toLookAt(app);
    const later = this.#again.get(key);
    if (later !== undefined) {
      // A process that follows is not made to wait for what the one before was found to be.
      if (looked.every(({ nonce }) => later.nonces.has(nonce))) return;
      later.cancel();
      this.#again.delete(key);
    }
    if (looked.length > 0) void this.#look(app, looked);
    else if (this.#shown.has(key)) this.#withdraw(key);
  }

  /** Processes of a healthy app that were not seen to listen on all of their ports. */
  #toLookAt(app: DesiredApp): readonly ObservedInstance[] {
    const { driver, status } = this.#options;
    if (status.health(app.key)?.health !== 'Healthy') return [];
    return driver
      .instancesOf(app.key)
      .filter(({ state, nonce, pid }) => state === 'running' && pid !== null && !this.#isOpen(app, nonce));
  }

  #isOpen(app: DesiredApp, nonce: string): boolean {
    const instance = this.#options.driver.instance(nonce);
    return instance !== undefined && this.#open.get(nonce) === idOf(portsOf(app, instance));
  }

  async #look(app: DesiredApp, instances: readonly ObservedInstance[]): Promise<void> {
    const { key } = app;
    this.#busy.add(key);
    const wrong: string[] = [];
    let isEarly = false;
    for (const instance of instances) {
      const ports = portsOf(app, instance);
      const found = await this.#wrongIn(instance, ports);
      if (found === null) this.#open.set(instance.nonce, idOf(ports));
      else if (instance.upMs < patienceFor(app)) isEarly = true;
      else wrong.push(`slot ${instance.slot} ${found}`);
    }
    this.#busy.delete(key);
    if (this.#closed || !this.#apps.has(key)) return;
    const [first] = wrong;
    if (first !== undefined) this.#show(key, first, wrong.length - 1);
    else if (!isEarly && this.#shown.has(key)) this.#withdraw(key);
    if (first === undefined && !isEarly) return;
    const { clock } = this.#options;
    const cancel = clock.after(this.#shown.get(key)?.waitMs ?? AGAIN_MS.first, () => {
      this.#again.delete(key);
      this.#consider(key);
    });
    this.#again.set(key, { cancel, nonces: new Set(instances.map(({ nonce }) => nonce)) });
  }

  /** What is wrong with where a process listens; null: nothing, or the host does not tell. */
  async #wrongIn(instance: ObservedInstance, ports: readonly SlotPort[]): Promise<string | null> {
    for (const { name, port, host, protocol } of ports) {
      if (port === null) continue;
      const isTold = instance.listening?.some((address) => address.endsWith(`:${port}`)) === true;
      if (isTold && protocol === undefined) continue;
      const { pid, nonce } = instance;
      const owner = await this.#owners.find({ host: host ?? 'localhost', port, protocol, pid, nonce });
      if (owner.kind === 'stranger') {
        const { driver } = this.#options;
        return `does not listen on its port: ${heldBy(owner, { port, appOf: (other) => driver.instance(other) })}`;
      }
      if (owner.kind === 'nobody')
        return this.#insteadOf(instance, `port ${portName(port, protocol)} (${name})`);
    }
    return null;
  }

  async #insteadOf({ pid }: ObservedInstance, declared: string): Promise<string> {
    const { listening = listeningPorts } = this.#options;
    const others = pid === null ? [] : ((await listening([pid])).get(pid) ?? []);
    const where = others.length === 0 ? 'listens on no port' : `listens on ${others.join(', ')}`;
    return `${where}, and declares ${declared}: have it listen where its variables say, or declare the port that it takes`;
  }

  #show(key: AppKey, first: string, more: number): void {
    const message = more === 0 ? first : `${first}; and ${more} more like it`;
    const before = this.#shown.get(key);
    const waitMs =
      before?.message === message ? Math.min(before.waitMs * 2, AGAIN_MS.longest) : AGAIN_MS.first;
    this.#shown.set(key, { message, waitMs });
    const condition = { type: 'PortsOpen', status: 'False', reason: 'PortNotOpen', message } as const;
    showCondition(this.#options, key, condition, 'warning');
  }

  #withdraw(key: AppKey): void {
    this.#shown.delete(key);
    withdrawCondition(this.#options, key, 'PortsOpen');
  }
}

/** The ports of the version that the process runs. */
function portsOf(app: DesiredApp, instance: ObservedInstance): readonly SlotPort[] {
  return slotPorts(asRunBy(instance, app).spec, instance.slot, instance.ports);
}

function idOf(ports: readonly SlotPort[]): string {
  return ports.map(({ port, host, protocol }) => `${host ?? ''}:${port ?? ''}${protocol ?? ''}`).join(' ');
}

function patienceFor({ spec }: DesiredApp): number {
  const saysReady = spec.readiness !== null || spec.startup !== null || spec.wait_ready;
  return saysReady ? PATIENCE_MS.saysReady : PATIENCE_MS.silent;
}
