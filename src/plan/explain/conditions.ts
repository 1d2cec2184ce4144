import { untilText } from '../model/override-end.ts';
import { groupOf, REASONS, type Reason } from '../model/reasons.ts';
import { lostByInstances, reloadCondition, silenceCondition } from './promises.ts';
import { describePause } from './rollout-text.ts';
import { exitReason } from '../slots/exits.ts';
import { isOverdue } from '../slots/occupant.ts';
import { hasDeclared, isCompleted, isDownByItself, isServing, occupantsOf } from '../slots/slot.ts';
import { waitsForSchedule, wantedSlots, type AppSlots } from '../slots/slots.ts';
import { scaleReason, workReason } from '../decide/work-reason.ts';
import type { Hold } from '../model/actions.ts';
import type { AcceptedApp, DesiredApp } from '../model/desired.ts';
import type { AppHealth, Condition } from '../model/health.ts';
import type { Silence } from '../model/observed.ts';
import type { RolloutVerdict } from '../model/rollout.ts';
import type { HookRecord } from '../model/hooks.ts';
import { hooksCondition } from './hooks-condition.ts';
import type { AppWork } from '../decide/work.ts';

/** What the health of an app is found from. */
export interface HealthInput {
  readonly app: DesiredApp;
  readonly accepted: AcceptedApp | undefined;
  readonly reachable: boolean;
  /** As in Observed. */
  readonly silence?: Silence | null | undefined;
  readonly appSlots: AppSlots;
  readonly work: AppWork;
  readonly holds: readonly Hold[];
  /** What has been found out about the rollout just now. */
  readonly verdict: RolloutVerdict | null;
  /** Runs of hooks that have ended, newest first. Absent: none. */
  readonly hookRecords?: readonly HookRecord[];
}

/** The holds that best say why an app is not ready, best first: those that only a person can end. */
const TELLING: readonly Reason[] = [
  'RunnerSilent',
  'RunnerUnreachable',
  'MaxRestartsExceeded',
  'Exited',
  'Killed',
  'StartFailed',
  'PreStartFailed',
  'Unverified',
  'BackOff',
  'RestartDelay',
  'DependencyNotReady',
];

type Axes = Omit<AppHealth, 'conditions'>;

/** Always the same five conditions in the same order, so that none is ever absent; then the broken promises. */
export function describeConditions(axes: Axes, input: HealthInput): readonly Condition[] {
  return [
    readyCondition(axes, input),
    progressingCondition(axes, input),
    syncedCondition(axes, input),
    backOffCondition(input.holds),
    overriddenCondition(input.app),
    ...silenceCondition(input.silence),
    ...lostByInstances(input.appSlots),
    ...hooksCondition(input.app, input.hookRecords),
    ...reloadCondition(input.appSlots),
  ];
}

/** What is said of an app all of whose instances serve and where nothing is left to do. The same list for the same number. */
export function restingConditions(instances: number): readonly Condition[] {
  const known = RESTING.get(instances);
  if (known !== undefined) return known;
  const said = [
    condition('Ready', 'True', 'Ready', countedText(instances, instances)),
    condition('Progressing', 'False', 'Converged'),
    condition('Synced', 'True', 'Converged'),
    backOffCondition([]),
    overriddenCondition({ override: null }),
  ];
  RESTING.set(instances, said);
  return said;
}

const RESTING = new Map<number, readonly Condition[]>();

function countedText(ready: number, wanted: number): string {
  return `${ready} of ${wanted} instances ready`;
}

function readyCondition(axes: Axes, input: HealthInput): Condition {
  const { health, readyInstances, desiredInstances } = axes;
  const counted = countedText(readyInstances, desiredInstances);
  if (!input.reachable) return condition('Ready', 'Unknown', whyUnreachable(input), counted);
  if (waitsForSchedule(input.appSlots)) {
    if (input.appSlots.lastRun !== 'failed') return condition('Ready', 'True', 'WaitsForSchedule');
    return condition('Ready', 'False', 'Exited', 'the last run failed; waits for the next');
  }
  if (health === 'Completed') return condition('Ready', 'True', 'Completed');
  if (desiredInstances === 0) return condition('Ready', 'False', restReason(input));
  const missing = wantedSlots(input.appSlots).some((slot) => !isServing(slot) && !isCompleted(slot));
  if (!missing) return condition('Ready', 'True', 'Ready', counted);
  const hold = tellingHold(input.holds);
  if (hold === undefined) return condition('Ready', 'False', 'NotRunning', counted);
  return condition('Ready', 'False', hold.reason, `${counted}: ${hold.message}`);
}

/**
 * True while something will still happen by itself. An app that has gone back to the version before says so here for as
 * long as it runs that: the version that was asked for is not there, and nothing will bring it.
 */
