import type { WhyFact } from '../../../api/contract/wire/why.ts';
import type { Reason } from '../../../plan/model/reasons.ts';
import type { DesiredApp } from '../../../plan/model/desired.ts';
import { madeBy } from '../made-by.ts';
import { viewRollout } from '../rollout-view.ts';
import { toRfc3339 } from '../wire-values.ts';

import type { WhyInput } from './input.ts';

/** The newest of: an operator's override, a restart, the revision. */
export function causeOf({ app, revision }: WhyInput): WhyFact | null {
  const { override } = app;
  const facts = [
    ...(revision === undefined ? [] : [revisionFact(app, revision)]),
    ...(override === null
      ? []
      : [{ reason: overrideReason(override), message: overrideText(override), at: override.at }]),
    ...(app.lastRestart === null ? [] : [{ ...restartFact(app.lastRestart) }]),
  ];
  // Of two at the same time, the later in the list: a start is an override and a restart.
  const [last] = [...facts].reverse().sort((a, b) => b.at - a.at);
  return last === undefined ? null : { ...last, at: toRfc3339(last.at) };
}

export function rolloutFact({ app, instances, status }: WhyInput): WhyFact | null {
  const desired = status?.health.desiredInstances ?? app.spec.instances;
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

export function lastRestart({ lastRestart: last }: DesiredApp): WhyFact | null {
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

function restartText(reason: Reason, detail: string): string {
  if (reason === 'ScheduledRun') return detail;
  if (reason === 'SecretRotated') return `secret: ${detail}`;
  return reason === 'CodeChanged' ? `code: ${detail}` : `restart: ${detail}`;
}
