import { formatSpan } from '../../lib/units.ts';
import type { DesiredApp } from '../model/desired.ts';
import type { ObservedInstance } from '../model/observed.ts';
import type { ReloadState, ReloadVerdict } from '../model/reload.ts';
import type { RolloutFailure } from '../model/rollout.ts';
import { describeHow } from '../model/reload-text.ts';
import { REASONS } from '../model/reasons.ts';
import { exitReason, isFromOutside } from '../slots/exits.ts';
import type { Occupant } from '../slots/occupant.ts';
import { readyAfterMs } from '../slots/readiness.ts';
import { hasOutdated, type DeclaredSlot, type WantedSlot } from '../slots/slot.ts';
import { wantedSlots, type AppSlots } from '../slots/slots.ts';
import { rolloutBounds } from './bounds.ts';

/**
 * How a reload stands. One slot goes this way; `parallel` slots of the rollout are under way at once, the lowest first:
 *
 *   due ──asked──▶ under way ──ready, and has gone on for a while──▶ met
 *                      └── fails, ends, or is not ready in time ──▶ the reload has failed; slots that are due keep theirs
 *
 * A slot without a process is met: what starts in it reads the settings as they are. So is a process that has been started
 * since. One that is about to be replaced has its successor waited for.
 */
export interface Reload {
  /** Processes that have not read them. */
  readonly due: readonly ObservedInstance[];
  /** Those of `due` whose turn it is. */
  readonly next: readonly ObservedInstance[];
  /** Processes that have been asked and have to show that they go on. */
  readonly underWay: readonly ObservedInstance[];
  readonly verdict: ReloadVerdict | null;
  /** Milliseconds until time alone changes something; null: it does not. */
  readonly changesInMs: number | null;
}

const NOTHING: Reload = { due: [], next: [], underWay: [], verdict: null, changesInMs: null };

/** A process that goes on for less cannot have shown anything. */
const LEAST_PROOF_MS = 1_000;

/** For so long a process has to go on after a reload: an end before that is one that the reload has caused. */
export function reloadProofMs({ spec }: Pick<DesiredApp, 'spec'>): number {
  return Math.max(LEAST_PROOF_MS, readyAfterMs(spec)) + spec.rollout.min_ready;
}

export function planReload(appSlots: AppSlots): Reload {
  const { app } = appSlots;
  const state = app.reload;
  if (state === undefined) return NOTHING;
  const { count, slots: meant } = state;
  // Without a way to reload there is nothing to wait for any more.
  if (app.spec.reload === null) return { ...NOTHING, verdict: { kind: 'reloaded', count, failure: null } };
  const slots = wantedSlots(appSlots).filter(({ slot }) => meant === null || meant.includes(slot));
  const failure = slots.map((slot) => failureOf(slot, app, state)).find((found) => found !== null);
  if (failure !== undefined) return { ...NOTHING, verdict: { kind: 'reloaded', count, failure } };
  const declared = slots.filter((slot): slot is DeclaredSlot => slot.holds === 'declared');
  const due = declared.filter(({ declared: { instance } }) => lastReloadOf(instance) < count);
  const underWay = declared.filter((slot) => !due.includes(slot) && isUnderWay(slot.declared, app, count));
  const isOpen = slots.some((slot) => hasOutdated(slot) || isEnding(slot, count));
  const isMet = due.length + underWay.length === 0 && !isOpen;
  const places = Math.max(0, rolloutBounds(app).parallel - underWay.length);
  const waits = underWay.flatMap((slot) => waitsInMs(slot.declared.instance, app));
  return {
    due: due.map(instanceOf),
    next: due.map(instanceOf).filter(isAskable).slice(0, places),
    underWay: underWay.map(instanceOf),
    verdict: isMet ? { kind: 'reloaded', count, failure: null } : null,
    changesInMs: waits.length === 0 ? null : Math.min(...waits),
  };
}

/** The number of the last reload that a process needs no more. */
export function lastReloadOf({ startReloads = 0, reload }: ObservedInstance): number {
  return Math.max(startReloads, reload?.count ?? 0);
}

function instanceOf({ declared }: DeclaredSlot): ObservedInstance {
  return declared.instance;
}

/** While it starts it may not know the signal yet, and one whose command runs is asked when that is over. */
function isAskable({ state, reload }: ObservedInstance): boolean {
  return state === 'running' && reload?.state !== 'running';
}

/** A process that was reloaded is being stopped: why is known when it has ended. */
function isEnding({ stopping }: WantedSlot, count: number): boolean {
  return stopping.some(({ reload }) => reload?.count === count);
}

function isUnderWay({ instance, ready }: Occupant, app: DesiredApp, count: number): boolean {
  const { reload } = instance;
  if (reload === undefined || reload.count < count) return false;
  return reload.state === 'running' || reload.forMs < reloadProofMs(app) || !ready;
}

/** Until it has gone on for long enough, or is late with being ready. */
function waitsInMs({ reload }: ObservedInstance, app: DesiredApp): readonly number[] {
  if (reload === undefined || reload.state === 'running') return [];
  return [reloadProofMs(app) - reload.forMs, lateAfterMs(app) - reload.forMs]
    .filter((ms) => ms > 0)
    .slice(0, 1);
}

function lateAfterMs(app: DesiredApp): number {
  return reloadProofMs(app) + app.spec.listen_timeout;
}

function failureOf(slot: WantedSlot, app: DesiredApp, { count }: ReloadState): RolloutFailure | null {
  const ended = exitOfReload(slot, app, count);
  if (ended !== null) return ended;
  if (slot.holds !== 'declared') return null;
  const { instance, ready } = slot.declared;
  const { reload } = instance;
  if (reload === undefined || reload.count < count) return null;
  if (reload.state === 'failed') {
    const message = `slot ${slot.slot}: ${reload.message ?? 'it was not reloaded'}`;
    return { reason: 'ReloadFailed', message, slot: slot.slot };
  }
  if (reload.state !== 'done' || ready || reload.forMs < lateAfterMs(app)) return null;
  const because = instance.notReady?.because ?? 'no answer';
  const message = `slot ${slot.slot} was not ready again ${formatSpan(reload.forMs)} after ${describeHow(app.spec)}: ${because}`;
  return { reason: 'ReadyTimeout', message, slot: slot.slot };
}

/** An end that came so soon after the reload that this has caused it: its own, or that of a process that was not fit any more. */
function exitOfReload({ slot, history }: WantedSlot, app: DesiredApp, count: number): RolloutFailure | null {
  const exit = history?.lastExit ?? null;
  if (exit?.reload === undefined || isFromOutside(exit)) return null;
  const { code, signal, unfit, reload } = exit;
  const within = unfit === undefined ? reloadProofMs(app) : lateAfterMs(app);
  if (reload.count !== count || reload.forMs >= within) return null;
  const after = `${formatSpan(reload.forMs)} after ${describeHow(app.spec)}`;
  const how = signal === null ? `exited with code ${code ?? 'unknown'}` : `was ended by ${signal}`;
  const said = unfit === undefined ? `${how} ${after}` : `was ended ${after}: ${REASONS[unfit]}`;
  return { reason: exitReason(exit), message: `slot ${slot} ${said}`, slot };
}
