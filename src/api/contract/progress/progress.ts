import type { RolloutInfo } from '../wire/apps.ts';
import type { AppKey } from '../../../lib/app-key.ts';

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
  /**
   * `isCrashing`: it was given time to heal. `isHeld`: it waits for another app in vain, and has nothing in its log.
   * `isInVain`: it works as it is meant to, and does not come to what is waited for.
   */
  | {
      readonly state: 'failed';
      readonly text: string;
      readonly isCrashing?: true;
      readonly isHeld?: true;
      readonly isInVain?: true;
    }
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
      /** It is a reload that has failed: no process was to be replaced. */
      readonly isReload?: true;
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

/** Not as asked for yet; a step is known by its text where nothing else is said. */
export function waiting(
  text: string,
  { line = text, step = text }: { readonly line?: string; readonly step?: string } = {},
): Extract<Progress, { state: 'waiting' }> {
  return { state: 'waiting', text, line, step };
}
