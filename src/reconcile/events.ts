import type { AppKey } from '../lib/app-key.ts';
import { unreachable } from '../lib/unreachable.ts';
import type { Driver, DriverEvent } from '../driver/driver.ts';
import { describeHow } from '../plan/model/reload-text.ts';
import { REASONS, type Reason } from '../plan/model/reasons.ts';
import { lostPromises } from '../plan/explain/promises.ts';
import { saysUnfit } from '../plan/slots/unfit.ts';
import type { Hold } from '../plan/model/actions.ts';
import type { DesiredApp } from '../plan/model/desired.ts';
import type { HookRun } from '../plan/model/hooks.ts';
import type { AppHealth, Condition } from '../plan/model/health.ts';
import type { ObservedInstance } from '../plan/model/observed.ts';
import type { EventRecord } from '../state/model/types.ts';
import type { Executed } from './executor.ts';

/** An event before the store has numbered and dated it. */
export type LoopEvent = Omit<EventRecord, 'seq' | 'at'>;

/** What an action did to which slot, in the words of people; undefined for bookkeeping that nobody needs to read. */
export function executedEvent(
  { action, instance }: Executed,
  app: DesiredApp | undefined,
): LoopEvent | undefined {
  const { key, slot, reason } = action;
  const base = { key, slot, generation: null, level: 'info' as const };
  switch (action.kind) {
    case 'start': {
      if (instance === null || instance.exit?.error != null) return undefined;
      const { pid } = instance;
      // A process that has ended again already has no pid any more.
      const which = pid === null ? '' : ` (pid ${pid})`;
      const before = saysUnfit(reason)
        ? `the process before it was ended: ${REASONS[reason]}`
        : BEFORE_START[reason];
      const why = before ?? causeText(reason, app);
      const message = `started slot ${slot}${which}: ${why}`;
      return {
        ...base,
        ...{ generation: action.app.generation, pid, message },
        reason: before ? 'Started' : reason,
      };
    }
    case 'hook':
      return hookStartedEvent(action.run, { ...base, generation: action.app.generation }, instance);
    case 'stop':
      if (action.hook !== undefined) {
        const message = `ending the ${action.hook} hook: ${REASONS[reason]}`;
        return { ...base, slot: null, pid: null, level: 'warning', reason, message };
      }
      return { ...base, pid: null, reason, message: `stopping slot ${slot}: ${causeText(reason, app)}` };
    case 'adopt': {
      // Nothing was declared anew: another instance was restarted, or an operator did something else.
      if (instance?.revision === action.app.revision) return undefined;
      const message = `took over slot ${slot} as it runs: ${REASONS[reason]}`;
      return { ...base, generation: action.app.generation, pid: null, reason, message };
    }
    case 'reload': {
      const { spec, reload } = action.app;
      const why = reload === undefined ? REASONS[reason] : reload.detail;
      const message = `${describeHow(spec)} to slot ${slot}: ${why}`;
      return { ...base, generation: action.app.generation, pid: instance?.pid ?? null, reason, message };
    }
    case 'forget':
      return undefined;
    default:
      return unreachable(action);
  }
}

/** Of a hook that others wait for; of the others their end is told. */
function hookStartedEvent(
  { name, slot, reason }: HookRun,
  base: Pick<LoopEvent, 'key' | 'generation' | 'level'>,
  instance: ObservedInstance | null,
): LoopEvent | undefined {
  if (name !== 'pre_start' && name !== 'pre_stop') return undefined;
  if (instance === null || instance.exit?.error != null) return undefined;
  const { pid } = instance;
  const message = `started the ${name} hook${pid === null ? '' : ` (pid ${pid})`}: ${REASONS[reason]}`;
  return { ...base, slot, pid, reason: 'HookStarted', message };
}

/**
 * Some reasons for a start say what was in the slot before it. An event tells of the start itself, so it says this
 * instead.
 */
const BEFORE_START: Readonly<Partial<Record<Reason, string>>> = {
  NotRunning: 'no process was in it',
  Exited: 'the process before it exited by itself',
  Killed: 'the process before it was ended by a signal',
  StartFailed: 'the process before it could not be started',
  HostRestarted: 'the host was started again',
};

/** Why, with what was noted with the restart that was asked for last: the file, the time of the schedule, who. */
function causeText(reason: Reason, app: DesiredApp | undefined): string {
  const asked = app?.lastRestart ?? null;
  // An event of its own has told what was found wrong with the process.
  if (asked === null || asked.reason !== reason || saysUnfit(reason)) return REASONS[reason];
  return reason === 'FileChanged' ? asked.detail : `${REASONS[reason]} (${asked.detail})`;
}

