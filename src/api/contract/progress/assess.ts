import type { AppKey } from '../../../lib/app-key.ts';
import { appKey } from '../../../lib/app-key.ts';
import { groupOf } from '../../../plan/model/reasons.ts';
import type { WaitTarget } from '../wire/apply.ts';
import type { App, RolloutInfo } from '../wire/apps.ts';
import { readyText, updatedText } from './amounts.ts';
import { whyBroken, whyLogLost } from './broken.ts';
import { waiting, type FailurePlace, type Progress } from './progress.ts';
import { isSettled } from './settled.ts';

/** Of the things that an app waits for. */
const HOLDS_SHOWN = 2;

/**
 * Compares a target with what is published about its app; `app` is undefined when it is not listed, `wasListed` tells
 * whether it has been before.
 */
export function assess(target: WaitTarget, app: App | undefined, wasListed = false): Progress {
  if (target.gone) {
    if (app === undefined) return { state: 'done', text: 'removed' };
    const left = app.status.holds.find(({ reason }) => reason === 'SurvivorsLeft');
    return left !== undefined
      ? { state: 'failed', text: `removed, but ${left.message}` }
      : waiting(`stopping${waitingFor(app).text}`, { step: 'stopping' });
  }
  if (app === undefined) {
    return wasListed ? { state: 'superseded', text: 'removed', revision: null } : waiting('not reported yet');
  }
  const failedRollout = failedRolloutOf(target, app);
  if (failedRollout !== null) return assessFailedRollout(failedRollout, app);
  const { status } = app;
  const failedReload = failedReloadOf(target, app);
  if (failedReload !== null) return failedReload;
  if (isSuperseded(target, app)) {
    return {
      state: 'superseded',
      text: `superseded by revision ${status.revision}`,
      revision: status.revision,
    };
  }
  // The assessment of an older generation says nothing about this one: it may be what is being mended.
  if (status.assessedGeneration < target.generation) return waiting('not taken up yet');
  const broken = whyBroken(app);
  if (broken !== null && !isInReplacement(app)) {
    if (status.health === 'CrashLoop') return crashing(broken);
    return { state: 'failed', text: broken, ...(isHeld(app) ? { isHeld: true } : {}) };
  }
  if (isSettled(target.generation, status)) {
    return { state: 'done', text: `${status.health}, ${readyText(app)}` };
  }
  const lostLog = whyLogLost(target, app);
  if (lostLog !== null) return { state: 'failed', text: lostLog };
  return assessWaiting(app);
}

function isHeld({ status }: App): boolean {
  return status.holds.some(({ reason }) => reason === 'DependencyNotReady');
}

/** Reported once, however often it crashes. */
function crashing(text: string): Progress {
  const line = `${text}; it is tried again for a while (where it needs another app first: depends_on)`;
  return { ...waiting(text, { line, step: 'crashing' }), crashing: text };
}

/**
 * A process is being replaced, or the rollout has just been found to have failed and the consequences are still to come:
 * the present state of the app is not its final one.
 */
function isInReplacement({ status: { rollout, holds, instances } }: App): boolean {
  if (rollout?.state !== 'progressing') return false;
  return (
    instances.some(({ state }) => state === 'stopping') ||
    holds.some(({ reason }) => reason === 'RolloutFailed')
  );
}

/** The rollout that was asked for, or one that followed from it, where it has failed. */
function failedRolloutOf(target: WaitTarget, { status: { rollout } }: App): RolloutInfo | null {
  if (rollout === undefined || rollout === null || rollout.generation < target.generation) return null;
  // Of a revision that came later it says nothing about ours, which did not get that far.
  if (target.revision !== undefined && rollout.revision !== target.revision) return null;
  const hasFailed = rollout.state === 'failed' || (rollout.state === 'paused' && rollout.reason !== null);
  return hasFailed ? rollout : null;
}

/** A reload that failed has replaced nothing: what runs keeps what it had, unless it has ended over it. */
function failedReloadOf(target: WaitTarget, { status: { reload } }: App): Progress | null {
  if (reload?.state !== 'failed' || reload.generation < target.generation) return null;
  const { slot, reason } = reload;
  const hasExited = ['exit', 'unfit'].includes(groupOf(reason ?? '') ?? '');
  return {
    state: 'rollout-failed',
    isReload: true,
    text: reload.message ?? 'no reason is known',
    place: { slot, hasExited },
    isPaused: false,
    now: hasExited ? 'started again where it has ended' : 'as it was, with its settings of before',
  };
}

