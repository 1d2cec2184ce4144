import type { WhyDocument, WhyFact } from '../../api/contract/wire/why.ts';
import { describeExit, exitReason, wantsSchedule } from '../../plan/slots/restart-policy.ts';
import { wasAskedFor } from '../../plan/slots/exits.ts';
import type { Reason } from '../../plan/model/reasons.ts';
import { isScheduled } from '../../plan/slots/schedule.ts';
import type {
  DesiredApp,
  HealthStatus,
  Hold,
  InstanceExit,
  ObservedInstance,
  SlotHistory,
} from '../../plan/model/types.ts';
import { runMode, specFor } from '../../plan/slots/effective.ts';
import { isReady } from '../../plan/slots/readiness.ts';
import type { PublishedStatus } from '../../reconcile/status-table.ts';
import type { Revision } from '../../state/model/types.ts';
import { problemsOf, syncOf } from './app-view.ts';
import { runningCode } from './code-view.ts';
import { madeBy } from './made-by.ts';
import { viewRollout } from './rollout-view.ts';
import { toRfc3339, viewHold } from './wire-values.ts';

export interface WhyInput {
  readonly app: DesiredApp;
  readonly status: PublishedStatus | undefined;
  readonly instances: readonly ObservedInstance[];
  readonly history: readonly SlotHistory[];
  /** When its schedule comes due next, epoch milliseconds; null: it has none, or is stopped. */
  readonly nextRun: number | null;
  /** The revision that declared the app as it is; undefined: not kept any more. */
  readonly revision: Pick<Revision, 'by' | 'command' | 'commit' | 'at'> | undefined;
}

/** Why an app is as it is, from what is on record. Pure. */
export function explainApp(input: WhyInput): WhyDocument {
  const { app, status } = input;
  const health = status?.verdict.health ?? 'Missing';
  const lastExit = tellingExit(input);
  const since = sinceWhen(health, input);
  return {
    apiVersion: 'v1',
    kind: 'Why',
    app: app.key,
    sync: status === undefined ? 'Unknown' : syncOf(status),
    health,
    readyInstances: status?.verdict.readyInstances ?? 0,
    desiredInstances: status?.verdict.desiredInstances ?? app.spec.instances,
    since: since === null ? null : toRfc3339(since),
    cause: causeOf(input),
    ...problemFacts(input),
    ...codeFacts(input),
    rollout: rolloutFact(input),
    lastRestart: lastRestart(app),
    lastExit: lastExit && {
      slot: lastExit.slot,
      reason: reasonOfExit(lastExit.exit, app),
      message: describeExit(lastExit.exit),
      at: toRfc3339(lastExit.exit.at),
    },
    waits: [...(status?.holds ?? []), ...restHolds(health, input)].map((hold) => {
      const { key: _key, ...wait } = viewHold(hold);
      return wait;
    }),
    next: nextCommands(health, input),
  };
}

function codeFacts({ instances }: WhyInput): Pick<WhyDocument, 'code'> {
  const code = runningCode(instances);
  return code.length === 0 ? {} : { code };
}

function problemFacts({ status }: WhyInput): Pick<WhyDocument, 'problems'> {
  const problems = status === undefined ? [] : problemsOf(status);
  if (problems.length === 0) return {};
  return { problems: problems.map(({ reason, message, since }) => ({ reason, message, at: since })) };
}

/** What an app at rest waits for: the planner holds nothing back, it is just not due. */
function restHolds(health: HealthStatus, { app, status, nextRun }: WhyInput): readonly Hold[] {
  const { key, spec, override } = app;
  const hold = (reason: Reason, message: string, until: number | null): readonly Hold[] => [
    { key, slot: null, reason, message, until },
  ];
  if (health === 'Stopped' && runMode(spec, override) === 'idle')
    return hold('NotAutostarted', 'autostart is off, and nobody has started it', null);
  if (nextRun === null || !isScheduled(spec) || status?.verdict.desiredInstances !== 0) return [];
  return hold('WaitsForSchedule', `the next time of its schedule ${JSON.stringify(spec.schedule)}`, nextRun);
}

