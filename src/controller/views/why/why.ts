import type { WhyDocument } from '../../../api/contract/wire/why.ts';
import { describeExit } from '../../../plan/slots/restart-policy.ts';
import type { Reason } from '../../../plan/model/reasons.ts';
import { isScheduled } from '../../../plan/slots/schedule.ts';
import type { Hold } from '../../../plan/model/actions.ts';
import type { HealthStatus } from '../../../plan/model/health.ts';
import { runMode } from '../../../plan/slots/effective.ts';
import { problemsOf, syncOf } from '../app-view.ts';
import { viewDrift } from '../drift/drift-view.ts';
import { runningCode } from '../code-view.ts';
import { saidBy } from '../instance/said-by.ts';
import { toRfc3339, viewHold } from '../wire-values.ts';

import { causeOf, lastRestart, rolloutFact } from './cause.ts';
import { newestExit, reasonOfExit, tellingExit } from './exits.ts';
import type { WhyInput } from './input.ts';
import { nextCommands } from './next-commands.ts';

/** Why an app is as it is, from what is on record. Pure. */
export function explainApp(input: WhyInput): WhyDocument {
  const { app, status } = input;
  const health = status?.health.health ?? 'Missing';
  const lastExit = tellingExit(input);
  const since = sinceWhen(health, input);
  return {
    apiVersion: 'v1',
    kind: 'Why',
    app: app.key,
    sync: status === undefined ? 'Unknown' : syncOf(status),
    health,
    readyInstances: status?.health.readyInstances ?? 0,
    desiredInstances: status?.health.desiredInstances ?? app.spec.instances,
    since: since === null ? null : toRfc3339(since),
    cause: causeOf(input),
    ...problemFacts(input),
    ...unproblematicDrift(input),
    ...codeFacts(input),
    ...whatTheySay(input),
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

function codeFacts({ instances, status }: WhyInput): Pick<WhyDocument, 'code' | 'codeNewer'> {
  const code = runningCode(instances);
  const newer = status?.health.conditions.find(({ reason }) => reason === 'CodeNotCompared');
  return {
    ...(code.length > 0 && { code }),
    ...(newer !== undefined && { codeNewer: newer.message }),
  };
}

function whatTheySay({ instances }: WhyInput): Pick<WhyDocument, 'says'> {
  const says = instances
    .filter(({ state }) => state !== 'exited')
    .flatMap((instance) => {
      const said = saidBy(instance).says;
      return said === undefined ? [] : [{ slot: instance.slot, says: said }];
    });
  return says.length === 0 ? {} : { says };
}

function problemFacts({ status }: WhyInput): Pick<WhyDocument, 'problems'> {
  const problems = status === undefined ? [] : problemsOf(status);
  if (problems.length === 0) return {};
  return { problems: problems.map(({ reason, message, since }) => ({ reason, message, at: since })) };
}

/** What is a problem has been said. */
function unproblematicDrift({ app, status }: WhyInput): Pick<WhyDocument, 'drift'> {
  const told = new Set(status === undefined ? [] : problemsOf(status).map(({ reason }) => reason));
  const drift = (viewDrift(app, status).drift ?? []).filter(({ reason }) => !told.has(reason));
  return drift.length === 0 ? {} : { drift };
}

/** What an app at rest waits for: the planner holds nothing back, the app is just not due. */
function restHolds(health: HealthStatus, { app, status, nextRun }: WhyInput): readonly Hold[] {
  const { key, spec, override } = app;
  const hold = (reason: Reason, message: string, until: number | null): readonly Hold[] => [
    { key, slot: null, reason, message, until },
  ];
  if (health === 'Stopped' && runMode(spec, override) === 'idle')
    return hold('NotAutostarted', 'autostart is off, and nobody has started it', null);
  if (nextRun === null || !isScheduled(spec) || status?.health.desiredInstances !== 0) return [];
  return hold('WaitsForSchedule', `the next time of its schedule ${JSON.stringify(spec.schedule)}`, nextRun);
}

/** Since when, from durable records where they say it: a new controller is not news. */
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
