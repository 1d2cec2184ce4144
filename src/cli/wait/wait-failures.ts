import type { RevisionInfo } from '../../api/contract/wire/revisions.ts';
import type { AppKey } from '../../lib/app-key.ts';
import { splitAppKey } from '../../lib/app-key.ts';
import type { Failure } from '../../lib/failure.ts';
import type { Api } from '../session/api.ts';
import type { FailureLog } from './failure-log.ts';
import type { Progress } from './judge.ts';
import type { Standing } from './wait.ts';

type StandingOf<S extends Progress['state']> = Standing & {
  readonly progress: Extract<Progress, { state: S }>;
};

/**
 * Why a wait did not end well, or null when nothing is worse than not being finished. The exit code is that of the first:
 * apps that fail (1), then what somebody else has superseded (1), then rollouts that failed (3), so that 3 says that
 * everything else is fine.
 */
export async function waitFailures(
  standings: readonly Standing[],
  api: Api,
  log: FailureLog,
): Promise<readonly [Failure, ...Failure[]] | null> {
  const logOf = (app: AppKey): Promise<readonly string[]> => log.linesOf(app);
  const failed = inState(standings, 'failed');
  const rollouts = standings.flatMap(failedRollout);
  const [first, ...others] = [
    ...(failed.length === 0 ? [] : [await appsFailed(failed, logOf)]),
    ...(await Promise.all(inState(standings, 'superseded').map((standing) => superseded(standing, api)))),
    ...(await Promise.all(rollouts.map((rollout) => rolloutFailed(rollout, logOf)))),
  ];
  if (first === undefined) return null;
  const pending = pendingLines(standings.filter((standing) => failedRollout(standing).length === 0));
  if (pending.length === 0) return [first, ...others];
  return [{ ...first, details: [...(first.details ?? []), ...pending] }, ...others];
}

/** What is still under way, and who keeps others from going on: the far ends of chains of dependencies. */
export function pendingLines(standings: readonly Standing[]): readonly string[] {
  const pending = inState(standings, 'waiting');
  const blocked = new Map<AppKey, AppKey[]>();
  for (const { app, progress } of pending) {
    const { blockedBy } = progress;
    if (blockedBy !== undefined) blocked.set(blockedBy, [...(blocked.get(blockedBy) ?? []), app]);
  }
  return [
    ...pending.map(standingLine),
    ...[...blocked].map(
      ([app, others]) => `${app} blocks ${others.sort().join(' and ')}; stateward why ${app} says more`,
    ),
  ];
}

async function appsFailed(
  failed: readonly StandingOf<'failed'>[],
  logOf: (app: AppKey) => Promise<readonly string[]>,
): Promise<Failure> {
  const details: string[] = [];
  for (const standing of failed) {
    details.push(standingLine(standing), ...(await logOf(standing.app)).map((line) => `  ${line}`));
  }
  return {
    code: 'APP_FAILED',
    message: failed.map(({ app }) => app).join(', ') + ' failed',
    details,
    hint: hintOf(failed),
  };
}

/** The log says more only of what has run. */
function hintOf(failed: readonly StandingOf<'failed'>[]): string {
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
}

function failedRollout({ app, progress }: Standing): readonly FailedRollout[] {
  if (progress.state === 'rollout-failed') {
    return [{ app, why: progress.text, now: progress.now, isPaused: progress.isPaused }];
  }
  if (progress.state !== 'waiting' || progress.rolloutFailure === undefined) return [];
  return [{ app, why: progress.rolloutFailure.why, now: progress.text, isPaused: false }];
}

async function rolloutFailed(
  { app, why, now, isPaused }: FailedRollout,
  logOf: (app: AppKey) => Promise<readonly string[]>,
): Promise<Failure> {
  return {
    code: 'ROLLOUT_FAILED',
    message: `the rollout of ${app} failed: ${why}`,
    details: [...(await logOf(app)).map((line) => `  ${line}`), `${app} is now ${now}`],
    hint: isPaused
      ? `stateward rollout resume ${app} tries on; stateward rollback ${app} goes back`
      : `stateward logs ${app} shows more; what was mended is tried again by the next apply`,
  };
}

async function superseded({ app, progress }: StandingOf<'superseded'>, api: Api): Promise<Failure> {
  const by = progress.revision === null ? '' : await acceptedBy(app, progress.revision, api);
  return {
    code: 'SUPERSEDED',
    message: `${app} was ${progress.text}${by} before it was as asked for`,
    hint: `stateward history ${app} shows what was accepted`,
  };
}

/** ` (apply by ann)`; nothing where the revision cannot be asked for, since what it is shown with is what matters. */
async function acceptedBy(app: AppKey, revision: number, api: Api): Promise<string> {
  const list = await api.revisions({ project: splitAppKey(app).project });
  const found: RevisionInfo | undefined = list.ok
    ? list.value.items.find((item) => item.revision === revision)
    : undefined;
  if (found === undefined) return '';
  const [verb = ''] = found.command.split(' ');
  return ` (${verb} by ${found.by})`;
}

function standingLine({ app, progress }: Standing): string {
  return `${app}: ${progress.text}`;
}

function inState<S extends Progress['state']>(
  standings: readonly Standing[],
  state: S,
): readonly StandingOf<S>[] {
  return standings.filter((standing): standing is StandingOf<S> => standing.progress.state === state);
}
