import { Socket, type OnReadOpts } from 'node:net';
import type { Clock } from '../../lib/clocks/clock.ts';
import { removeFifos, STREAMS } from './fifo.ts';
import type { StreamName } from '../protocol/reports.ts';
import type { LogFile } from '../logs/log-file.ts';
import type { LogStore } from '../logs/log-store.ts';
import { OutputTail } from './output-tail.ts';
import type { RunnerProblem, TailLine } from '../protocol/reports.ts';
import { StreamLog, type StreamLogSettings } from './stream-log.ts';

export interface OutputContext {
  readonly store: LogStore;
  readonly clock: Clock;
  /** Folder of the FIFOs. */
  readonly folder: string;
  /** What readers read into; one for all of them, since each chunk is dealt with before the next read. */
  readonly readBuffer: Buffer;
}

export interface OutputOptions {
  /** Name of the set of FIFOs. */
  readonly io: string;
  /** Reading ends, owned by the output from now on. */
  readonly readers: Readonly<Record<StreamName, number>>;
  readonly settings: StreamLogSettings;
  /** All writers are gone: for an adopted process a hint that it has ended. */
  readonly onEnd?: () => void;
  /** Nothing is read before `resume`: another runner does it still. */
  readonly paused?: boolean;
}

/** What one runner knows of an output, and the next one needs to go on with it. */
export interface OutputState {
  /** Of each stream: the bytes of a line that has not ended, base64. */
  readonly unfinished: Readonly<Record<StreamName, string>>;
  /** Nobody can write to it any more, and all of it is read. */
  readonly isOver: boolean;
  /** The last lines that have ended. */
  readonly lines: readonly TailLine[];
}

/** A process that has ended but whose FIFO somebody else holds: silent for this long means that its part is over. */
const SILENCE_MS = 200;
/** However much the one who holds the FIFO has to say. */
const DRAIN_MS = 1_000;

/** What one instance writes, from its FIFOs to its log files, until nobody can write to them any more. */
export class InstanceOutput {
  readonly #context: OutputContext;
  readonly #io: string;
  readonly #logs: Readonly<Record<StreamName, StreamLog>>;
  readonly #readers = new Set<Socket>();
  #paused: boolean;
  readonly #tail = new OutputTail();
  readonly #onEnd: (() => void) | undefined;
  #open: number = STREAMS.length;
  #lastChunkAt = -Infinity;
  /** Readers that wait for a file: what is quiet because of us has not fallen silent. */
  readonly #held = new Set<Socket>();
  #drained: (() => void) | undefined;

  constructor(context: OutputContext, { io, readers, settings, onEnd, paused = false }: OutputOptions) {
    this.#context = context;
    this.#io = io;
    this.#onEnd = onEnd;
    this.#paused = paused;
    const open = (stream: StreamName): StreamLog => {
      const log = new StreamLog(stream, context.store, settings);
      this.#read(readers[stream], stream, log);
      return log;
    };
    this.#logs = { out: open('out'), error: open('error') };
  }

  /** Stops reading: what comes waits where it is. */
  pause(): void {
    this.#paused = true;
    for (const reader of this.#readers) reader.pause();
  }

  /** Goes on reading. */
  resume(): void {
    this.#paused = false;
    for (const reader of this.#readers) if (!this.#held.has(reader)) reader.resume();
  }

  /** What another runner needs to go on; only while paused does it stay true. */
  state(): OutputState {
    const { out, error } = this.#logs;
    const unfinished = {
      out: out.unfinished.toString('base64'),
      error: error.unfinished.toString('base64'),
    };
    return { unfinished, isOver: this.#open === 0, lines: this.#tail.finished() };
  }

  /** Begins where another runner has stopped. */
  goOnFrom({ unfinished }: OutputState): void {
    for (const stream of STREAMS) {
      const bytes = Buffer.from(unfinished[stream], 'base64');
      this.#tail.write(stream, bytes);
      this.#logs[stream].write(bytes);
    }
  }

  update(settings: StreamLogSettings): void {
    for (const log of this.#streams) log.update(settings);
  }

  /** Whether a log file is one of its own. */
  writesTo(file: LogFile): boolean {
    return this.#streams.some((log) => log.files.includes(file));
  }

  /** What is the matter with its log files. */
  problems(): readonly RunnerProblem[] {
    const files = new Set(this.#streams.flatMap((log) => log.files));
    return [...files].flatMap((file) => file.problems());
  }

  /** The last lines of both streams: of an ended process all of them, once `drain` has resolved. */
  lastLines(): readonly TailLine[] {
    return this.#tail.lines();
  }

  /**
   * Resolves when everything that the ended process wrote is on its way to the files. If something else holds the
   * streams, its output goes on to be logged, but is not waited for.
   */
  async drain(): Promise<void> {
    if (this.#open === 0) return;
    const { clock } = this.#context;
    const end = clock.monotonic() + DRAIN_MS;
    this.#lastChunkAt = clock.monotonic();
    await new Promise<void>((resolve) => {
      // On a busy host the time is over before this process has had a turn to read: what is there is read first.
      const look = (): void => {
        setImmediate(check);
      };
      const check = (): void => {
        const now = clock.monotonic();
        const until = Math.min(end, (this.#held.size > 0 ? now : this.#lastChunkAt) + SILENCE_MS);
        if (this.#open === 0 || now >= until) finish();
        else cancel = clock.after(until - now, look);
      };
      const finish = (): void => {
        cancel();
        this.#drained = undefined;
        resolve();
      };
      let cancel = clock.after(SILENCE_MS, look);
      this.#drained = finish;
    });
    for (const log of this.#streams) log.endLine();
    removeFifos(this.#context.folder, this.#io);
  }

  get #streams(): readonly StreamLog[] {
    return STREAMS.map((stream) => this.#logs[stream]);
  }

  #read(fd: number, stream: StreamName, log: StreamLog): void {
    const onread: OnReadOpts = {
      buffer: this.#context.readBuffer,
      callback: (length) => {
        const chunk = this.#context.readBuffer.subarray(0, length);
        this.#tail.write(stream, chunk);
        return this.#onChunk(socket, log, chunk);
      },
    };
    const options = { fd, readable: true, writable: false, onread };
    const socket = new Socket(options);
    socket.on('error', () => socket.destroy());
    this.#readers.add(socket);
    socket.on('close', () => {
      this.#readers.delete(socket);
      log.close();
      this.#onClose();
    });
    // It begins to read by itself.
    if (this.#paused) socket.pause();
    else socket.resume();
  }

  /** Gives back whether to go on reading. */
  #onChunk(socket: Socket, log: StreamLog, chunk: Buffer): boolean {
    this.#lastChunkAt = this.#context.clock.monotonic();
    log.write(chunk);
    if (log.full === undefined) return true;
    this.#held.add(socket);
    this.#resumeWhenWritable(socket, log);
    return false;
  }

  /** One file after the other: each has what was read before more is read. */
  #resumeWhenWritable(socket: Socket, log: StreamLog): void {
    const { full } = log;
    if (full !== undefined) {
      full.whenWritable(() => this.#resumeWhenWritable(socket, log));
      return;
    }
    this.#held.delete(socket);
    this.#lastChunkAt = this.#context.clock.monotonic();
    if (!this.#paused) socket.resume();
  }

  #onClose(): void {
    this.#open--;
    if (this.#open > 0) return;
    removeFifos(this.#context.folder, this.#io);
    this.#drained?.();
    this.#onEnd?.();
  }
}