function reasonOfExit(exit: InstanceExit, { spec }: DesiredApp): Reason {
  if (exit.killed === true) return 'KillTimeout';
  if (wasAskedFor(exit)) return 'StopCompleted';
  return exit.code !== null && spec.stop_exit_codes.includes(exit.code) ? 'StopExitCode' : exitReason(exit);
}

/** The exit of an instance that is down, where one is; else the newest. */
function tellingExit({ app, instances, history }: WhyInput): ReturnType<typeof newestExit> {
  const isUp = (slot: number): boolean =>
    instances.some((one) => one.slot === slot && isReady(one, specFor(one, app)));
  const down = history.filter(
    ({ slot, lastExit }) => lastExit !== null && !wasAskedFor(lastExit) && !isUp(slot),
  );
  return newestExit(down) ?? newestExit(history);
}

function newestExit(
  history: readonly SlotHistory[],
): { readonly slot: number; readonly exit: InstanceExit } | null {
  return history
    .flatMap(({ slot, lastExit }) => (lastExit === null ? [] : [{ slot, exit: lastExit }]))
    .reduce<{ slot: number; exit: InstanceExit } | null>(
      (newest, one) => (newest === null || one.exit.at > newest.exit.at ? one : newest),
      null,
    );
}

/** From what is durable where that tells, so that a new controller does not look like news. */
function sinceWhen(health: HealthStatus, { app, status, instances, history }: WhyInput): number | null {
  const exit = newestExit(history)?.exit.at ?? null;
  const ready = status?.conditionSince.Ready ?? null;
  switch (health) {
    case 'Healthy':
      return newest(instances.filter(({ state }) => state === 'running').map(({ startedAt }) => startedAt));
    case 'Stopped':
      return app.override?.at ?? exit ?? ready;
    case 'CrashLoop':
      return oldest(history.flatMap(({ unstableExits }) => unstableExits.slice(0, 1))) ?? exit;
    case 'Failed':
    case 'Completed':
      return exit ?? ready;
    default:
      return status?.conditionSince.Progressing ?? ready;
  }
}

function newest(times: readonly number[]): number | null {
  return times.length === 0 ? null : Math.max(...times);
}

function oldest(times: readonly number[]): number | null {
  return times.length === 0 ? null : Math.min(...times);
}

/** The newest of: an operator's override, a restart, the revision. */
function causeOf({ app, revision }: WhyInput): WhyFact | null {
  const { override } = app;
  const facts = [
    ...(revision === undefined ? [] : [revisionFact(app, revision)]),
    ...(override === null
      ? []
      : [{ reason: overrideReason(override), message: overrideText(override), at: override.at }]),
    ...(app.lastRestart === null ? [] : [{ ...restartFact(app.lastRestart) }]),
  ];
  // Of two at once the later in the list: a start is an override and a restart.
  const [last] = [...facts].reverse().sort((a, b) => b.at - a.at);
  return last === undefined ? null : { ...last, at: toRfc3339(last.at) };
}

function rolloutFact({ app, instances, status }: WhyInput): WhyFact | null {
  const desired = status?.verdict.desiredInstances ?? app.spec.instances;
  const info = viewRollout(app, instances, desired);
  if (info === null) return null;
  const { state, updatedInstances, totalInstances, message, pausedBy, startedAt, endedAt } = info;
  const at = endedAt ?? startedAt ?? toRfc3339(0);
  const far = `${updatedInstances} of ${totalInstances} updated`;
  switch (state) {
    case 'progressing':
      return { reason: 'RolloutInProgress', message: `revision ${info.revision}: ${far}`, at };
    case 'paused':
      return message === null
        ? { reason: 'RolloutPaused', message: `paused by ${pausedBy ?? 'nobody'}, ${far}`, at }
        : {
            reason: 'RolloutFailed',
            message: `revision ${info.revision} failed and waits, ${far}: ${message}`,
            at,
          };
    case 'failed':
      return { reason: 'RolledBack', message: `${failedText(app, info.revision)}: ${message ?? ''}`, at };
    default:
      return null;
  }
}

