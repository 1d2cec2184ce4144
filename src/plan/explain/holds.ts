import type { AppKey } from '../../lib/app-key.ts';
import { formatSpan } from '../../lib/units.ts';
import { isAddressTaken } from '../slots/addresses.ts';
import { NOT_LISTENING, readyAfterMs } from '../slots/readiness.ts';
import { describeHow } from '../model/reload-text.ts';
import type { Reason } from '../model/reasons.ts';
import { describeDependents } from '../decide/dependents.ts';
import { gateHold } from '../hooks/pre-start.ts';
import { describePause, describeRollout } from './rollout-text.ts';
import type { NextStart } from '../slots/restart-policy.ts';
import type { Occupant } from '../slots/occupant.ts';
import { activeInstances, hasCrashedBeside, type Slot } from '../slots/slot.ts';
import { isRolling, type AppSlots } from '../slots/slots.ts';
import type { Reload } from '../decide/reload.ts';
import type { Steps } from '../decide/steps.ts';
import type { Hold } from '../model/actions.ts';
import type { DesiredApp } from '../model/desired.ts';
import type { ObservedInstance, Silence } from '../model/observed.ts';
import type { RolloutVerdict } from '../model/rollout.ts';

export function unreachableHold(key: AppKey, silence: Silence | null | undefined): Hold {
  const isSilent = silence !== null && silence !== undefined;
  return {
    key,
    slot: null,
    reason: isSilent ? 'RunnerSilent' : 'RunnerUnreachable',
    message:
      isSilent && silence.pid !== null
        ? `the runner (pid ${silence.pid}) does not answer`
        : 'the runner does not answer',
    until: null,
  };
}

/** An app that is to stop waits for those of its dependents that are to stop too. */
export function dependentsHolds(key: AppKey, dependents: readonly AppKey[]): readonly Hold[] {
  const [first] = dependents;
  if (first === undefined) return [];
  const message = describeDependents(dependents);
  return [{ key, slot: null, reason: 'DependentsFirst', message, until: null, blockedBy: first }];
}

interface HoldsInput {
  readonly steps: Steps;
  readonly now: number;
  /** What has been found out about the rollout just now. */
  readonly verdict: RolloutVerdict | null;
}

/** Everything that waits, for people: dependencies first, then slot by slot, the rollout last. */
export function describeHolds(appSlots: AppSlots, { steps, now, verdict }: HoldsInput): readonly Hold[] {
  const { app, slots } = appSlots;
  const { key } = app;
  const { unmet, crowdedOut, rollout, reload } = steps;
  const hold = (slot: number | null, reason: Reason, message: string, until: number | null = null): Hold => ({
    key,
    slot,
    reason,
    message,
    until,
  });
  const pause = describePause(app, verdict);
  const gate = gateHold(app, steps.gate, now);
  const rolls = pause === null && gate === null && unmet.length === 0 && rollout.waiting.length > 0;
  const context = { app, now, proves: provesItself(appSlots) };
  return [
    ...unmet.map(({ message, metInMs, blockedBy, isFinal }) => ({
      ...hold(null, 'DependencyNotReady', message, metInMs === null ? null : now + metInMs),
      blockedBy,
      ...(isFinal && { isFinal }),
    })),
    ...(gate === null ? [] : [gate]),
    ...slots.flatMap((slot) =>
      slotHolds(slot, context).map((it) => hold(slot.slot, it.reason, it.message, it.until)),
    ),
    ...crowdedOut.map(({ slot }) => hold(slot, 'Stopping', crowdedOutText(appSlots))),
    ...(rolls ? [hold(null, 'RolloutInProgress', describeRollout(rollout))] : []),
    ...(pause === null ? [] : [hold(null, pause.reason, pause.message)]),
    ...reloadHolds(app, reload).map(({ slot, message }) => hold(slot, 'ReloadInProgress', message)),
  ];
}

/** Where a reload stands: what is waited for, or that it comes after something else. */
function reloadHolds(app: DesiredApp, { due, next, underWay, verdict }: Reload): readonly SlotText[] {
  if (app.reload === undefined || verdict !== null) return [];
  const how = describeHow(app.spec);
  const [first] = underWay;
  if (first !== undefined) {
    const isRunning = first.reload?.state === 'running';
    const message = isRunning ? `${how} runs` : `reloaded (${how}): has to go on and be ready`;
    return [{ slot: first.slot, message }];
  }
  if (next.length > 0) return [];
  const waits = due.length === 0 ? 'its new processes to come up' : 'its processes to be up';
  return [{ slot: null, message: `the reload waits for ${waits}` }];
}

interface SlotText {
  readonly slot: number | null;
  readonly message: string;
}

