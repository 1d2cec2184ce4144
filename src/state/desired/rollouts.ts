import { groupOf } from '../../plan/model/reasons.ts';
import {
  fallbackOf,
  hasFailed,
  type AppVersion,
  type RolloutFailure,
  type RolloutOutcome,
  type RolloutState,
} from '../../plan/model/rollout.ts';
import { acceptSchedule } from './accepted-schedule.ts';
import { freshCounters, highestRestart } from './restart-counters.ts';
import type { AppRecord, Fact } from '../model/types.ts';

type FactOf<K extends Fact['kind']> = Extract<Fact, { kind: K }>;

/**
 * The rollout of an app in its record. What is not under way has proven itself.
 *
 *                 ┌──────────── completed ◀───────────┐
 *                 ▼                                    │
 *   proven ──accept, restart──▶ under way ──paused──▶ paused (by a person)
 *     ▲                          │  ▲  │ ◀──resumed────┘
 *     │                          │  │  └─failed, on_failure: pause──▶ paused (failed)
 *     └──failed, rollback────────┘  └────resumed, applied again──────────┘
 *        (the version before)
 *
 * A newer version or another restart begins a rollout in place of the one under way, and keeps what that one would have
 * gone back to: the version that has proven itself last, never one that was on its way.
 */

/** An app after an accept has changed it: what is to become of its rollout. */
export function rolloutOfAccepted(before: AppRecord, next: AppRecord, at: number): AppRecord {
  if (next.spec.schedule !== null) return withoutRollout(next, supersededBy(before, at));
  if (next.templateHash === before.templateHash) {
    const { rollout } = before;
    return hasFailed(rollout) ? tryAgain(next, rollout, at) : next;
  }
  const previous = before.rollout?.previous ?? null;
  if (previous?.templateHash === next.templateHash) {
    // The way back by hand: what runs of that version has proven itself and stays.
    return withoutRollout({ ...next, ...takenBack(before, previous) }, supersededBy(before, at));
  }
  return begin(before, { ...next, ...freshCounters(next) }, at);
}

/**
 * An app after a restart was asked for. A version that has failed and waits is tried again for a person, and for
 * nothing else; what a person has paused stays paused.
 */
export function rolloutOfRestart(
  before: AppRecord,
  next: AppRecord,
  { reason, at, run }: Pick<FactOf<'restart-requested'>, 'reason' | 'at' | 'run'>,
): AppRecord {
  const { rollout, spec, override } = before;
  if (run === true || spec.schedule !== null) return next;
  const paused = rollout?.paused ?? null;
  if (paused !== null && (paused.failure === null || groupOf(reason) !== 'operator')) return next;
  // A slot without a process is started, so nothing is rolled out.
  if (paused === null && (override?.run === 'stopped' || reason === 'StartedByOperator')) return next;
  return begin(before, next, at);
}

/** Slots are to run newer code: a version like any other, also when somebody has paused the one before. */
export function rolloutOfCode(before: AppRecord, next: AppRecord, at: number): AppRecord {
  return before.spec.schedule === null ? begin(before, next, at) : next;
}

/**
 * Slots without a process are started, so nothing is rolled out. Where a hook comes first there is something that can fail
 * before any process is there, as with a first version.
 */
export function rolloutOfStart(app: AppRecord, at: number): AppRecord {
  if (app.rollout !== undefined || app.preStart?.state !== 'due' || app.spec.schedule !== null) return app;
  return { ...app, rollout: { previous: null, startedAt: at, paused: null } };
}

/** The version has proven itself. */
export function completeRollout(
  app: AppRecord,
  { generation, at, listens }: FactOf<'rollout-completed'>,
): AppRecord {
  const { rollout } = app;
  if (rollout === undefined || app.generation !== generation) return app;
  // A first version takes the place of nothing.
  const last = rollout.previous === null ? {} : { lastRollout: ended(app, { outcome: 'succeeded', at }) };
  const { lastFailed, listens: _before, ...rest } = withoutRollout(app, last);
  const proven = { ...rest, ...(listens === true && { listens }) };
  if (lastFailed === undefined || lastFailed.templateHash === app.templateHash) return proven;
  return { ...proven, lastFailed };
}

/** The version is not fit. Without one to go back to, or where the spec says to go on, nothing follows. */
export function failRollout(
  app: AppRecord,
  { generation, failure, at }: FactOf<'rollout-failed'>,
): AppRecord {
  const { rollout, spec } = app;
  const fallback = fallbackOf(rollout, spec);
  if (rollout === undefined || fallback === null) return app;
  if (app.generation !== generation || hasFailed(rollout)) return app;
  return spec.rollout.on_failure === 'rollback'
    ? rollBack(app, fallback, ended(app, { outcome: 'failed', at, failure }))
    : { ...app, rollout: { ...rollout, paused: { by: 'stateward', at, failure } } };
}

