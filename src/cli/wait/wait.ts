import type { WaitTarget } from '../../api/contract/wire/apply.ts';
import type { AppList } from '../../api/contract/wire/apps.ts';
import type { AppKey } from '../../lib/app-key.ts';
import { appKey } from '../../lib/app-key.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import { FailureError } from '../../lib/failure.ts';
import { assess } from '../../api/contract/progress/assess.ts';
import type { Assess } from './goals.ts';
import { waiting } from '../../api/contract/progress/progress.ts';
import type { Progress } from '../../api/contract/progress/progress.ts';

/** How the wait ended, with the status of its targets. */
export type WaitOutcome =
  | { readonly kind: 'converged' }
  /** Something is not as asked for, and waiting will not make it so. */
  | { readonly kind: 'failed'; readonly statuses: readonly TargetStatus[] }
  /** `lost`: no daemon has answered for long. */
  | { readonly kind: 'timeout' | 'interrupted' | 'lost'; readonly statuses: readonly TargetStatus[] };

export interface TargetStatus {
  readonly app: AppKey;
  readonly progress: Progress;
  /** Of a job: the apps whose rollout fails when it does. Absent: none. */
  readonly releases?: readonly AppKey[] | undefined;
}

export interface WaitOptions {
  readonly targets: readonly WaitTarget[];
  /** Where a target stands. Absent: it is to be as an apply has asked for. */
  readonly assess?: Assess | undefined;
  /** Whether what is known is enough, whatever the others come to. Absent: never. */
  readonly isEnough?: ((known: ReadonlyMap<AppKey, Progress>) => boolean) | undefined;
  /** Lists of the targets' apps: one now, and one after every change. Called again when the stream breaks. */
  readonly watch: () => AsyncIterable<AppList>;
  /** Called when there is something to report about an app: once a step, not every second. */
  readonly onProgress: (app: AppKey, progress: Progress) => void;
  /** Called after every list with where all of them are, times that pass included. */
  readonly onState?: (known: ReadonlyMap<AppKey, Progress>) => void;
  /** Resolves when waiting is to end early: `timeout` or `interrupted`. */
  readonly cutOff: Promise<'timeout' | 'interrupted'>;
  readonly clock: Pick<Clock, 'after' | 'monotonic'>;
  /** Resolves after the pause before a broken stream is opened again. */
  readonly pause: () => Promise<void>;
}

/** An app that keeps crashing may only need something that is about to start. After this long its pauses are long too. */
const CRASHING_MS = 10_000;
/** How long the others are still waited for after the first app has failed. */
const OTHERS_MS = 30_000;
/** A daemon that is replaced, or started again after a crash, answers by then. */
const LOST_MS = 30_000;

/**
 * Waits until every target has converged or is gone, or `cutOff` resolves. A target that has failed or was superseded does
 * not end the wait for the others, except for those that depend on it. A stream that ends or breaks (a daemon being
 * replaced) is opened again, until no daemon has answered for `LOST_MS`.
 */
export async function waitForTargets(options: WaitOptions): Promise<WaitOutcome> {
  const { targets, clock } = options;
  const known: Known = {
    progress: new Map(),
    listed: new Set(),
    crashingSince: new Map(),
    failedSince: null,
  };
  if (targets.length === 0) return { kind: 'converged' };
  const cutOff = options.cutOff.then((kind) => ({ kind }));
  let silentSince: number | null = null;
  for (;;) {
    const stream = options.watch()[Symbol.asyncIterator]();
    let coming = nextOf(stream);
    for (;;) {
      const timer = timerOf(known, clock);
      const next = await Promise.race([coming, cutOff, timer.fired]);
      timer.cancel();
      if ('kind' in next && next.kind !== 'due') {
        endQuietly(stream);
        return { kind: next.kind, statuses: statusesOf(targets, known.progress) };
      }
      if (!('kind' in next)) {
        if (next.done === true) break;
        silentSince = null;
        takeIn(next.value, known, options);
        options.onState?.(known.progress);
        coming = nextOf(stream);
      }
      const outcome = conclude(known, options);
      if (outcome !== null) {
        endQuietly(stream);
        return outcome;
      }
    }
    silentSince ??= clock.monotonic();
    if (clock.monotonic() - silentSince >= LOST_MS) {
      return { kind: 'lost', statuses: statusesOf(targets, known.progress) };
    }
    const interrupted = await Promise.race([options.pause(), cutOff]);
    if (interrupted !== undefined) {
      return { kind: interrupted.kind, statuses: statusesOf(targets, known.progress) };
    }
  }
}

/** What is known about the targets so far. */
interface Known {
  readonly progress: Map<AppKey, Progress>;
  readonly listed: Set<AppKey>;
  /** Since when each has been crashing without recovering in between. Monotonic time, like `failedSince`. */
  readonly crashingSince: Map<AppKey, number>;
  failedSince: number | null;
}