/** Waits until it is known what the app is now: an app that was stopped first has to start again. */
function assessFailedRollout(rollout: RolloutInfo, app: App): Progress {
  const { status } = app;
  const why = rollout.message ?? 'the new version is not fit';
  const place = placeOf(rollout);
  const isPaused = rollout.state === 'paused';
  const failed = { state: 'rollout-failed', text: why, place, isPaused } as const;
  if (isPaused) return { ...failed, now: updatedText(rollout) };
  const back = `back on revision ${status.revision}`;
  if (status.assessedGeneration >= status.generation) {
    const broken = whyBroken(app);
    if (broken !== null) return { state: 'failed', text: `${why}; ${back}: ${broken}` };
    if (isSettled(status.generation, status)) return { ...failed, now: `${back}, ${readyText(app)}` };
  }
  const step = `rollout failed: ${why}; going back to revision ${status.revision}`;
  return { ...waiting(`${step}, ${readyText(app)}`, { step }), rolloutFailure: { why, ...place } };
}

function placeOf({ slot = null, reason, logLines }: RolloutInfo): FailurePlace {
  return { slot, hasExited: groupOf(reason ?? '') === 'exit', ...(logLines !== undefined && { logLines }) };
}

/** Another declaration of the app was accepted after the one that is waited for. */
function isSuperseded({ revision, generation }: WaitTarget, { status }: App): boolean {
  return revision !== undefined && status.revision !== revision && status.generation > generation;
}

function assessWaiting(app: App): Progress {
  const { status } = app;
  const { rollout } = status;
  if (rollout?.state === 'progressing' || rollout?.state === 'paused') return assessRollout(rollout, app);
  const { text, reasons } = waitingFor(app);
  const how = `${status.health}, ${readyText(app)}`;
  return { ...waiting(`${how}${text}`, { step: `${how} ${reasons}` }), ...blockerOf(app) };
}

/** The number of updated instances says more than health and readiness, which stay the same when all goes well. */
function assessRollout(rollout: RolloutInfo, app: App): Progress {
  const updated = updatedText(rollout);
  const about = { ...blockerOf(app), isRollout: true } as const;
  if (rollout.state === 'paused') {
    return { ...waiting(`${updated} (stateward rollout resume ${appKey(app.project, app.name)})`), ...about };
  }
  const { holds } = app.status;
  // The slot that is being replaced. That others follow goes without saying.
  const hold =
    holds.find(({ slot }) => slot !== null) ?? holds.find(({ reason }) => reason !== 'RolloutInProgress');
  if (hold === undefined) return { ...waiting(updated), ...about };
  const where = hold.slot === null ? '' : `slot ${hold.slot}: `;
  const text = `${updated} (${where}${hold.message})`;
  const doing = stepOf(hold.reason);
  // What a new instance still lacks changes every moment; it is reported when the wait was in vain.
  const line = doing === null ? text : `${updated}, ${where}${doing}`;
  return { ...waiting(text, { line, step: `${updated} ${where}${doing ?? hold.reason}` }), ...about };
}

/** What a new instance goes through before it counts is one step, whatever it lacks at the moment. */
function stepOf(reason: string): string | null {
  switch (groupOf(reason)) {
    case 'unready':
    case 'proving':
      return 'starting the new instance';
    case 'ending':
      return 'stopping the old instance';
    default:
      return null;
  }
}

function blockerOf({ status }: App): { readonly blockedBy?: AppKey } {
  const blockedBy = status.holds.find((hold) => hold.blockedBy !== undefined)?.blockedBy;
  return blockedBy === undefined ? {} : { blockedBy };
}

/** The first holds in brackets, one for each reason: five instances that wait for the same thing are reported once. */
function waitingFor({ status }: App): { readonly text: string; readonly reasons: string } {
  const byReason = new Map([...status.holds].reverse().map((hold) => [hold.reason, hold]));
  const holds = status.holds.filter((hold) => byReason.get(hold.reason) === hold).slice(0, HOLDS_SHOWN);
  return {
    text: holds.length === 0 ? '' : ` (${holds.map(({ message }) => message).join('; ')})`,
    reasons: holds.map(({ reason }) => reason).join(),
  };
}
