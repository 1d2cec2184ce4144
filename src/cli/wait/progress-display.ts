import type { Progress } from '../../api/contract/progress/progress.ts';
import type { AppKey } from '../../lib/app-key.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import { openBlock, type BlockSize } from '../screen/block.ts';
import { fold, type Weight } from '../screen/fold.ts';
import type { CliContext } from '../session/context.ts';
import { formatAge } from '../views/text/quantities.ts';
import { canMoveCursor, type Style } from '../views/text/terminal.ts';
import { displayWidth, escapeControls, padEnd } from '../views/text/text.ts';

/** Tells a person how far the apps are that a command waits for. */
export interface ProgressDisplay {
  /** There is something to tell about an app. */
  news(app: AppKey, progress: Progress): void;
  /** Where all of them are now. */
  now(known: ReadonlyMap<AppKey, Progress>): void;
  /** The wait is over. Only the first call counts. */
  end(): void;
}

/** On a terminal a block with a row an app, drawn in place; else a line for each news. */
export function progressDisplay({ streams, env, clock }: CliContext, style: Style): ProgressDisplay {
  const { stderr } = streams;
  if (canMoveCursor(stderr, env)) return blockDisplay({ stderr, clock, style });
  return {
    news: (app, progress) => stderr.write(`${progressLine(app, progress, style)}\n`),
    now: () => undefined,
    end: () => undefined,
  };
}

/** Rows before the block is folded, and those that stay of what was waited for. */
const MOST_ROWS = 10;
const TICK_MS = 1_000;
/** From here on the time that something takes is shown: what is done at once needs none. */
const SLOW_MS = 3_000;

interface BlockOptions {
  readonly stderr: CliContext['streams']['stderr'];
  readonly clock: Pick<Clock, 'after' | 'monotonic'>;
  readonly style: Style;
}

function blockDisplay({ stderr, clock, style }: BlockOptions): ProgressDisplay {
  const block = openBlock(stderr, clock);
  const begunAt = clock.monotonic();
  /** Those that had something to tell: what was as asked for from the start is none of them. */
  const rows = new Map<AppKey, Progress>();
  let cancelTick = (): void => undefined;
  const tick = (): void => {
    block.refresh();
    cancelTick = clock.after(TICK_MS, tick);
  };
  const show = (): void => {
    block.show((size) => progressRows(rows, { style, size, elapsedMs: clock.monotonic() - begunAt }));
  };
  cancelTick = clock.after(TICK_MS, tick);
  let ended = false;
  return {
    news(app, progress) {
      rows.set(app, progress);
      show();
    },
    now(known) {
      for (const app of rows.keys()) rows.set(app, known.get(app) ?? (rows.get(app) as Progress));
      if (rows.size > 0) show();
    },
    end() {
      if (ended) return;
      ended = true;
      cancelTick();
      block.end(progressRows(rows, { style, size: null, elapsedMs: 0 }));
    },
  };
}

export interface ProgressRowsOptions {
  readonly style: Style;
  /** Null: the wait has ended, and what is printed stays. */
  readonly size: BlockSize | null;
  /** Since the wait began. */
  readonly elapsedMs: number;
}

/** A row an app; of many those that fail and those that move, and how many more there are. */
export function progressRows(
  progress: ReadonlyMap<AppKey, Progress>,
  { style, size, elapsedMs }: ProgressRowsOptions,
): readonly string[] {
  const columns = Math.max(0, ...[...progress.keys()].map(displayWidth));
  const time = elapsedMs < SLOW_MS ? '' : `  ${style.dim(formatAge(elapsedMs))}`;
  const rows = [...progress].map(([app, one]) => ({
    line: progressLine(app, one, style, columns) + (one.state === 'waiting' ? time : ''),
    weight: weightOf(one),
  }));
  const room = Math.min(MOST_ROWS, size?.rows ?? MOST_ROWS);
  if (rows.length <= room) return rows.map(({ line }) => line);
  // What has failed is printed in the end, however much it is.
  const failing = rows.filter(({ weight }) => weight === 'failing').length;
  const { lines, hidden } = fold(rows, size === null ? Math.max(room - 1, failing) : room - 1);
  const parts = [
    ...(hidden.failing > 0 ? [style.red(`${hidden.failing} failed`)] : []),
    ...(hidden.moving > 0 ? [`${hidden.moving} on their way`] : []),
    ...(hidden['at-rest'] > 0 ? [style.green(`${hidden['at-rest']} done`)] : []),
  ];
  return parts.length === 0 ? lines : [...lines, `${style.dim('  and')} ${parts.join(', ')}`];
}

function weightOf({ state }: Progress): Weight {
  return state === 'waiting' ? 'moving' : state === 'done' ? 'at-rest' : 'failing';
}

/** One app in a line; `columns`: what its name is brought to. */
export function progressLine(app: AppKey, progress: Progress, style: Style, columns = 0): string {
  const { text } = progress;
  const name = padEnd(app, columns);
  const line = (sign: string, said: string): string => `${sign} ${name}  ${escapeControls(said, false)}`;
  switch (progress.state) {
    case 'done':
      return line(style.green('✓'), text);
    case 'failed':
      return line(style.red('✗'), shortOf(text));
    case 'superseded':
      return line(style.red('✗'), text);
    case 'rollout-failed':
      return line(
        style.red('✗'),
        `${progress.isReload === true ? 'reload' : 'rollout'} failed (${progress.now})`,
      );
    case 'waiting':
      return line(style.dim('…'), progress.line);
  }
}

/** What an app is. Why, the failure at the end tells. */
function shortOf(text: string): string {
  const end = text.indexOf(': ');
  return end === -1 ? text : text.slice(0, end);
}