/** Resolves when time alone ends the wait for an app. */
function timerOf(
  { crashingSince, failedSince, progress }: Known,
  clock: WaitOptions['clock'],
): { readonly fired: Promise<{ readonly kind: 'due' }>; cancel(): void } {
  const ends = [...crashingSince].flatMap(([app, since]) =>
    progress.get(app)?.state === 'failed' ? [] : [since + CRASHING_MS],
  );
  if (failedSince !== null) ends.push(failedSince + OTHERS_MS);
  if (ends.length === 0) return { fired: new Promise(() => undefined), cancel: () => undefined };
  let cancel: () => void = () => undefined;
  const inMs = Math.max(0, Math.min(...ends) - clock.monotonic());
  const fired = new Promise<{ readonly kind: 'due' }>((resolve) => {
    cancel = clock.after(inMs, () => resolve({ kind: 'due' }));
  });
  return { fired, cancel: () => cancel() };
}

/** A stream that breaks ends, to be opened again; a daemon that was told to stop is neither awaited nor restarted. */
async function nextOf(stream: AsyncIterator<AppList>): Promise<IteratorResult<AppList>> {
  try {
    return await stream.next();
  } catch (error) {
    if (error instanceof FailureError && error.failures[0].code === 'DAEMON_STOPPED') throw error;
    return { done: true, value: undefined };
  }
}

function endQuietly(stream: AsyncIterator<AppList>): void {
  // Nobody waits for the end of a stream that is not read any more; its socket is destroyed with it.
  void stream.return?.().catch(() => undefined);
}

function takeIn(list: AppList, known: Known, options: WaitOptions): void {
  const { targets, onProgress, clock, assess: assessTarget = assess } = options;
  const apps = new Map(list.items.map((app) => [appKey(app.project, app.name), app]));
  for (const target of targets) {
    const before = known.progress.get(target.app);
    const app = apps.get(target.app);
    const assessed = assessTarget(target, app, known.listed.has(target.app));
    // The time between two crashes is not reported, and neither are further crashes.
    const goesOnCrashing = known.crashingSince.has(target.app) && assessed.state === 'waiting';
    noteCrashing(target.app, assessed, known, clock);
    // An app that was given up stays so until it has recovered.
    const isGivenUp = before?.state === 'failed' && before.isCrashing === true && isCrashing(assessed);
    const progress = isGivenUp ? before : assessed;
    known.progress.set(target.app, progress);
    if (app !== undefined) known.listed.add(target.app);
    if (!goesOnCrashing && isNews(before, progress)) onProgress(target.app, progress);
  }
}

function isCrashing(progress: Progress): boolean {
  return progress.state === 'waiting' && progress.crashing !== undefined;
}

/** An app that is not well between two crashes counts as still crashing. */
function noteCrashing(
  app: AppKey,
  progress: Progress,
  { crashingSince }: Known,
  clock: WaitOptions['clock'],
): void {
  if (progress.state !== 'waiting') crashingSince.delete(app);
  else if (isCrashing(progress) && !crashingSince.has(app)) crashingSince.set(app, clock.monotonic());
}

/** How the wait has ended; null: it goes on. */
function conclude(known: Known, { targets, onProgress, clock, isEnough }: WaitOptions): WaitOutcome | null {
  if (isEnough?.(known.progress) === true) return { kind: 'converged' };
  const now = clock.monotonic();
  for (const [app, since] of known.crashingSince) {
    const progress = known.progress.get(app);
    if (progress?.state !== 'waiting' || progress.crashing === undefined || now < since + CRASHING_MS)
      continue;
    const failed: Progress = { state: 'failed', text: progress.crashing, isCrashing: true };
    known.progress.set(app, failed);
    onProgress(app, failed);
  }
  const entries = [...known.progress];
  const failed = new Set(entries.flatMap(([app, { state }]) => (state === 'failed' ? [app] : [])));
  known.failedSince = failed.size === 0 ? null : (known.failedSince ?? now);
  const releases = new Set(targets.flatMap((target) => target.releases ?? []));
  // An app that waits for a failed one has failed with it. A rollout that fails with its job goes back first.
  const open = entries.some(
    ([app, progress]) =>
      progress.state === 'waiting' &&
      !(progress.blockedBy !== undefined && failed.has(progress.blockedBy) && !releases.has(app)),
  );
  const statuses = statusesOf(targets, known.progress);
  if (open) {
    const isOver = known.failedSince !== null && now >= known.failedSince + OTHERS_MS;
    return isOver ? { kind: 'failed', statuses } : null;
  }
  const states = new Set(entries.map(([, { state }]) => state));
  if (states.has('waiting') && failed.size === 0) return null;
  return [...states].every((state) => state === 'done')
    ? { kind: 'converged' }
    : { kind: 'failed', statuses };
}

/** A target that was as asked for from the start is not news: an apply of an unchanged file has nothing to tell. */
function isNews(before: Progress | undefined, now: Progress): boolean {
  if (before?.state !== now.state) return before !== undefined || now.state !== 'done';
  return now.state === 'waiting' && before.state === 'waiting' && before.step !== now.step;
}

function statusesOf(
  targets: readonly WaitTarget[],
  known: ReadonlyMap<AppKey, Progress>,
): readonly TargetStatus[] {
  return targets.map(({ app, releases }) => ({
    app,
    progress: known.get(app) ?? waiting('nothing known yet'),
    ...(releases !== undefined && { releases }),
  }));
}