function crowdedOutText({ app, slots }: AppSlots): string {
  const taken = slots.filter((slot) => isAddressTaken(slot, app));
  if (taken.length === 0) return 'waits for a process of the app that has to end first';
  const isLost = taken.some((slot) =>
    [...activeInstances(slot), ...slot.stopping].some(({ socketsLost }) => socketsLost === true),
  );
  return isLost
    ? 'waits for all processes to end that listen on sockets of an earlier runner: only then is the address free'
    : 'waits for all processes to end that have the address in another way (exec_mode, sockets): only then is it free';
}

interface SlotHoldContext {
  readonly app: DesiredApp;
  readonly now: number;
  /** Whether anything waits for instances to be available. */
  readonly proves: boolean;
}

/** The first version of an app replaces nothing, so nothing waits until it has proven itself. */
function provesItself(appSlots: AppSlots): boolean {
  const { rollout } = appSlots.app;
  return isRolling(appSlots) && (rollout === undefined || rollout.previous !== null);
}

type SlotHold = Pick<Hold, 'reason' | 'message'> & { readonly until: number | null };

function slotHolds(slot: Slot, context: SlotHoldContext): readonly SlotHold[] {
  return [
    ...slot.unverified.map((instance) => ({
      reason: 'Unverified' as const,
      message: `${describeProcess(instance)} cannot be proven to be ours and is left alone`,
      until: null,
    })),
    ...slot.stopping.map((instance) => ({ ...describeEnding(instance), until: null })),
    ...keptHolds(slot, context),
  ];
}

function keptHolds(slot: Slot, context: SlotHoldContext): readonly SlotHold[] {
  switch (slot.holds) {
    case 'unwanted':
      return [];
    case 'nothing':
      return startHolds(slot, slot.next);
    case 'outdated': {
      const waits = hasCrashedBeside(slot, context.app) || slot.successor.kind === 'later';
      return waits ? startHolds(slot, slot.successor) : [];
    }
    case 'declared':
    case 'pair':
      return provingHolds(slot.declared, context);
  }
}

/** For a start that waits or never comes. While something else is in the slot, the slot waits for that instead. */
function startHolds({ unverified, stopping }: Slot, next: NextStart): readonly SlotHold[] {
  if (unverified.length > 0 || stopping.length > 0) return [];
  if (next.kind === 'later') return [{ reason: next.reason, message: next.message, until: next.until }];
  if (next.kind === 'now' || next.outcome === 'Completed') return [];
  const message = `${next.message}; stays down until the next apply, start or restart`;
  return [{ reason: next.reason, message, until: null }];
}

function provingHolds(declared: Occupant, { app, now, proves }: SlotHoldContext): readonly SlotHold[] {
  const { ready, readyInMs, availableInMs } = declared;
  if (ready) {
    if (!proves || availableInMs === null) return [];
    const message = `ready, ${formatSpan(availableInMs)} to go until it has been for min_ready`;
    return [{ reason: 'MinReady', message, until: now + availableInMs }];
  }
  if (readyInMs === null) return [notReadyHold(declared, now)];
  const isWhole = readyAfterMs(app.spec) === app.spec.min_uptime;
  const what = isWhole ? 'min_uptime' : formatSpan(readyAfterMs(app.spec));
  const message = `not up for ${what} yet, ${formatSpan(readyInMs)} left`;
  return [{ reason: 'MinUptime', message, until: now + readyInMs }];
}

function notReadyHold(occupant: Occupant, now: number): SlotHold {
  const hold = lackHold(occupant, now);
  if (occupant.instance.accepting !== false) return hold;
  return { ...hold, message: `${hold.message}; other instances take its connections` };
}

function lackHold({ instance, deadlineInMs }: Occupant, now: number): SlotHold {
  const lack = instance.notReady;
  const reason = lack?.because === NOT_LISTENING ? 'NotListening' : 'NotReady';
  if (lack === undefined) return { reason, message: 'runs and is not ready yet', until: null };
  if (deadlineInMs === null) return { reason, message: `not ready: ${lack.because}`, until: null };
  const waited = `not ready for ${formatSpan(lack.forMs)}`;
  if (deadlineInMs <= 0) {
    return { reason, message: `${waited}, listen_timeout is over: ${lack.because}`, until: null };
  }
  const message = `${waited}, deadline in ${formatSpan(deadlineInMs)}: ${lack.because}`;
  return { reason, message, until: now + deadlineInMs };
}

/** What is waited for while a process ends. */
export function describeEnding(instance: ObservedInstance): Pick<Hold, 'reason' | 'message'> {
  const { leftBehind } = instance;
  if (leftBehind === undefined) {
    const message = `${describeProcess(instance)} was asked to stop and has not ended yet`;
    return { reason: 'Stopping', message };
  }
  const left = `${leftBehind.length === 1 ? 'process' : 'processes'} ${leftBehind.join(', ')}`;
  const message = `${describeProcess(instance)} has ended; what it has left behind is being ended first: ${left}`;
  return { reason: 'EndingLeftovers', message };
}

function describeProcess({ pid }: ObservedInstance): string {
  return pid === null ? 'a process' : `process ${pid}`;
}
