import { isSettled } from '../../api/contract/settled.ts';
import type { WaitTarget } from '../../api/contract/wire/apply.ts';
import type { App, RolloutInfo } from '../../api/contract/wire/apps.ts';
import type { AppKey } from '../../lib/app-key.ts';
import { appKey } from '../../lib/app-key.ts';
import { REASONS } from '../../plan/model/reasons.ts';
import { updatedText } from '../views/rollout.ts';

/**
 * Where one target of an apply stands.
 *
 *   waiting ──▶ done
 *      ├──────▶ failed            (the app does not work)
 *      ├──────▶ superseded        (somebody else has asked for something else since)
 *      └──────▶ rollout-failed    (the version before is kept, or has been restored)
 *
 * All but `waiting` are final for the wait, not for the app: the daemon goes on.
 */
export type Progress =
  | {
      readonly state: 'waiting';
      /** What is waited for now, with times that pass. */
      readonly text: string;
      /** What to tell when the step begins. */
      readonly line: string;
      /** Changes when there is something to tell. */
      readonly step: string;
      /** The app that has to move first, where it waits for another one. */
      readonly blockedBy?: AppKey;
      /** A rollout is under way: there is a version to go back to. */
      readonly isRollout?: true;
      /** It keeps crashing, in these words: it may heal, and is not waited for without end. */
      readonly crashing?: string;
      /** Why its rollout failed, and in which slot; what is waited for then is the version before. */
      readonly rolloutFailure?: FailurePlace & { readonly why: string };
    }
  | { readonly state: 'done'; readonly text: string }
  /** `isCrashing`: it was given time to heal. `isHeld`: it waits for another app in vain, and has nothing in its log. */
  | { readonly state: 'failed'; readonly text: string; readonly isCrashing?: true; readonly isHeld?: true }
  /** `revision` null: the app was taken out. */
  | { readonly state: 'superseded'; readonly text: string; readonly revision: number | null }
  | {
      readonly state: 'rollout-failed';
      /** Why. */
      readonly text: string;
      readonly place: FailurePlace;
      /** What the app is now: `back on revision 41, 2/2 ready`. */
      readonly now: string;
      /** Nothing was taken back: somebody is to decide. */
      readonly isPaused: boolean;
    };

/** Whether a rollout is waited for. */
export function isRollout(progress: Progress): boolean {
  return progress.state === 'waiting' && progress.isRollout === true;
}

/** Where to look for why something failed. */
export interface FailurePlace {
  /** null: everywhere. */
  readonly slot: number | null;
  /** A process has ended over it, or could not be started. */
  readonly hasExited: boolean;
  /** What the process that failed wrote last; absent: it is not known. */
  readonly logLines?: RolloutInfo['logLines'];
}

/** Where to look for why an app, or the rollout of it, has failed; null: it has not. */
export function failurePlace(progress: Progress): FailurePlace | null {
  switch (progress.state) {
    case 'failed':
      return { slot: null, hasExited: true };
    case 'rollout-failed':
      return progress.place;
    case 'waiting':
      return progress.rolloutFailure ?? null;
    default:
      return null;
  }
}

/** Of the things that an app waits for. */
const HOLDS_SHOWN = 2;
/** What a new instance goes through before it counts: one step, whatever it is short of at the moment. */
const PROVING: readonly string[] = ['NotReady', 'NotListening', 'MinUptime', 'MinReady'];
const NOT_READY_IN_TIME: readonly string[] = ['NotReady', 'NotListening'];
const EXITS: readonly string[] = ['Exited', 'Killed', 'StartFailed'];
const BROKEN: readonly string[] = ['Failed', 'CrashLoop'];

/**
 * Compares a target with what is published about its app; `app` is undefined when it is not listed, `wasListed` tells
 * whether it has been before.
 */
export function judge(target: WaitTarget, app: App | undefined, wasListed = false): Progress {
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
  if (failedRollout !== null) return judgeFailedRollout(failedRollout, app);
  const { status } = app;
  if (isSuperseded(target, app)) {
    return {
      state: 'superseded',
      text: `superseded by revision ${status.revision}`,
      revision: status.revision,
    };
  }
  // The verdict on an older generation says nothing about this one: it may be what is being mended.
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
  return judgeWaiting(app);
}

function isHeld({ status }: App): boolean {
  return status.holds.some(({ reason }) => reason === 'DependencyNotReady');
}

/** Told once, however often it crashes on. */
function crashing(text: string): Progress {
  const line = `${text}; it is tried again for a while (where it needs another app first: depends_on)`;
  return { ...waiting(text, { line, step: 'crashing' }), crashing: text };
}

/**
 * A process is on its way out for another one, or the rollout was just found to have failed, and what follows from that
 * is still to come: what the app is at this moment is not what it is going to be.
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

/** The app is told of when it is known what it is now: where it was stopped first, it has to start again. */
function judgeFailedRollout(rollout: RolloutInfo, app: App): Progress {
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
  return { slot, hasExited: EXITS.includes(reason ?? ''), ...(logLines !== undefined && { logLines }) };
}

/** Another declaration of the app was accepted after the one that is waited for. */
function isSuperseded({ revision, generation }: WaitTarget, { status }: App): boolean {
  return revision !== undefined && status.revision !== revision && status.generation > generation;
}

function judgeWaiting(app: App): Progress {
  const { status } = app;
  const { rollout } = status;
  if (rollout?.state === 'progressing' || rollout?.state === 'paused') return judgeRollout(rollout, app);
  const { text, reasons } = waitingFor(app);
  const how = `${status.health}, ${readyText(app)}`;
  return { ...waiting(`${how}${text}`, { step: `${how} ${reasons}` }), ...blockerOf(app) };
}

