import { DroppedLines, type MissingLines } from './counts/dropped-lines.ts';
import { LogDisk } from './log-disk.ts';
import { LogFlow } from './log-flow.ts';
import { countLines, LogQueue, skip } from './log-queue.ts';
import { describeLogFailure, LogProblems } from './log-problems.ts';
import { LineTimes, type TimesOf } from './times/line-times.ts';
import type { LineWriter, LogFileOptions, LogFileSettings } from './log-file-options.ts';
import type { RunnerProblem } from '../protocol/reports.ts';
import { errorCode } from '../../lib/system-error.ts';

const NEWLINE = Buffer.from('\n');
const WRITE_BYTES = 1024 * 1024;
const RETRY_MS = 1_000;
/** What takes no more at the moment (a FIFO whose reader is behind) is tried again so soon, and at the end so often. */
const BUSY_MS = 20;
const BUSY_TRIES = 50;
/** Apps wait so long for whoever reads `stateward run`, as they would for whoever reads them. */
const LINES_HOLD_MS = 10_000;

/**
 * The one writer of a log file, whoever's lines it gets. Its place is tried at once, so that one that cannot be written
 * to is known before a line is lost. Never throws, and waits for no disk but the home's: what is not taken waits in memory, is tried
 * again every second, and beyond 4 MiB the oldest lines are dropped and counted in the file.
 */
export class LogFile {
  readonly #options: LogFileOptions;
  readonly #queue = new LogQueue();
  readonly #times = new LineTimes();
  readonly #flow: LogFlow;
  readonly #disk: LogDisk;
  readonly #problems: LogProblems;
  readonly #dropped: DroppedLines;
  /** What is written here is kept in a file too: while nobody reads, it is let go, and nothing is lost by that. */
  readonly #isShown: boolean;
  #settings: LogFileSettings;
  #working: Promise<void> | undefined;
  #writer: LineWriter | undefined;
  #midLine = false;
  #closing = false;
  /** Whether it can be written to has been seen. */
  #proven = false;
  #endPause: (() => void) | undefined;
  #busyAtEnd = 0;
  /** What is being written. */
  #rest: readonly Buffer[] = [];

