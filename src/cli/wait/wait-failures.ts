import type { RevisionInfo } from '../../api/contract/wire/revisions.ts';
import type { AppKey } from '../../lib/app-key.ts';
import { splitAppKey } from '../../lib/app-key.ts';
import type { Failure } from '../../lib/failure.ts';
import type { Api } from '../session/api.ts';
import type { FailureLog } from './failure-log.ts';
import type { Progress } from '../../api/contract/progress/progress.ts';
import type { TargetStatus } from './wait.ts';

type TargetStatusIn<S extends Progress['state']> = TargetStatus & {
  readonly progress: Extract<Progress, { state: S }>;
};

/**
 * Why a wait did not end well; null when the only problem is that it is not finished. The first failure decides the exit
 * code: apps that fail (1), then apps that somebody else has superseded (1), then failed rollouts (3), then the jobs that
 * these have failed with. So 3 means that everything else is fine.
 */
export async function waitFailures(
  statuses: readonly TargetStatus[],
  api: Api,
  log: FailureLog,
): Promise<readonly [Failure, ...Failure[]] | null> {
  const logOf = (app: AppKey): Promise<readonly string[]> => log.linesOf(app);
  const broken = inState(statuses, 'failed').filter(({ progress }) => progress.isInVain !== true);
  const inVain = inState(statuses, 'failed').filter(({ progress }) => progress.isInVain === true);
  const rollouts = statuses.flatMap(failedRollout);
  const isCause = ({ releases = [] }: TargetStatus): boolean =>
    rollouts.some(({ app }) => releases.includes(app));
  const failed = broken.filter((status) => !isCause(status));
  const jobs = broken.filter(isCause);
  const [first, ...others] = [
    ...(failed.length === 0 ? [] : [await appsFailed(failed, logOf)]),
    ...(inVain.length === 0 ? [] : [waitedInVain(inVain)]),
    ...(await Promise.all(inState(statuses, 'superseded').map((status) => superseded(status, api)))),
    ...(await Promise.all(rollouts.map((rollout) => rolloutFailed(rollout, logOf)))),
    ...(jobs.length === 0 ? [] : [await appsFailed(jobs, logOf)]),
  ];
  if (first === undefined) return null;
  const pending = pendingLines(statuses.filter((status) => failedRollout(status).length === 0));
  if (pending.length === 0) return [first, ...others];
  return [{ ...first, details: [...(first.details ?? []), ...pending] }, ...others];
}

/** What is still under way, and which apps block others: the far ends of chains of dependencies. */
export function pendingLines(statuses: readonly TargetStatus[]): readonly string[] {
  const pending = inState(statuses, 'waiting');
  const blocked = new Map<AppKey, AppKey[]>();
  for (const { app, progress } of pending) {
    const { blockedBy } = progress;
    if (blockedBy !== undefined) blocked.set(blockedBy, [...(blocked.get(blockedBy) ?? []), app]);
  }
  return [
    ...pending.map(statusLine),
    ...[...blocked].map(
      ([app, others]) => `${app} blocks ${others.sort().join(' and ')}; stateward why ${app} says more`,
    ),
  ];
}

async function appsFailed(
  failed: readonly TargetStatusIn<'failed'>[],
  logOf: (app: AppKey) => Promise<readonly string[]>,
): Promise<Failure> {
  const details: string[] = [];
  for (const status of failed) {
    details.push(statusLine(status), ...(await logOf(status.app)).map((line) => `  ${line}`));
  }
  return {
    code: 'APP_FAILED',
    message: failed.map(({ app }) => app).join(', ') + ' failed',
    details,
    hint: hintOf(failed),
  };
}

function waitedInVain(statuses: readonly TargetStatusIn<'failed'>[]): Failure {
  return {
    code: 'WAIT_IN_VAIN',
    message: `waiting for ${statuses.map(({ app }) => app).join(', ')} is in vain`,
    details: statuses.map(statusLine),
  };
}

/** The log helps only for an app that has run. */
function hintOf(failed: readonly TargetStatusIn<'failed'>[]): string {
  const [first] = failed;
  if (first?.progress.isHeld === true) return `stateward why ${first.app} says more`;
  const more = failed.some(({ progress }) => progress.isCrashing === true)
    ? '; where it needs another app first, add depends_on'
    : '';
  return `stateward logs ${first?.app ?? ''} shows more${more}`;
}

interface FailedRollout {
  readonly app: AppKey;
  readonly why: string;
  readonly now: string;
  /** Somebody is to decide: nothing was taken back. */
  readonly isPaused: boolean;
  readonly isReload: boolean;
}

function failedRollout({ app, progress }: TargetStatus): readonly FailedRollout[] {
  if (progress.state === 'rollout-failed') {
    const { text: why, now, isPaused, isReload = false } = progress;
    return [{ app, why, now, isPaused, isReload }];
  }
  if (progress.state !== 'waiting' || progress.rolloutFailure === undefined) return [];
  return [{ app, why: progress.rolloutFailure.why, now: progress.text, isPaused: false, isReload: false }];
}

async function rolloutFailed(
  { app, why, now, isPaused, isReload }: FailedRollout,
  logOf: (app: AppKey) => Promise<readonly string[]>,
): Promise<Failure> {
  return {
    code: 'ROLLOUT_FAILED',
    message: `the ${isReload ? 'reload' : 'rollout'} of ${app} failed: ${why}`,
    details: [...(await logOf(app)).map((line) => `  ${line}`), `${app} is now ${now}`],
    hint: isPaused
      ? `stateward rollout resume ${app} tries on; stateward rollback ${app} goes back`
      : `stateward logs ${app} shows more; what was mended is tried again by ${isReload ? `stateward reload ${app}` : 'the next apply'}`,
  };
}

async function superseded({ app, progress }: TargetStatusIn<'superseded'>, api: Api): Promise<Failure> {
  const by = progress.revision === null ? '' : await acceptedBy(app, progress.revision, api);
  return {
    code: 'SUPERSEDED',
    message: `${app} was ${progress.text}${by} before it was as asked for`,
    hint: `stateward history ${app} shows what was accepted`,
  };
}

/** ` (apply by ann)`; empty when the revision cannot be read, because the failure itself matters more. */
async function acceptedBy(app: AppKey, revision: number, api: Api): Promise<string> {
  const list = await api.revisions({ project: splitAppKey(app).project });
  const found: RevisionInfo | undefined = list.ok
    ? list.value.items.find((item) => item.revision === revision)
    : undefined;
  if (found === undefined) return '';
  const [verb = ''] = found.command.split(' ');
  return ` (${verb} by ${found.by})`;
}

function statusLine({ app, progress }: TargetStatus): string {
  return `${app}: ${progress.text}`;
}

function inState<S extends Progress['state']>(
  statuses: readonly TargetStatus[],
  state: S,
): readonly TargetStatusIn<S>[] {
  return statuses.filter((status): status is TargetStatusIn<S> => status.progress.state === state);
}
