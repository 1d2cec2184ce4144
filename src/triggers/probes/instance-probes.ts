import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import type { Reason } from '../../plan/model/reasons.ts';
import type { NotReady } from '../../plan/model/observed.ts';
import type { AppSpec, ProbeSpec } from '../../spec/types.ts';
import type { TriggerInstance } from '../trigger.ts';
import { Prober, type Check } from './prober.ts';
import type { ProbeState } from './probe-state.ts';

export type ProbeKind = 'startup' | 'readiness' | 'liveness';
export type ProbeSpecs = Pick<AppSpec, ProbeKind>;

export interface InstanceProbesOptions {
  readonly clock: Clock;
  /** 0 <= random() < 1. */
  readonly random: () => number;
  readonly specs: ProbeSpecs;
  readonly listenTimeoutMs: number;
  readonly instance: TriggerInstance;
  readonly checkOf: (probe: ProbeSpec) => Check;
  /** False: not now, because it is being replaced; asked again when the probe fails again. */
  readonly onRestart: (reason: Reason, detail: string) => boolean;
  /** Readiness has changed, or its reason has. */
  readonly onChange: (ready: boolean, detail: string) => void;
}

/**
 * The probes of one process.
 *
 *   startup ──passes──▶ readiness ──passes once──▶ liveness ──fails──▶ a restart is asked for, once
 *      └──fails──▶ a restart is asked for, once
 *
 * One that is still coming up is not ended for being slow: liveness counts when the startup probe has passed, or the
 * process has been ready once (by its readiness probe, or where it has none by its liveness probe itself), and at the
 * latest `listen_timeout` after its start.
 *
 * A process that is older than its startup probe could take has passed it, or it would not be there: a new controller
 * does not probe that again.
 */
export class InstanceProbes {
  readonly #options: InstanceProbesOptions;
  readonly #probers = new Map<ProbeKind, Prober>();
  #started = false;
  /** Being alive counts. */
  #isUp = false;
  #cancelUp: Cancel | undefined;
  #askedRestart = false;
  /** On the monotonic clock: since when it is not ready, as far as probes know. */
  #notReadySince: number;

  constructor(options: InstanceProbesOptions) {
    this.#options = options;
    this.#notReadySince = options.clock.monotonic();
    const { specs, instance } = options;
    this.#isUp = specs.liveness === null || instance.upMs >= options.listenTimeoutMs;
    if (specs.startup !== null && instance.upMs <= longest(specs.startup))
      this.#add('startup', specs.startup);
    else this.#begin();
  }

  /** True: the process meets everything that was asked of it. */
  readiness(): true | NotReady {
    const { specs, clock } = this.#options;
    const forMs = clock.monotonic() - this.#notReadySince;
    if (!this.#started) {
      return { forMs, because: describe('startup', this.#probers.get('startup')?.state), isDue: false };
    }
    const state = this.#probers.get('readiness')?.state;
    if (specs.readiness === null || state?.state === 'passing') return true;
    const undecided = state === undefined || state.state === 'pending';
    const because = describe('readiness', state);
    return { forMs, because, isDue: true, ...(undecided && { undecided }) };
  }

  states(): readonly { readonly kind: ProbeKind; readonly state: ProbeState }[] {
    return [...this.#probers].map(([kind, { state }]) => ({ kind, state }));
  }

  stop(): void {
    this.#cancelUp?.();
    for (const prober of this.#probers.values()) prober.stop();
  }

  #begin(): void {
    const { specs, instance, listenTimeoutMs, clock } = this.#options;
    const { startup, readiness, liveness } = specs;
    this.#started = true;
    this.#notReadySince = clock.monotonic();
    if (readiness !== null) this.#add('readiness', readiness);
    if (liveness === null) return;
    // Without a readiness probe, the first success of the liveness probe says that it is up.
    if (readiness === null) this.#add('liveness', liveness);
    const isProven = startup !== null && this.#probers.get('startup')?.state.state === 'passing';
    if (this.#isUp || isProven) this.#comeUp();
    else {
      const leftMs = Math.max(0, listenTimeoutMs - instance.upMs);
      this.#cancelUp = clock.after(leftMs, () => this.#comeUp());
    }
  }

  #comeUp(): void {
    this.#cancelUp?.();
    this.#isUp = true;
    const { liveness } = this.#options.specs;
    if (liveness !== null && !this.#probers.has('liveness')) this.#add('liveness', liveness);
  }

  #add(kind: ProbeKind, spec: ProbeSpec): void {
    const { clock, random, checkOf, instance } = this.#options;
    const prober = new Prober({
      clock,
      random,
      spec,
      firstInMs: Math.max(0, spec.initial_delay - instance.upMs),
      check: checkOf(spec),
      // A program of the user's is run no more often than it says.
      eager: kind !== 'liveness' && spec.exec === undefined,
      onOutcome: (state, before) => this.#onOutcome(kind, state, before),
    });
    this.#probers.set(kind, prober);
  }

  #onOutcome(kind: ProbeKind, state: ProbeState, before: ProbeState): void {
    switch (kind) {
      case 'startup':
        this.#onStartup(state);
        break;
      case 'readiness':
        this.#onReadiness(state, before);
        break;
      case 'liveness':
        if (state.state === 'passing') this.#comeUp();
        if (state.state === 'failing' && this.#isUp) this.#askRestart('LivenessFailed', failure(kind, state));
    }
  }

  #onStartup(state: ProbeState): void {
    if (state.state === 'pending') return;
    if (state.state === 'failing') this.#askRestart('StartupFailed', failure('startup', state));
    if (state.state === 'passing' || this.#askedRestart) this.#probers.get('startup')?.stop();
    if (state.state === 'failing') return;
    this.#begin();
    this.#options.onChange(this.readiness() === true, 'its startup probe has succeeded');
  }

  #onReadiness(state: ProbeState, before: ProbeState): void {
    if (state.state === before.state && state.lastFailure === before.lastFailure) return;
    if (before.state === 'passing' && state.state === 'failing') {
      this.#notReadySince = this.#options.clock.monotonic();
    }
    const isReady = state.state === 'passing';
    if (isReady) this.#comeUp();
    const detail = isReady ? 'its readiness probe succeeds' : failure('readiness', state);
    this.#options.onChange(isReady, detail);
  }

  #askRestart(reason: Reason, detail: string): void {
    this.#askedRestart ||= this.#options.onRestart(reason, detail);
  }
}

/** Milliseconds that a startup probe may take before it has failed, jitter included. */
function longest({ initial_delay, period, timeout, failure_threshold }: ProbeSpec): number {
  return initial_delay + failure_threshold * (period * 1.1 + timeout);
}

function describe(kind: ProbeKind, state: ProbeState | undefined): string {
  return `${kind} probe: ${state?.lastFailure ?? 'no result yet'}`;
}

function failure(kind: ProbeKind, { failures, lastFailure }: ProbeState): string {
  const times = failures === 1 ? 'once' : `${failures} times in a row`;
  return `${kind} probe failed ${times}: ${lastFailure ?? 'no answer'}`;
}