function progressingCondition(axes: Axes, input: HealthInput): Condition {
  if (!input.reachable) return condition('Progressing', 'Unknown', whyUnreachable(input));
  const pause = describePause(input.app, input.verdict);
  if (pause !== null) return condition('Progressing', 'False', pause.reason, pause.message);
  if (axes.converged) return restingCondition(input.app);
  const stuck = input.appSlots.slots.find((slot) => hasDeclared(slot) && isOverdue(slot.declared));
  if (stuck !== undefined) {
    const why = input.holds.find(({ slot, reason }) => slot === stuck.slot && groupOf(reason) === 'unready');
    return condition('Progressing', 'False', why?.reason ?? 'NotReady', why?.message);
  }
  const hold = input.holds[0];
  if (goesOn(axes, input)) {
    const reason = reasonOfWork(input) ?? hold?.reason ?? 'NotRunning';
    return condition('Progressing', 'True', reason, hold?.message);
  }
  return condition('Progressing', 'False', hold?.reason ?? 'NotRunning', hold?.message);
}

/** Whether anything will still happen by itself. */
function goesOn({ health }: Axes, input: HealthInput): boolean {
  if (health === 'Progressing' || reasonOfWork(input) !== null) return true;
  return input.appSlots.slots.some(
    (slot) => slot.stopping.length > 0 || (occupantsOf(slot).length > 0 && !isServing(slot)),
  );
}

function restingCondition({ rollout, lastRollout, revision }: DesiredApp): Condition {
  if (rollout !== undefined || lastRollout?.outcome !== 'failed') {
    return condition('Progressing', 'False', 'Converged');
  }
  const why = lastRollout.failure === null ? '' : `: ${lastRollout.failure.message}`;
  const message = `the rollout of revision ${lastRollout.revision} failed${why}; back on revision ${revision}`;
  return condition('Progressing', 'False', 'RolledBack', message);
}

function syncedCondition({ sync }: Axes, input: HealthInput): Condition {
  switch (sync) {
    case 'Synced':
      return condition('Synced', 'True', 'Converged');
    case 'Unknown':
      return condition('Synced', 'Unknown', input.reachable ? 'Unverified' : whyUnreachable(input));
    case 'OutOfSync':
      return condition('Synced', 'False', reasonOfWork(input) ?? downReason(input) ?? 'Stopping');
  }
}

/** Why an instance is down, where no work is left to bring it up. */
function downReason({ app, appSlots }: HealthInput): Reason | null {
  const down = appSlots.slots.find((slot) => slot.stopping.length === 0 && isDownByItself(slot, app));
  const exit = down?.history?.lastExit ?? null;
  if (down === undefined || exit === null) return null;
  return down.holds === 'nothing' ? down.next.reason : exitReason(exit);
}

function whyUnreachable({ silence }: HealthInput): Reason {
  return silence === null || silence === undefined ? 'RunnerUnreachable' : 'RunnerSilent';
}

function reasonOfWork({ accepted, appSlots, work }: HealthInput): Reason | null {
  return workReason(work, appSlots, accepted)?.reason ?? null;
}

function backOffCondition(holds: readonly Hold[]): Condition {
  const hold = holds.find(
    ({ reason, until }) => until !== null && (groupOf(reason) === 'delay' || reason === 'StartFailed'),
  );
  if (hold === undefined)
    return condition('BackOff', 'False', 'Converged', 'no start waits for time to pass');
  return condition('BackOff', 'True', hold.reason, hold.message);
}

function overriddenCondition({ override }: Pick<DesiredApp, 'override'>): Condition {
  if (override === null) return condition('Overridden', 'False', 'Converged', 'what is declared holds');
  const { run, instances, runUntil, instancesUntil, by } = override;
  const done = [
    ...(run === undefined ? [] : [`${run === 'stopped' ? 'stopped' : 'started'}${untilText(runUntil)}`]),
    ...(instances === undefined ? [] : [`scaled to ${instances}${untilText(instancesUntil)}`]),
  ];
  return condition('Overridden', 'True', overrideReason(override), `${done.join(' and ')} by ${by}`);
}

function overrideReason({ run }: { readonly run?: 'stopped' | 'running' }): Reason {
  if (run === undefined) return 'ScaledByOperator';
  return run === 'stopped' ? 'StoppedByOperator' : 'StartedByOperator';
}

/** Why an app that wants no instance wants none. */
function restReason({ app, appSlots }: HealthInput): Reason {
  switch (appSlots.mode) {
    case 'stopped':
      return 'StoppedByOperator';
    case 'idle':
      return 'NotAutostarted';
    case 'running':
      return scaleReason('down', app.override);
  }
}

function tellingHold(holds: readonly Hold[]): Hold | undefined {
  const rank = ({ reason }: Hold) => (TELLING.includes(reason) ? TELLING.indexOf(reason) : TELLING.length);
  return [...holds].sort((a, b) => rank(a) - rank(b))[0];
}

function condition(
  type: Condition['type'],
  status: Condition['status'],
  reason: Reason,
  message: string = REASONS[reason],
): Condition {
  return { type, status, reason, message };
}
