import { wantsSchedule } from '../../../plan/slots/restart-policy.ts';
import type { DesiredApp } from '../../../plan/model/desired.ts';
import type { HealthStatus } from '../../../plan/model/health.ts';
import { runMode } from '../../../plan/slots/effective.ts';

import { tellingExit } from './exits.ts';
import type { WhyInput } from './input.ts';

/** What to type next. */
export function nextCommands(health: HealthStatus, input: WhyInput): readonly string[] {
  const { app, status } = input;
  const { key } = app;
  const exit = tellingExit(input)?.exit ?? null;
  const holds = status?.holds ?? [];
  if (
    status === undefined ||
    holds.some(({ reason }) => reason === 'RunnerUnreachable' || reason === 'RunnerSilent')
  )
    return ['stateward doctor', 'stateward daemon status'];
  if (app.rollout?.paused != null) {
    const back = app.rollout.paused.failure === null ? [] : [`stateward logs ${key} --err --lines 50`];
    return [...back, `stateward rollout resume ${key}`, `stateward rollback ${key}`];
  }
  const blockedBy = holds.find((hold) => hold.blockedBy !== undefined)?.blockedBy;
  if (blockedBy !== undefined) return [`stateward why ${blockedBy}`];
  const isServing = status.health.readyInstances === status.health.desiredInstances;
  if (health === 'Degraded' && isServing && status.health.desiredInstances > 0)
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

function scheduleAdvice({ spec }: DesiredApp): string {
  const times = JSON.stringify(spec.cron_restart);
  return `in the file, schedule: ${times} in place of cron_restart: then it runs at these times and may end`;
}