const NOTICE_REASONS: Readonly<Record<string, Reason>> = {
  'kill-timeout': 'KillTimeout',
  survivors: 'SurvivorsLeft',
  unverified: 'Unverified',
  'log-dropped': 'LogLinesDropped',
  'log-write-failed': 'LogWriteFailed',
  'found-by-mark': 'FoundByMark',
  'shutdown-failed': 'ShutdownFailed',
  'limits-restored': 'LimitsRestored',
};

/** Something that the runner wants a person to know. */
export function noticeEvent(notice: Extract<DriverEvent, { kind: 'notice' }>, driver: Driver): LoopEvent {
  const about = driver.instances().find(({ nonce }) => nonce === notice.nonce);
  return {
    level: 'warning',
    reason: NOTICE_REASONS[notice.code] ?? 'RunnerNotice',
    message: notice.message,
    key: about?.key ?? null,
    slot: about?.slot ?? null,
    pid: about?.pid ?? null,
    generation: about?.generation ?? null,
  };
}

/** The promises to an app that have been lost since its last reconciliation, and those that hold again. */
export function promiseEvents(
  key: AppKey,
  before: AppHealth | undefined,
  after: AppHealth,
): readonly LoopEvent[] {
  const base = { key, slot: null, pid: null, generation: null };
  const lostBefore = lostByProcesses(before);
  const lost = lostByProcesses(after);
  const news = lost.filter(
    ({ type, reason }) => !lostBefore.some((other) => other.type === type && other.reason === reason),
  );
  const mended = lostBefore.filter(({ type }) => !lost.some((other) => other.type === type));
  return [
    ...news.map(({ reason, message }) => ({ ...base, level: 'warning' as const, reason, message })),
    ...mended.map(({ reason }) => ({
      ...base,
      level: 'info' as const,
      reason: 'Mended' as const,
      message: `no more: ${REASONS[reason]}`,
    })),
  ];
}

/** That the runner is too old for what the app declares; null: it is no more. */
export function capableEvent(key: AppKey, lost: Condition | null): LoopEvent {
  const base = { key, slot: null, pid: null, generation: null };
  if (lost !== null) return { ...base, level: 'warning', reason: lost.reason, message: lost.message };
  return { ...base, level: 'info', reason: 'Mended', message: `no more: ${REASONS.RunnerTooOld}` };
}

/** Conditions that others report have events of their own, and that the runner is silent is told once. */
const REPORTED: readonly Condition['type'][] = [
  'Watching',
  'Limited',
  'Code',
  'Saved',
  'Supervised',
  'Hooks',
  'Reloaded',
  'Confirmed',
  'Changeable',
  'AsDeclared',
];

function lostByProcesses(health: AppHealth | undefined): readonly Condition[] {
  return lostPromises(health?.conditions ?? []).filter(({ type }) => !REPORTED.includes(type));
}

/** A change of health that a person wants to know of; undefined: it is not one. */
export function healthEvent(
  key: AppKey,
  before: AppHealth | undefined,
  { after, holds }: { readonly after: AppHealth; readonly holds: readonly Hold[] },
): LoopEvent | undefined {
  if (before?.health === after.health) return undefined;
  // promiseEvents tells of a lost log, and of one that is there again.
  if (isForSilence(after) || (after.health === 'Healthy' && isForSilence(before))) return undefined;
  if (isForItsLog(after) || (after.health === 'Healthy' && isForItsLog(before))) return undefined;
  const base = { key, slot: null, pid: null, generation: null };
  const waiting = holds.map(({ message }) => message).join('; ');
  switch (after.health) {
    case 'Healthy':
      return {
        ...base,
        level: 'info',
        reason: 'Converged',
        message: `healthy: ${after.readyInstances} ready`,
      };
    case 'CrashLoop':
      return { ...base, level: 'error', reason: 'BackOff', message: `keeps crashing: ${waiting}` };
    case 'Degraded':
    case 'Failed': {
      const ready = after.conditions.find(({ type }) => type === 'Ready');
      const message = ready?.message ?? waiting;
      const level = after.health === 'Failed' ? 'error' : 'warning';
      const what = after.health.toLowerCase();
      return { ...base, level, reason: ready?.reason ?? 'Exited', message: `${what}: ${message}` };
    }
    default:
      return undefined;
  }
}

/** The app serves as far as is known, and only the silence of the runner keeps it from being healthy. */
function isForSilence(health: AppHealth | undefined): boolean {
  return health?.health === 'Degraded' && health.conditions.some(({ reason }) => reason === 'RunnerSilent');
}

/** The app serves well, and only its log keeps it from being healthy. */
function isForItsLog(health: AppHealth | undefined): boolean {
  return (
    health?.health === 'Degraded' &&
    health.converged &&
    health.desiredInstances > 0 &&
    health.conditions.some(({ reason }) => reason === 'LogWriteFailed')
  );
}