/** What has failed, and what the app is now. */
function failedText({ lastRollout, templateHash, revision }: DesiredApp, failed: number): string {
  if (lastRollout?.templateHash === templateHash) return 'the last restart was taken back';
  return `revision ${failed} failed, the app is back on revision ${revision}`;
}

function revisionFact({ revision }: DesiredApp, made: NonNullable<WhyInput['revision']>) {
  return {
    reason: 'ProjectApplied' as const,
    message: `revision ${revision}: ${made.command} (${madeBy(made)})`,
    at: made.at,
  };
}

function restartFact({ reason, detail, at }: NonNullable<DesiredApp['lastRestart']>) {
  return { reason, message: restartText(reason, detail), at };
}

function lastRestart({ lastRestart: last }: DesiredApp): WhyFact | null {
  return last === null ? null : { reason: last.reason, message: last.detail, at: toRfc3339(last.at) };
}

function overrideReason({ run }: NonNullable<DesiredApp['override']>): WhyFact['reason'] {
  if (run === undefined) return 'ScaledByOperator';
  return run === 'stopped' ? 'StoppedByOperator' : 'StartedByOperator';
}

function overrideText({ run, instances, by }: NonNullable<DesiredApp['override']>): string {
  const what = [
    ...(run === undefined ? [] : [run === 'stopped' ? 'stopped' : 'started']),
    ...(instances === undefined ? [] : [`scaled to ${instances}`]),
  ];
  return `${what.join(' and ')} by ${by}; the next apply resets it`;
}

function nextCommands(health: HealthStatus, input: WhyInput): readonly string[] {
  const { app, status } = input;
  const { key } = app;
  const exit = tellingExit(input)?.exit ?? null;
  const holds = status?.holds ?? [];
  if (status === undefined || holds.some(({ reason }) => reason === 'RunnerUnreachable'))
    return ['stateward doctor', 'stateward daemon status'];
  if (app.rollout?.paused != null) {
    const back = app.rollout.paused.failure === null ? [] : [`stateward logs ${key} --err --lines 50`];
    return [...back, `stateward rollout resume ${key}`, `stateward rollback ${key}`];
  }
  const blockedBy = holds.find((hold) => hold.blockedBy !== undefined)?.blockedBy;
  if (blockedBy !== undefined) return [`stateward why ${blockedBy}`];
  const isServing = status.verdict.readyInstances === status.verdict.desiredInstances;
  if (health === 'Degraded' && isServing && status.verdict.desiredInstances > 0)
    return [`stateward describe ${key}`, `stateward events ${key}`];
  switch (health) {
    case 'Failed':
    case 'CrashLoop':
    case 'Degraded':
      if (exit !== null && wantsSchedule(exit, app.spec)) return [scheduleAdvice(app)];
      return [`stateward logs ${key} --err --lines 50`, `stateward restart ${key}`];
    case 'Stopped':
      return runMode(app.spec, app.override) === 'running' ? [] : [`stateward start ${key}`];
    case 'Progressing':
    case 'Missing':
      return [`stateward events -w ${key}`];
    case 'Completed':
      return [`stateward logs ${key}`, `stateward restart ${key}`];
    case 'Healthy':
    case 'Suspended':
      return [`stateward describe ${key}`];
  }
}

function restartText(reason: Reason, detail: string): string {
  if (reason === 'ScheduledRun') return detail;
  return reason === 'CodeChanged' ? `code: ${detail}` : `restart: ${detail}`;
}

function scheduleAdvice({ spec }: DesiredApp): string {
  const times = JSON.stringify(spec.cron_restart);
  return `in the file, schedule: ${times} in place of cron_restart: then it runs at these times and may end`;
}
