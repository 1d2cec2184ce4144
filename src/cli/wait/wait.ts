import type { AppList, WaitTarget } from '../../api/contract/wire.ts';
import type { AppKey } from '../../lib/app-key.ts';
import { appKey } from '../../lib/app-key.ts';
import { judge, waiting } from './judge.ts';
import type { Progress } from './judge.ts';

/** How one waiting ended, with where its targets stand. */
export type WaitOutcome =
  | { readonly kind: 'converged' }
  /** Something is not as asked for, and waiting will not make it so. */
  | { readonly kind: 'failed'; readonly standings: readonly Standing[] }
  | { readonly kind: 'timeout' | 'interrupted'; readonly standings: readonly Standing[] };

export interface Standing {
  readonly app: AppKey;
  readonly progress: Progress;
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
 * Waits until every target has converged or is gone, or one has failed for good, or `cutOff` resolves. A rollout that has
 * failed, or was superseded, does not end the waiting for the others: what became of them is told with it. A stream that
 * ends or breaks (a daemon being replaced) is opened again.
 */
export async function waitForTargets(options: WaitOptions): Promise<WaitOutcome> {
  const known: Known = { progress: new Map(), listed: new Set() };
  if (options.targets.length === 0) return { kind: 'converged' };
  const cutOff = options.cutOff.then((kind) => ({ kind }));
  for (;;) {
    const stream = options.watch()[Symbol.asyncIterator]();
    for (;;) {
      const next = await Promise.race([nextOf(stream), cutOff]);
      if ('kind' in next) {
        endQuietly(stream);
        return { kind: next.kind, standings: standingsOf(options.targets, known.progress) };
      }
      if (next.done === true) break;
      const outcome = takeIn(next.value, known, options);
      if (outcome !== null) {
        endQuietly(stream);
        return outcome;
      }
    }
    const interrupted = await Promise.race([options.pause(), cutOff]);
    if (interrupted !== undefined) {
      return { kind: interrupted.kind, standings: standingsOf(options.targets, known.progress) };
    }
  }
}

/** What has been heard of the targets so far. */
interface Known {
  readonly progress: Map<AppKey, Progress>;
  readonly listed: Set<AppKey>;
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

function takeIn(list: AppList, known: Known, { targets, onProgress }: WaitOptions): WaitOutcome | null {
  const apps = new Map(list.items.map((app) => [appKey(app.project, app.name), app]));
  for (const target of targets) {
    const before = known.progress.get(target.app);
    const app = apps.get(target.app);
    const progress = judge(target, app, known.listed.has(target.app));
    known.progress.set(target.app, progress);
    if (app !== undefined) known.listed.add(target.app);
    if (isNews(before, progress)) onProgress(target.app, progress);
  }
  const states = new Set([...known.progress.values()].map(({ state }) => state));
  if (states.has('failed')) return { kind: 'failed', standings: standingsOf(targets, known.progress) };
  if (states.has('waiting')) return null;
  const isFine = !states.has('rollout-failed') && !states.has('superseded');
  return isFine ? { kind: 'converged' } : { kind: 'failed', standings: standingsOf(targets, known.progress) };
}

/** A target that was as asked for from the start is no news: an apply of an unchanged file has nothing to tell. */
function isNews(before: Progress | undefined, now: Progress): boolean {
  if (before?.state !== now.state) return before !== undefined || now.state !== 'done';
  return now.state === 'waiting' && before.state === 'waiting' && before.step !== now.step;
}

function standingsOf(
  targets: readonly WaitTarget[],
  known: ReadonlyMap<AppKey, Progress>,
): readonly Standing[] {
  return targets.map(({ app }) => ({ app, progress: known.get(app) ?? waiting('nothing known yet') }));
}
