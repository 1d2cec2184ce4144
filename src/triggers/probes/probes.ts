import type { AppKey } from '../../lib/app-key.ts';
import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import { Listeners } from '../../lib/listeners.ts';
import { asRunBy, runMode } from '../../plan/slots/effective.ts';
import type { Reason } from '../../plan/model/reasons.ts';
import type { DesiredApp } from '../../plan/model/desired.ts';
import type { NotReady, ObservedInstance } from '../../plan/model/observed.ts';
import type { ProbeSpec } from '../../spec/types.ts';
import {
  isDeclared,
  type Trigger,
  type TriggerInstance,
  type TriggerRestart,
  type TriggerView,
} from '../trigger.ts';
import { InstanceProbes, type ProbeKind, type ProbeSpecs } from './instance-probes.ts';
import type { Check } from './prober.ts';

/** What a check needs to know besides the probe. */
export interface ProbeTarget {
  readonly app: DesiredApp;
  readonly slot: number;
  readonly nonce: string;
  /** The process has just begun. */
  readonly fresh: boolean;
}

export interface ProbeEvent {
  readonly key: AppKey;
  readonly slot: number;
  readonly pid: number | null;
  readonly reason: Reason;
  readonly message: string;
}

const UNHEARD =
  'the runner that started it is older and does not hear READY=1: stateward daemon upgrade, then restart it';

export interface ProbesOptions {
  readonly clock: Clock;
  /** 0 <= random() < 1. */
  readonly random: () => number;
  readonly checkOf: (probe: ProbeSpec, target: ProbeTarget) => Check;
  /** Whether the process can say by message that it is ready. */
  readonly canSayReady: (app: DesiredApp) => boolean;
  readonly report: (event: ProbeEvent) => void;
  /** Gets what a subscriber throws. */
  readonly onError: (error: unknown) => void;
}

/** What probes find out: something about an app has changed, or one of its processes is to be replaced. */
export type ProbeFinding =
  | { readonly kind: 'changed'; readonly key: AppKey }
  | { readonly kind: 'restart'; readonly restart: TriggerRestart };

/** One probe of one process, for people. */
export interface ProbeView {
  readonly kind: ProbeKind;
  readonly state: 'pending' | 'passing' | 'failing';
  readonly lastFailure: string | null;
  /** Epoch milliseconds. */
  readonly since: number;
}

interface Entry {
  readonly specs: ProbeSpecs;
  readonly probes: InstanceProbes;
  /** What was reported last. */
  ready: boolean;
}

/** A process seen this soon after its start writes to its log from now on. */
const FRESH_MS = 1_000;

/** Probes every running process of the apps that have probes. */
export class Probes implements Trigger {
  readonly #options: ProbesOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #findings: Listeners<ProbeFinding>;
  #apps: ReadonlyMap<AppKey, DesiredApp> = new Map();

  constructor(options: ProbesOptions) {
    this.#options = options;
    this.#findings = new Listeners(options.onError);
  }

  /** Calls `listener` for every finding, until the returned function is called. */
  subscribe(listener: (finding: ProbeFinding) => void): Cancel {
    return this.#findings.add(listener);
  }