/**
 * The pre_start hook of the version has failed: none of its processes has been started, so none is replaced. Where there is
 * nothing to go back to, and where the spec says to go on, the rollout waits: a failed hook is not passed over.
 */
export function failedBeforeStart(app: AppRecord, failure: RolloutFailure, at: number): AppRecord {
  const { rollout, spec } = app;
  if (rollout === undefined || hasFailed(rollout)) return app;
  const fallback = fallbackOf(rollout, spec);
  return fallback !== null && spec.rollout.on_failure === 'rollback'
    ? rollBack(app, fallback, ended(app, { outcome: 'failed', at, failure }))
    : { ...app, rollout: { ...rollout, paused: { by: 'stateward', at, failure } } };
}

/** A rollout that goes on has its whole deadline before it again. */
export function pauseRollout(app: AppRecord, { paused, at }: FactOf<'rollout-paused'>): AppRecord {
  const { rollout } = app;
  if (rollout === undefined || (paused === null) === (rollout.paused === null)) return app;
  if (paused !== null) return { ...app, rollout: { ...rollout, paused: { ...paused, failure: null } } };
  const isRetry = hasFailed(rollout);
  const next = isRetry ? { ...app, generation: app.generation + 1 } : app;
  return tryAgain(next, rollout, at);
}

/** A retry has a higher generation, so a verdict about the first try does not count for it. */
function tryAgain(app: AppRecord, rollout: RolloutState, at: number): AppRecord {
  return { ...app, rollout: { ...rollout, startedAt: at, paused: null } };
}

function begin(before: AppRecord, next: AppRecord, at: number): AppRecord {
  const previous = before.rollout === undefined ? versionOf(before) : before.rollout.previous;
  return { ...next, ...supersededBy(before, at), rollout: { previous, startedAt: at, paused: null } };
}

/**
 * A restart that failed takes back the restart only: what was declared live since stays. Else the app is what it was,
 * but for overrides and the marks of its schedule.
 */
function rollBack(app: AppRecord, previous: AppVersion, failed: RolloutOutcome): AppRecord {
  const taken = { ...app, ...takenBack(app, previous), generation: app.generation + 1 };
  // The code stays what it is: a hook that has failed for it keeps new processes from starting.
  if (previous.templateHash === app.templateHash) return withoutRollout(taken, { lastRollout: failed });
  const { spec, templateHash, revision } = previous;
  // Its processes are there already, or were before: nothing is done before they start again.
  const { preStart: _, ...next } = taken;
  return withoutRollout(
    { ...next, spec, templateHash, revision, ...acceptSchedule(app, spec, failed.at), lastFailed: failed },
    { lastRollout: failed },
  );
}

function takenBack(
  app: AppRecord,
  { restartGeneration, slotRestarts }: AppVersion,
): Pick<AppRecord, 'restartGeneration' | 'slotRestarts' | 'spentRestarts'> {
  return { restartGeneration, slotRestarts, spentRestarts: highestRestart(app) };
}

function versionOf({
  spec,
  templateHash,
  restartGeneration,
  slotRestarts = {},
  revision,
}: AppRecord): AppVersion {
  return { spec, templateHash, restartGeneration, slotRestarts, revision };
}

/** How a rollout ends when something newer takes its place: one that had failed and waited has failed. */
function supersededBy(before: AppRecord, at: number): Pick<AppRecord, 'lastRollout' | 'lastFailed'> {
  const { rollout, templateHash } = before;
  if (rollout === undefined || rollout.previous === null) return {};
  const failure = rollout.paused?.failure ?? null;
  if (failure === null) return { lastRollout: ended(before, { outcome: 'superseded', at }) };
  const lastRollout = ended(before, { outcome: 'failed', at, failure });
  return { lastRollout, ...(rollout.previous.templateHash !== templateHash && { lastFailed: lastRollout }) };
}

function ended(
  { generation, revision, templateHash }: AppRecord,
  how: {
    readonly outcome: RolloutOutcome['outcome'];
    readonly at: number;
    readonly failure?: RolloutFailure;
  },
): RolloutOutcome {
  return { generation, revision, templateHash, failure: null, ...how };
}

function withoutRollout(app: AppRecord, last: Pick<AppRecord, 'lastRollout'>): AppRecord {
  const { rollout: _, ...rest } = app;
  return { ...rest, ...last };
}