  constructor(options: LogFileOptions, settings: LogFileSettings) {
    this.#options = options;
    this.#settings = settings;
    const isLines = options.path === options.linesSocket;
    this.#isShown = isLines || Object.values(options.streams).includes(options.path);
    this.#flow = new LogFlow(options.clock, isLines ? LINES_HOLD_MS : undefined);
    this.#problems = new LogProblems(options);
    this.#dropped = new DroppedLines(options, this.#problems);
    this.#disk = new LogDisk({
      ...options,
      onRotation: (problem) => this.#problems.set('log-rotation-failed', problem),
      onTimes: (problem) => this.#problems.set('log-times-lost', problem),
      onDue: () => this.#work(),
    });
  }

  /** What does not hold of it at the moment. */
  problems(): readonly RunnerProblem[] {
    return this.#isShown ? [] : this.#problems.list();
  }

  /** Takes over the settings of a new user. */
  use(settings: LogFileSettings): void {
    this.#settings = settings;
    this.#closing = false;
    this.#busyAtEnd = 0;
    if (settings.rotate === null) this.#problems.set('log-rotation-failed', null);
    if (!this.#proven) this.#work();
  }

  /**
   * Takes a copy of `bytes` to be appended. `writer` tells streams apart: no line of one is glued to half a line of another.
   */
  append(bytes: Buffer, writer: LineWriter): void {
    if (this.#isShown && this.#flow.failing) return;
    if (this.#midLine && this.#writer !== writer) this.#push(NEWLINE, this.#writer ?? writer);
    this.#push(bytes, writer);
    this.#midLine = bytes.at(-1) !== NEWLINE[0];
    this.#writer = writer;
    this.#flow.pushed();
    if (!this.#flow.holding) this.#queue.dropOldest();
    this.#work();
  }

  #push(bytes: Buffer, { source }: LineWriter): void {
    this.#times.push(bytes.length, this.#options.clock.now(), source);
    this.#queue.push(bytes);
  }

  /** Whether all that was appended is written. */
  get isSettled(): boolean {
    return this.#working === undefined && this.#queue.bytes === 0;
  }

  /** What the next runner is to know of lines that are not in the file. */
  get missing(): MissingLines {
    const waiting = this.#rest.reduce((sum, bytes) => sum + countLines(bytes), 0) + this.#queue.lines;
    return { told: this.#dropped.count, untold: waiting + this.#queue.droppedLines };
  }

  /** Tells of lines that the runner before could not write. */
  goOnFrom({ told, untold }: MissingLines): void {
    if (this.#isShown) return;
    this.#queue.addDropped(untold);
    if (told > 0) this.#dropped.tell(told);
  }

  /** Ends the line that `writer` has left open, if it has. */
  endLine(writer: LineWriter): void {
    if (this.#midLine && this.#writer === writer) this.append(NEWLINE, writer);
  }

  /** Whether readers had better wait. */
  get full(): boolean {
    return this.#flow.holding;
  }

  /** Calls `resume` once when readers may go on. */
  whenWritable(resume: () => void): void {
    this.#flow.whenWritable(resume);
  }

  /** It was emptied: the times of what it held hold no more. */
  emptied(): void {
    this.#disk.emptied();
  }

  /** Looks whether something else has moved the file. */
  reopen(): void {
    this.#disk.recheck();
  }

  /**
   * Resolves when all that was appended is written, or cannot be, and the file is closed; with false when somebody has
   * begun to use it again meanwhile.
   */
  async close(): Promise<boolean> {
    this.#closing = true;
    this.#endPause?.();
    while (this.#working !== undefined) await this.#working;
    if (!this.#isClosing()) return false;
    await this.#disk.close();
    await this.#disk.rest();
    this.#dropped.close();
    return this.#isClosing();
  }

  /** Resolves when the times of what is written are saved, or cannot be: another runner may go on with them. */
  rest(): Promise<void> {
    return this.#disk.rest();
  }

  #isClosing(): boolean {
    return this.#closing;
  }

  #work(): void {
    this.#working ??= this.#drain();
  }

  async #drain(): Promise<void> {
    // One turn of the loop later: what other streams have to say by then goes into the same write.
    await new Promise((resolve) => setImmediate(resolve));
    do {
      await this.#drainQueue();
      await this.#disk.confirm();
    } while (this.#queue.bytes > 0);
    this.#working = undefined;
  }

  async #drainQueue(): Promise<void> {
    while (!this.#proven || this.#queue.bytes > 0) {
      if (!this.#proven) await this.#prove();
      if (this.#queue.bytes === 0) break;
      // What was dropped stood before what is taken now, and after what is written.
      const dropped = this.#queue.takeDropped();
      const from = this.#times.end - this.#queue.bytes;
      const batch = this.#queue.take(WRITE_BYTES);
      const told = dropped === 0 ? [] : [this.#dropped.marker(dropped, this.#settings.json)];
      const timesOf = this.#times.ofBatch(from, told[0]?.length ?? 0, this.#options.clock.now());
      await this.#writeAll([...told, ...batch], timesOf);
      this.#queue.recycle(batch);
    }
  }

  /** Opens it, however long that takes: a quiet app is told of a place that cannot be written to as a loud one is. */
  async #prove(): Promise<void> {
    while (!this.#closing) {
      try {
        await this.#disk.prove();
        this.#worked();
        return;
      } catch (error) {
        await this.#failed(error);
      }
    }
  }

  /** Writes all of it, however long that takes; gives up only when nobody uses the file any more. */
  async #writeAll(batch: readonly Buffer[], timesOf: TimesOf): Promise<void> {
    this.#rest = batch;
    while (this.#rest.length > 0) {
      try {
        this.#rest = skip(this.#rest, await this.#disk.write(this.#rest, this.#settings.rotate, timesOf));
        this.#worked();
      } catch (error) {
        const isBusy = errorCode(error) === 'EAGAIN';
        if (this.#closing && (!isBusy || this.#busyAtEnd++ > BUSY_TRIES)) return;
        await (isBusy ? this.#pause(BUSY_MS) : this.#failed(error));
        if (!isBusy && this.#isShown) {
          this.#queue.clear();
          this.#rest = [];
          this.#proven = false;
          return;
        }
      }
    }
  }

  #worked(): void {
    this.#flow.written(this.#rest.length === 0 && this.#queue.bytes === 0);
    this.#proven = true;
    this.#problems.set('log-write-failed', null);
  }

  async #failed(error: unknown): Promise<void> {
    if (!this.#isShown) this.#problems.set('log-write-failed', describeLogFailure(this.#options.path, error));
    this.#flow.failed();
    await this.#disk.close();
    await this.#pause(RETRY_MS);
  }

  /** Ends early when the file is to be closed: there is one more try then. */
  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(ms, resolve);
      this.#endPause = (): void => {
        cancel();
        resolve();
      };
    });
    this.#endPause = undefined;
  }
}