/** How far it is says more than health and readiness, which stay as they are when nothing goes wrong. */
function judgeRollout(rollout: RolloutInfo, app: App): Progress {
  const updated = updatedText(rollout);
  const about = { ...blockerOf(app), isRollout: true } as const;
  if (rollout.state === 'paused') {
    return { ...waiting(`${updated} (stateward rollout resume ${appKey(app.project, app.name)})`), ...about };
  }
  const { holds } = app.status;
  // Of the slots the one that is in replacement. That others come behind it needs no word.
  const hold =
    holds.find(({ slot }) => slot !== null) ?? holds.find(({ reason }) => reason !== 'RolloutInProgress');
  if (hold === undefined) return { ...waiting(updated), ...about };
  const where = hold.slot === null ? '' : `slot ${hold.slot}: `;
  const text = `${updated} (${where}${hold.message})`;
  const doing = PROVING.includes(hold.reason)
    ? 'starting the new instance'
    : hold.reason === 'Stopping' || hold.reason === 'EndingLeftovers'
      ? 'stopping the old instance'
      : null;
  // What a new instance is short of changes by the moment; it is told where it was waited for in vain.
  const line = doing === null ? text : `${updated}, ${where}${doing}`;
  return { ...waiting(text, { line, step: `${updated} ${where}${doing ?? hold.reason}` }), ...about };
}

function blockerOf({ status }: App): { readonly blockedBy?: AppKey } {
  const blockedBy = status.holds.find((hold) => hold.blockedBy !== undefined)?.blockedBy;
  return blockedBy === undefined ? {} : { blockedBy };
}

function readyText({ status }: App): string {
  return `${status.readyInstances}/${status.desiredInstances} ready`;
}

/** The first holds in brackets, one for each reason: that five instances wait for the same is said once. */
function waitingFor({ status }: App): { readonly text: string; readonly reasons: string } {
  const byReason = new Map([...status.holds].reverse().map((hold) => [hold.reason, hold]));
  const holds = status.holds.filter((hold) => byReason.get(hold.reason) === hold).slice(0, HOLDS_SHOWN);
  return {
    text: holds.length === 0 ? '' : ` (${holds.map(({ message }) => message).join('; ')})`,
    reasons: holds.map(({ reason }) => reason).join(),
  };
}

/** Not as asked for yet; a step is known by its text where nothing else is said. */
export function waiting(
  text: string,
  { line = text, step = text }: { readonly line?: string; readonly step?: string } = {},
): Extract<Progress, { state: 'waiting' }> {
  return { state: 'waiting', text, line, step };
}

/** Why it does not work and will not by itself, and nothing of a rollout is to be blamed; null: it may yet. */
function whyBroken(app: App): string | null {
  const { status } = app;
  const stuck = stuckCondition(app);
  if (stuck !== undefined) return `${status.health}, ${readyText(app)}: ${stuck.message}`;
  const final = status.holds.find(({ isFinal }) => isFinal === true);
  if (final !== undefined) return `${status.health}, ${readyText(app)}: ${final.message}`;
  return BROKEN.includes(status.health) ? `${status.health}${lastExitWords(app)}${takenPort(app)}` : null;
}

function takenPort({ status }: App): string {
  const taken = status.conditions.find(({ type, status: is }) => type === 'PortFree' && is === 'False');
  return taken === undefined ? '' : `; ${taken.message}`;
}

/** Everything else is as asked for: it serves, and its log is lost; null: it is not so. */
function whyLogLost({ generation }: WaitTarget, app: App): string | null {
  const { status } = app;
  const lost = status.problems?.find(({ reason }) => reason === 'LogWriteFailed');
  if (lost === undefined || status.health !== 'Degraded') return null;
  if (!isSettled(generation, { ...status, health: 'Healthy' })) return null;
  return `${status.health}, ${readyText(app)}: ${lost.message}`;
}

/** How the instance ended that is down, and what holds it back; what the one says already the other does not repeat. */
function lastExitWords({ status }: App): string {
  const { instances, holds } = status;
  const down = instances.find(
    ({ ready, lastExit }) => !ready && lastExit !== null && lastExit.reason !== 'StopCompleted',
  );
  const exit = down?.lastExit ?? null;
  const hold = holds.find(({ slot }) => slot === down?.slot) ?? holds[0];
  const where = down !== undefined && status.desiredInstances > 1 ? `slot ${down.slot} ` : '';
  const ended = exit === null ? '' : endedText(exit);
  if (hold === undefined) return ended === '' ? '' : `: ${where}${ended}`;
  if (ended === '' || hold.message.startsWith(ended)) return `: ${where}${hold.message}`;
  return `: ${where}${ended} (${hold.message})`;
}

type LastExit = NonNullable<App['status']['instances'][number]['lastExit']>;

function endedText({ error, signal, code, reason, note }: LastExit): string {
  if (error !== null) return `cannot be started: ${error}`;
  if (UNFIT.includes(reason)) return `was ended: ${REASONS[reason]}`;
  if (signal !== null) return `ended by ${signal}`;
  const how = code === null ? 'ended, exit code unknown' : `exited with code ${code}`;
  return note === undefined ? how : `${how}: ${note}`;
}

const UNFIT: readonly string[] = ['LivenessFailed', 'StartupFailed', 'HeartbeatMissed', 'MemoryLimit'];

/** An instance has not become ready in time: nothing goes on by itself, though others may be serving. */
function stuckCondition({ status }: App): App['status']['conditions'][number] | undefined {
  return status.conditions.find(
    ({ type, status: is, reason }) =>
      type === 'Progressing' && is === 'False' && NOT_READY_IN_TIME.includes(reason),
  );
}
