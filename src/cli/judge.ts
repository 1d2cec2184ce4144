import { isSettled } from '../api/settled.ts';
import type { App, RolloutInfo, WaitTarget } from '../api/wire.ts';
import type { AppKey } from '../lib/app-key.ts';
import { appKey } from '../lib/app-key.ts';
import { updatedText } from './views/rollout.ts';

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
      /** The same without them: it changes when there is something to tell. */
      readonly step: string;
      /** The app that has to move first, where it waits for another one. */
      readonly blockedBy?: AppKey;
      /** A rollout is under way: there is a version to go back to. */
      readonly isRollout?: true;
      /** Why its rollout failed; what is waited for then is the version before. */
      readonly rolloutFailure?: string;
    }
  | { readonly state: 'done'; readonly text: string }
  | { readonly state: 'failed'; readonly text: string }
  | { readonly state: 'superseded'; readonly text: string; readonly revision: number }
  | {
      readonly state: 'rollout-failed';
      /** Why. */
      readonly text: string;
      /** What the app is now: `back on revision 41, 2/2 ready`. */
      readonly now: string;
      /** Nothing was taken back: somebody is to decide. */
      readonly isPaused: boolean;
    };

/** Whether an app, or the rollout of it, has failed: its log says more. */
export function hasFailed(progress: Progress): boolean {
  return (
    progress.state === 'failed' ||
    progress.state === 'rollout-failed' ||
    (progress.state === 'waiting' && progress.rolloutFailure !== undefined)
  );
}

/** Of the things that an app waits for. */
const HOLDS_SHOWN = 2;
/** What a new instance goes through before it counts: one step, whatever it is short of at the moment. */
const PROVING: readonly string[] = ['NotReady', 'NotListening', 'MinUptime', 'MinReady'];
const BROKEN: readonly string[] = ['Failed', 'CrashLoop'];

/** Compares a target with what is published about its app; `app` is undefined when it is not listed. */
export function judge(target: WaitTarget, app: App | undefined): Progress {
  if (target.gone) {
    return app === undefined
      ? { state: 'done', text: 'removed' }
      : waiting(`stopping${waitingFor(app).text}`, 'stopping');
  }
  if (app === undefined) return waiting('not reported yet');
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
  if (broken !== null) return { state: 'failed', text: broken };
  if (isSettled(target.generation, status)) {
    return { state: 'done', text: `${status.health}, ${readyText(app)}` };
  }
  return judgeWaiting(app);
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
  const isPaused = rollout.state === 'paused';
  if (isPaused) return { state: 'rollout-failed', text: why, now: updatedText(rollout), isPaused };
  const back = `back on revision ${status.revision}`;
  if (status.assessedGeneration >= status.generation) {
    const broken = whyBroken(app);
    if (broken !== null) return { state: 'failed', text: `${why}; ${back}: ${broken}` };
    if (isSettled(status.generation, status)) {
      return { state: 'rollout-failed', text: why, now: `${back}, ${readyText(app)}`, isPaused };
    }
  }
  const text = `rollout failed: ${why}; going back to revision ${status.revision}`;
  return { ...waiting(`${text}, ${readyText(app)}`, text), rolloutFailure: why };
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
  return { ...waiting(`${how}${text}`, `${how} ${reasons}`), ...blockerOf(app) };
}

/** How far it is says more than health and readiness, which stay as they are when nothing goes wrong. */
function judgeRollout(rollout: RolloutInfo, app: App): Progress {
  const updated = updatedText(rollout);
  const about = { ...blockerOf(app), isRollout: true } as const;
  if (rollout.state === 'paused') {
    return { ...waiting(`${updated} (stateward rollout resume ${appKey(app.project, app.name)})`), ...about };
  }
  // Of the slots the one that is in replacement; what is said of the whole app counts those behind it.
  const { holds } = app.status;
  const hold = holds.find(({ slot }) => slot !== null) ?? holds[0];
  if (hold === undefined) return { ...waiting(updated), ...about };
  const where = hold.slot === null ? '' : `slot ${hold.slot}: `;
  const doing = PROVING.includes(hold.reason) ? 'Proving' : hold.reason;
  return { ...waiting(`${updated} (${where}${hold.message})`, `${updated} ${where}${doing}`), ...about };
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

/** Nothing but that it is not so yet. */
export function waiting(text: string, step = text): Extract<Progress, { state: 'waiting' }> {
  return { state: 'waiting', text, step };
}

/** Why it does not work and will not by itself, and nothing of a rollout is to be blamed; null: it may yet. */
function whyBroken(app: App): string | null {
  const { status } = app;
  const stuck = stuckCondition(app);
  if (stuck !== undefined) return `${status.health}, ${readyText(app)}: ${stuck.message}`;
  return BROKEN.includes(status.health) ? `${status.health}${lastExitWords(app)}` : null;
}

/** The first thing that is said about why: how it ended, and a hold. */
function lastExitWords({ status }: App): string {
  const exit = status.instances.map(({ lastExit }) => lastExit).find((last) => last !== null);
  if (exit?.error !== null && exit?.error !== undefined) return `: ${exit.error}`;
  const ended =
    exit === undefined
      ? ''
      : exit.signal === null
        ? `: exited with code ${exit.code ?? 'unknown'}`
        : `: ended by ${exit.signal}`;
  const [hold] = status.holds;
  return hold === undefined ? ended : `${ended} (${hold.message})`;
}

/** An instance has not become ready in time: nothing goes on by itself, though others may be serving. */
function stuckCondition({ status }: App): App['status']['conditions'][number] | undefined {
  return status.conditions.find(
    ({ type, status: is, reason }) => type === 'Progressing' && is === 'False' && reason === 'NotReady',
  );
}
