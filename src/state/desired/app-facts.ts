import { unreachable } from '../../lib/unreachable.ts';
import type { Override } from '../../plan/model/desired.ts';
import { groupOf } from '../../plan/model/reasons.ts';
import { saysUnfit } from '../../plan/slots/unfit.ts';
import type { AppRecord, Fact } from '../model/types.ts';
import { releaseBegun, triedAgain } from './pre-starts.ts';
import { endReload, requestReload } from './reloads.ts';
import { nextRestart } from './restart-counters.ts';
import {
  completeRollout,
  pauseRollout,
  rolloutOfCode,
  rolloutOfRestart,
  rolloutOfStart,
} from './rollouts.ts';

const KINDS = [
  'override-set',
  'begun-afresh',
  'restart-requested',
  'restarts-found',
  'code-changed',
  'reload-requested',
  'reload-ended',
  'rollout-completed',
  'rollout-paused',
  'dependencies-seen',
] as const;

/** A fact that changes one app, whatever else there is, and never its spec. */
export type AppFact = Extract<Fact, { readonly kind: (typeof KINDS)[number] }>;

const APP_FACTS: ReadonlySet<Fact['kind']> = new Set(KINDS);

export function isAppFact(fact: Fact): fact is AppFact {
  return APP_FACTS.has(fact.kind);
}

/** The app after the fact; the very same object when that changes nothing. */
export function changeApp(app: AppRecord, fact: AppFact): AppRecord {
  switch (fact.kind) {
    case 'override-set':
      return setOverride(app, fact.override);
    case 'begun-afresh':
      return triedAgain(beginAfresh(app), app.preStart?.at ?? 0);
    case 'restart-requested':
      return requestRestart(app, fact);
    case 'restarts-found':
      return takeOverRestarts(app, fact);
    case 'code-changed':
      return changeCode(app, fact);
    case 'reload-requested':
      return requestReload(app, fact);
    case 'reload-ended':
      return endReload(app, fact);
    case 'rollout-completed':
      return completeRollout(app, fact);
    case 'rollout-paused':
      return pauseOrResume(app, fact);
    case 'dependencies-seen':
      return { ...app, dependencyMarks: fact.dependencyMarks };
    default:
      return unreachable(fact);
  }
}

function beginAfresh(app: AppRecord): AppRecord {
  const generation = app.generation + 1;
  return { ...app, generation, begunAfresh: generation };
}

function setOverride(app: AppRecord, override: Override | null): AppRecord {
  if (override === null && app.override === null) return app;
  const next = { ...app, override, generation: app.generation + 1 };
  // A run that waits to be started must not come up when the app is started again.
  return override?.run === 'stopped' && app.runs !== undefined ? { ...next, runs: {} } : next;
}

function requestRestart(app: AppRecord, fact: Extract<Fact, { kind: 'restart-requested' }>): AppRecord {
  const { slot, reason, detail, at, now, tick, run, dependencyMarks } = fact;
  const generation = app.generation + 1;
  const asked: AppRecord = {
    ...app,
    ...(dependencyMarks !== undefined && { dependencyMarks }),
    ...(tick !== undefined && { settledTick: tick }),
    ...(run === true && slot !== null && { runs: { ...app.runs, [slot]: generation } }),
    ...nextRestart(app, slot),
    generation,
    ...unfitIn(app, fact),
    lastRestart: { reason, detail, at, ...(now === true && { now }) },
  };
  const isByHand = groupOf(reason) === 'operator';
  return rolloutOfRestart(app, isByHand ? triedAgain(asked, at) : asked, fact);
}

function pauseOrResume(app: AppRecord, fact: Extract<Fact, { kind: 'rollout-paused' }>): AppRecord {
  const next = pauseRollout(app, fact);
  return next !== app && fact.paused === null ? triedAgain(next, fact.at) : next;
}

/** Asks for nothing: the processes are as the counters say from now on. */
function takeOverRestarts(
  app: AppRecord,
  { generation, slots }: Extract<Fact, { kind: 'restarts-found' }>,
): AppRecord {
  const counted: Record<string, number> = { ...app.slotRestarts };
  for (const [slot, more] of Object.entries(slots)) counted[slot] = (counted[slot] ?? 0) + more;
  return { ...app, generation: Math.max(app.generation, generation), slotRestarts: counted };
}

/** Gives new processes to the slots that run other code; the accepted spec stays as it is. */
function changeCode(
  app: AppRecord,
  { slots, again, detail, at, code, rotated }: Extract<Fact, { kind: 'code-changed' }>,
): AppRecord {
  const asked = slots.length + again.length === 0 ? app.lastRestart : undefined;
  const bumped = [...slots, ...again].reduce((next, slot) => ({ ...next, ...nextRestart(next, slot) }), app);
  const next: AppRecord = {
    ...bumped,
    generation: app.generation + 1,
    lastRestart: {
      reason: rotated === true ? 'SecretRotated' : 'CodeChanged',
      detail,
      at,
      ...(asked?.now === true && { now: true }),
    },
  };
  // Another value is no other release: nothing is done before it but the start.
  const begun = rotated === true ? next : releaseBegun(next, at, code);
  return slots.length === 0 ? rolloutOfStart(begun, at) : rolloutOfCode(app, begun, at);
}

/** The process of a slot counts as not fit until somebody asks for another restart of that slot. */
function unfitIn(
  app: AppRecord,
  { slot, reason, at }: Extract<Fact, { kind: 'restart-requested' }>,
): Pick<AppRecord, 'unfit'> {
  if (slot === null || !saysUnfit(reason)) return {};
  const { restartGeneration, slotRestarts } = nextRestart(app, slot);
  const counter = restartGeneration + (slotRestarts?.[String(slot)] ?? 0);
  return { unfit: { ...app.unfit, [slot]: { reason, at, restartGeneration: counter } } };
}
