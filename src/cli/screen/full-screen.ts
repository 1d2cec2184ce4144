import { writeSync } from 'node:fs';
import type { ReadStream, WriteStream } from 'node:tty';
import type { Clock } from '../../lib/clocks/clock.ts';
import { diffFrame, type ShownFrame } from './diff-frame.ts';
import { pace } from './pace.ts';

export interface FullScreenOptions {
  readonly input: ReadStream;
  readonly output: WriteStream;
  readonly clock: Pick<Clock, 'monotonic' | 'after'>;
  readonly colors: boolean;
  /** The lines to show; called when they are drawn. */
  readonly frame: () => readonly string[];
  readonly onInput: (text: string) => void;
  readonly onSize: (size: { readonly columns: number; readonly rows: number }) => void;
  /** The terminal is gone, or somebody wants the process to end. */
  readonly onEnd: (signal: NodeJS.Signals) => void;
}

export interface FullScreen {
  /** Something has changed. */
  wanted(): void;
  /** Draws now: a key was pressed. */
  now(): void;
  /** Writes all of it anew. */
  redraw(): void;
  /** Gives the terminal to the shell, as Ctrl-Z does; back with SIGCONT. */
  suspend(): void;
  /** Gives the terminal back as it was. */
  close(): void;
}

/** The other screen, no cursor, and what is too long is not wrapped. */
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[2J';
const LEAVE = '\u001b[?2026l\u001b[0m\u001b[?7h\u001b[?25h\u001b[?1049l';
const ENDINGS = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const;

/**
 * Takes the whole terminal, and gives it back however the process ends: told, by a signal, by an error, or stopped for a
 * while. kill -9 alone leaves it as it is.
 *
 *   shown ──Ctrl-Z, SIGTSTP──▶ stopped, terminal given back ──SIGCONT──▶ shown
 *     └──close, exit, signal, uncaught error──▶ given back
 */
export function openFullScreen(options: FullScreenOptions): FullScreen {
  const { input, output, clock, colors, frame, onInput, onSize, onEnd } = options;
  let shown: ShownFrame | null = null;
  let isIn = false;
  const draw = (): void => {
    if (!isIn) return;
    const size = { columns: output.columns || USUAL.columns, rows: output.rows || USUAL.rows };
    const next = diffFrame(shown, frame(), { ...size, colors });
    shown = next.shown;
    if (next.bytes !== '') output.write(next.bytes);
  };
  const paced = pace(draw, clock);
  const enter = (): void => {
    if (isIn) return;
    isIn = true;
    shown = null;
    input.setRawMode(true);
    output.write(ENTER);
    paced.now();
  };
  const leave = (): void => {
    if (!isIn) return;
    isIn = false;
    try {
      input.setRawMode(false);
      // At once: a process that ends writes nothing later.
      writeSync(STDOUT, LEAVE);
    } catch {
      // The terminal is gone: there is nothing to give back.
    }
  };
  const onResize = (): void => {
    shown = null;
    onSize({ columns: output.columns || USUAL.columns, rows: output.rows || USUAL.rows });
    paced.now();
  };
  const onStop = (): void => {
    leave();
    process.kill(process.pid, 'SIGSTOP');
  };
  const endings = ENDINGS.map((signal) => [signal, () => onEnd(signal)] as const);
  const hangUp = (): void => onEnd('SIGHUP');
  input.setEncoding('utf8');
  input.on('data', onInput);
  input.on('end', hangUp);
  input.on('error', hangUp);
  output.on('error', hangUp);
  output.on('resize', onResize);
  process.on('SIGTSTP', onStop);
  process.on('SIGCONT', enter);
  process.on('exit', leave);
  process.on('uncaughtExceptionMonitor', leave);
  for (const [signal, listener] of endings) process.on(signal, listener);
  const screen: FullScreen = {
    wanted: () => paced.wanted(),
    now: () => paced.now(),
    redraw() {
      shown = null;
      paced.now();
    },
    // All of the job, as the terminal itself would: the shell sees that it has stopped.
    suspend: () => process.kill(0, 'SIGTSTP'),
    close() {
      paced.stop();
      leave();
      input.pause();
      input.removeListener('data', onInput);
      input.removeListener('end', hangUp);
      output.removeListener('resize', onResize);
      process.removeListener('SIGTSTP', onStop);
      process.removeListener('SIGCONT', enter);
      process.removeListener('exit', leave);
      process.removeListener('uncaughtExceptionMonitor', leave);
      for (const [signal, listener] of endings) process.removeListener(signal, listener);
    },
  };
  input.resume();
  try {
    enter();
  } catch (error) {
    // Whoever tells of it writes on the screen that stays.
    screen.close();
    throw error;
  }
  return screen;
}

/** `output` is the standard output. */
const STDOUT = 1;
const USUAL = { columns: 80, rows: 24 };
