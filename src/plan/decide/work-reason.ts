import type { Reason } from '../model/reasons.ts';
import type { AcceptedApp, DesiredApp, Override } from '../model/desired.ts';
import type { ObservedInstance } from '../model/observed.ts';
import { isUpToDate } from '../slots/effective.ts';
import { isScheduled, servesRun } from '../slots/schedule.ts';
import { activeInstances, type EmptySlot } from '../slots/slot.ts';
import type { AppSlots } from '../slots/slots.ts';
import type { AppWork } from './work.ts';

/** The work that says most about what an app is going through, and why it is to be done. */
export interface WorkReason {
  readonly kind: keyof AppWork;
  readonly reason: Reason;
}

/** What was accepted before; undefined: the app is new. */
type Accepted = AcceptedApp | undefined;

/** null: nothing is to be done. */
export function workReason(work: AppWork, appSlots: AppSlots, accepted: Accepted): WorkReason | null {
  const { app } = appSlots;
  const [replaced] = work.replace;
  if (replaced !== undefined) {
    return { kind: 'replace', reason: outdatedReason(replaced.outdated.instance, app) };
  }
  const [empty] = work.start;
  if (empty !== undefined) return { kind: 'start', reason: startReason(empty, appSlots, accepted) };
  const [misplaced] = work.stop;
  if (misplaced !== undefined) return { kind: 'stop', reason: misplacedReason(misplaced, appSlots) };
  if (work.reload.length > 0) return { kind: 'reload', reason: app.reload?.reason ?? 'ReloadRequested' };
  return work.adopt.length === 0 ? null : { kind: 'adopt', reason: adoptReason(app, accepted) };
}

/** Why a process that runs is not what is declared. */
export function outdatedReason(instance: ObservedInstance, app: DesiredApp): Reason {
  if (instance.templateHash !== app.templateHash && !isScheduled(app.spec)) return 'TemplateChanged';
  return app.lastRestart?.reason ?? 'RestartRequested';
}

/** Why an empty slot is to get a process: what ended in it last says, or, where nothing ever ran, how it came to be. */
export function startReason(slot: EmptySlot, { app, slots }: AppSlots, accepted: Accepted): Reason {
  if (slot.history !== undefined || isScheduled(app.spec)) return slot.next.reason;
  if (slots.some((one) => activeInstances(one).length > 0)) return scaleReason('up', app.override);
  if (accepted === undefined) return 'Created';
  return app.override?.run === 'running' ? 'StartedByOperator' : 'NotRunning';
}

/** Why a process that runs has no place. */
export function misplacedReason(
  instance: ObservedInstance,
  { app, mode, wanted, lastRun }: AppSlots,
): Reason {
  if (mode === 'stopped') return 'StoppedByOperator';
  if (lastRun !== null && !servesRun(instance, app)) return 'NotDue';
  if (instance.slot < wanted) {
    return isUpToDate(instance, app) ? 'DuplicateSlot' : outdatedReason(instance, app);
  }
  return scaleReason('down', app.override);
}

/** Why an app has another number of instances than before. */
export function scaleReason(direction: 'up' | 'down', override: Override | null): Reason {
  if (override?.instances !== undefined) return 'ScaledByOperator';
  return direction === 'up' ? 'ScaledUp' : 'ScaledDown';
}

function adoptReason({ override }: DesiredApp, accepted: Accepted): Reason {
  return accepted?.override?.run === 'running' && override === null ? 'OverrideReset' : 'LiveFieldsChanged';
}