  sync({ apps, instances }: TriggerView): void {
    const probed = new Map(apps.filter((app) => versionsOf(app).some(isProbed)).map((app) => [app.key, app]));
    this.#apps = probed;
    if (probed.size === 0 && this.#entries.size === 0) return;
    const seen = new Set<string>();
    for (const instance of instances) {
      const app = probed.get(instance.key);
      if (app === undefined || instance.state !== 'running') continue;
      const asRun = asRunBy(instance, app);
      if (!isProbed(asRun)) continue;
      seen.add(instance.nonce);
      this.#keep(instance, asRun);
    }
    for (const [nonce, { probes }] of this.#entries) {
      if (seen.has(nonce)) continue;
      probes.stop();
      this.#entries.delete(nonce);
    }
  }

  close(): void {
    for (const { probes } of this.#entries.values()) probes.stop();
    this.#entries.clear();
  }

  /** Ready, or what is missing; null: the app has no readiness of its own, and being up for min_uptime counts. */
  readiness(instance: ObservedInstance, app: DesiredApp): true | NotReady | null {
    const asRun = asRunBy(instance, app);
    const { spec } = asRun;
    const waits = spec.wait_ready && instance.saidReady !== undefined && this.#options.canSayReady(asRun);
    const probed = spec.readiness !== null || spec.startup !== null;
    if (!waits && !probed) return null;
    if (probed) {
      const found = this.#entries.get(instance.nonce)?.probes.readiness();
      if (found === undefined) return { forMs: 0, because: 'not probed yet', isDue: false, undecided: true };
      if (found !== true) return found;
    }
    if (!waits || instance.saidReady) return true;
    if (spec.notify && instance.notify === undefined)
      return { forMs: instance.upMs, because: UNHEARD, isDue: true };
    const said = spec.notify ? 'said READY=1 (sd_notify)' : "called process.send('ready')";
    const asksForMs = instance.notify?.waitUntilMs;
    const lack = { forMs: instance.upMs, because: `has not ${said}`, isDue: true };
    return { ...lack, ...(asksForMs !== undefined && { asksForMs }) };
  }

  states(nonce: string): readonly ProbeView[] {
    const states = this.#entries.get(nonce)?.probes.states() ?? [];
    return states.map(({ kind, state: { state, lastFailure, since } }) => ({
      kind,
      state,
      lastFailure,
      since,
    }));
  }

  #keep(instance: TriggerInstance, app: DesiredApp): void {
    const { startup, readiness, liveness } = app.spec;
    const specs = { startup, readiness, liveness };
    const before = this.#entries.get(instance.nonce);
    if (before !== undefined && sameSpecs(before.specs, specs)) return;
    before?.probes.stop();
    const { clock, random, checkOf } = this.#options;
    const { key, slot, nonce } = instance;
    const target = { app, slot, nonce, fresh: before === undefined && instance.upMs < FRESH_MS };
    const probes = new InstanceProbes({
      clock,
      random,
      specs,
      listenTimeoutMs: app.spec.listen_timeout,
      instance,
      checkOf: (probe) => checkOf(probe, target),
      onRestart: (reason, detail) => {
        const current = this.#apps.get(key);
        if (current === undefined || !isDeclared(instance, current)) return false;
        this.#findings.tell({ kind: 'restart', restart: { key, slot, reason, detail } });
        return true;
      },
      onChange: (ready, detail) => this.#changed(nonce, instance, { ready, detail }),
    });
    this.#entries.set(nonce, { specs, probes, ready: false });
    this.#findings.tell({ kind: 'changed', key });
  }

  #changed(
    nonce: string,
    { key, slot, pid }: TriggerInstance,
    { ready, detail }: { readonly ready: boolean; readonly detail: string },
  ): void {
    const entry = this.#entries.get(nonce);
    if (entry === undefined) return;
    if (entry.ready !== ready) {
      entry.ready = ready;
      const reason = ready ? 'Ready' : 'NotReady';
      const message = `slot ${slot} is ${ready ? 'ready' : 'not ready'}: ${detail}`;
      this.#options.report({ key, slot, pid, reason, message });
    }
    this.#findings.tell({ kind: 'changed', key });
  }
}

/** The app's version, and the one that is being replaced: its processes are probed as it declared. */
function versionsOf(app: DesiredApp): readonly DesiredApp[] {
  const previous = app.rollout?.previous ?? null;
  return previous === null ? [app] : [app, { ...app, spec: previous.spec }];
}

function isProbed({ spec, override }: DesiredApp): boolean {
  if (runMode(spec, override) === 'stopped') return false;
  return spec.startup !== null || spec.readiness !== null || spec.liveness !== null;
}

function sameSpecs(one: ProbeSpecs, other: ProbeSpecs): boolean {
  if (one.startup === other.startup && one.readiness === other.readiness && one.liveness === other.liveness) {
    return true;
  }
  return JSON.stringify(one) === JSON.stringify(other);
}
