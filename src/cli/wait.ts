import { isSettled } from '../api/settled.ts';
import type { App, AppList, WaitTarget } from '../api/wire.ts';
import type { AppKey } from '../lib/app-key.ts';
import { appKey } from '../lib/app-key.ts';

/**
 * Where one target of an apply stands.
 *
 *   waiting ──▶ done
 *      └─────▶ failed     (both are final for the wait, not for the app: the daemon goes on)
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
    }
  | { readonly state: 'done'; readonly text: string }
  | { readonly state: 'failed'; readonly text: string };

/** How one waiting ended. `pending` and `failed` say why, one line an app. */
export type WaitOutcome =
  | { readonly kind: 'converged' }
  | { readonly kind: 'failed'; readonly failed: readonly Standing[] }
  | { readonly kind: 'timeout'; readonly pending: readonly Standing[] }
  | { readonly kind: 'interrupted'; readonly pending: readonly Standing[] };

export interface Standing {
  readonly app: AppKey;
  readonly text: string;
  readonly blockedBy?: AppKey;
}

/** Of the things that an app waits for. */
const HOLDS_SHOWN = 2;
const BROKEN: readonly string[] = ['Failed', 'CrashLoop'];

/** Compares a target with what is published about its app; `app` is undefined when it is not listed. */
export function judge(target: WaitTarget, app: App | undefined): Progress {
  if (target.gone) {
    return app === undefined
      ? { state: 'done', text: 'removed' }
      : waiting(`stopping${waitingFor(app).text}`, 'stopping');
  }
  if (app === undefined) return waiting('not reported yet');
  const { status } = app;
  const ready = `${status.readyInstances}/${status.desiredInstances} ready`;
  // The verdict on an older generation says nothing about this one: it may be what is being mended.
  if (status.assessedGeneration < target.generation) return waiting('not taken up yet');
  if (BROKEN.includes(status.health) && !isStuck(app))
    return { state: 'failed', text: `${status.health}${whyBroken(app)}` };
  if (isStuck(app)) return { state: 'failed', text: `${status.health}, ${ready}${whyStuck(app)}` };
  if (isSettled(target.generation, status)) {
    return { state: 'done', text: `${status.health}, ${ready}` };
  }
  const { text, reasons } = waitingFor(app);
  const blockedBy = status.holds.find((hold) => hold.blockedBy !== undefined)?.blockedBy;
  const progress = waiting(`${status.health}, ${ready}${text}`, `${status.health}, ${ready} ${reasons}`);
  return { ...progress, ...(blockedBy !== undefined && { blockedBy }) };
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

function waiting(text: string, step = text): Progress {
  return { state: 'waiting', text, step };
}

export interface WaitOptions {
  readonly targets: readonly WaitTarget[];
  /** Lists of the targets' apps: one now, and one after every change. Called again when the stream breaks. */
  readonly watch: () => AsyncIterable<AppList>;
  /** Called when there is something to tell of an app: once a step, not for every second that passes. */
  readonly onProgress: (app: AppKey, progress: Progress) => void;
  /** Resolves when waiting is to end early: `timeout` or `interrupted`. */
  readonly cutOff: Promise<'timeout' | 'interrupted'>;
  /** Resolves after the pause before a broken stream is opened again. */
  readonly pause: () => Promise<void>;
}

/**
 * Waits until every target has converged or is gone, or one has failed, or `cutOff` resolves. A stream that ends or
 * breaks (a daemon being replaced) is opened again.
 */
export async function waitForTargets(options: WaitOptions): Promise<WaitOutcome> {
  const standings = new Map<AppKey, Progress>();
  if (options.targets.length === 0) return { kind: 'converged' };
  const cutOff = options.cutOff.then((kind) => ({ kind }));
  for (;;) {
    const stream = options.watch()[Symbol.asyncIterator]();
    for (;;) {
      const next = await Promise.race([nextOf(stream), cutOff]);
      if ('kind' in next) {
        endQuietly(stream);
        return { kind: next.kind, pending: standingsOf(options.targets, standings, 'waiting') };
      }
      if (next.done === true) break;
      const outcome = takeIn(next.value, standings, options);
      if (outcome !== null) {
        endQuietly(stream);
        return outcome;
      }
    }
    const interrupted = await Promise.race([options.pause(), cutOff]);
    if (interrupted !== undefined) {
      return { kind: interrupted.kind, pending: standingsOf(options.targets, standings, 'waiting') };
    }
  }
}

/** A stream that throws has ended, as far as waiting is concerned. */
async function nextOf(stream: AsyncIterator<AppList>): Promise<IteratorResult<AppList>> {
  try {
    return await stream.next();
  } catch {
    return { done: true, value: undefined };
  }
}

function endQuietly(stream: AsyncIterator<AppList>): void {
  // Nobody waits for the end of a stream that is not read any more; its socket is destroyed with it.
  void stream.return?.().catch(() => undefined);
}

function takeIn(
  list: AppList,
  standings: Map<AppKey, Progress>,
  { targets, onProgress }: WaitOptions,
): WaitOutcome | null {
  const apps = new Map(list.items.map((app) => [appKey(app.project, app.name), app]));
  for (const target of targets) {
    const progress = judge(target, apps.get(target.app));
    const before = standings.get(target.app);
    standings.set(target.app, progress);
    if (isNews(before, progress)) onProgress(target.app, progress);
  }
  const failed = standingsOf(targets, standings, 'failed');
  if (failed.length > 0) return { kind: 'failed', failed };
  return standingsOf(targets, standings, 'waiting').length === 0 ? { kind: 'converged' } : null;
}

/** A target that was as asked for from the start is no news: an apply of an unchanged file has nothing to tell. */
function isNews(before: Progress | undefined, now: Progress): boolean {
  if (before?.state !== now.state) return before !== undefined || now.state !== 'done';
  return now.state === 'waiting' && before.state === 'waiting' && before.step !== now.step;
}

function standingsOf(
  targets: readonly WaitTarget[],
  standings: ReadonlyMap<AppKey, Progress>,
  state: Progress['state'],
): readonly Standing[] {
  return targets.flatMap(({ app }) => {
    const progress: Progress = standings.get(app) ?? waiting('nothing known yet');
    if (progress.state !== state) return [];
    const { text } = progress;
    const blockedBy = progress.state === 'waiting' ? progress.blockedBy : undefined;
    return [{ app, text, ...(blockedBy !== undefined && { blockedBy }) }];
  });
}

/** The first thing that is said about why: a hold, else a condition that is not as it should be. */
function whyBroken({ status }: App): string {
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
function isStuck({ status }: App): boolean {
  return status.conditions.some(
    ({ type, status: is, reason }) => type === 'Progressing' && is === 'False' && reason === 'NotReady',
  );
}

function whyStuck({ status }: App): string {
  const condition = status.conditions.find(({ type }) => type === 'Progressing');
  return condition === undefined ? '' : `: ${condition.message}`;
}
