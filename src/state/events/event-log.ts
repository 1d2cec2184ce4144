import { closeSync, ftruncateSync, renameSync, writeSync } from 'node:fs';
import { writeProblem, type WriteProblem } from '../disk/state-failures.ts';
import type { EventRecord } from '../model/types.ts';
import {
  clearPlace,
  endsWithNewline,
  eventsBackwards,
  isSameFile,
  openToAppend,
  wholeTail,
} from './event-files.ts';
import { eventLine } from './event-line.ts';
import { clearEventFiles, trimOlder } from './mend-event-files.ts';
import { failpoint } from '../../lib/failpoints/failpoint.ts';

/** Newest events held in memory; older ones are read from disk when asked for. */
const RECENT_EVENTS = 1_000;

/** An event before it has its number. */
export type NewEvent = Omit<EventRecord, 'seq'>;

/** What was done to the files, as the event that tells of it. */
export type EventFilesDone = Pick<NewEvent, 'level' | 'reason' | 'message'>;

/** `after`: only events with a higher number. The oldest `limit` of them, or, without `after`, the newest `limit`. */
export interface EventsQuery {
  readonly after?: number;
  readonly limit: number;
  /** Which events count; absent: all. */
  readonly accept?: (event: EventRecord) => boolean;
}

export interface EventLogOptions {
  readonly path: string;
  readonly maxBytes: () => number;
  readonly readOnly: boolean;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Told how every write went; null: all that is known is on disk. */
  readonly onWritten: (problem: WriteProblem | null) => void;
}

/**
 * What happened, numbered without gaps, in `events.ndjson` and, when that outgrows `maxBytes`, in one older file
 * `events.ndjson.1`: never more than twice that, whatever was found. An append is in the hands of the operating system
 * when it returns: a `kill -9` loses none, so a number that a subscriber has seen is never given again.
 *
 * A disk that is full must not stop the daemon: the events are then known in memory, the newest thousand of them, and
 * `writeAgain` adds them in their order.
 */
export class EventLog {
  /** What was found wrong while opening, for people. */
  readonly notices: readonly string[];
  readonly #options: EventLogOptions;
  readonly #firstSeq: number;
  #fd: number | null = null;
  #isClosed = false;
  #size = 0;
  #recent: EventRecord[] = [];
  #lastSeq = 0;
  /** Not on disk yet, oldest first. */
  #waiting: EventRecord[] = [];
  #left = 0;
  #fails = false;

  /** Throws FailureError when a newer stateward wrote the files, or when they cannot be opened and may be whole. */
  constructor(options: EventLogOptions) {
    const { path, maxBytes, readOnly } = options;
    this.#options = options;
    this.notices = readOnly ? [] : clearEventFiles(path, options.now);
    const newest = wholeTail(path, maxBytes());
    const older = newest.length < RECENT_EVENTS ? wholeTail(`${path}.1`, maxBytes()) : [];
    this.#recent = [...older, ...newest].slice(-RECENT_EVENTS);
    this.#lastSeq = this.#recent.at(-1)?.seq ?? 0;
    this.#firstSeq = this.#lastSeq + 1;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  /**
   * Where somebody goes on who has seen events up to `after`. A number beyond the last was given by a controller that died
   * before it could write its events; to whoever has it, everything since is new.
   */
  resumeAt(after: number): number {
    return after > this.#lastSeq ? this.#firstSeq - 1 : after;
  }

  /** Numbers the event and writes it. Never throws. */
  append(event: NewEvent): EventRecord {
    const record: EventRecord = { ...event, seq: this.#lastSeq + 1 };
    this.#lastSeq = record.seq;
    this.#recent.push(record);
    if (this.#recent.length > 2 * RECENT_EVENTS) this.#recent = this.#recent.slice(-RECENT_EVENTS);
    if (this.#options.readOnly || this.#isClosed) return record;
    this.#waiting.push(record);
    if (this.#waiting.length > RECENT_EVENTS) {
      this.#waiting.shift();
      this.#left += 1;
    }
    if (!this.#fails) this.writeAgain();
    failpoint('event.appended');
    return record;
  }

  /** Adds what waits to the file. */
  writeAgain(): void {
    const { path, readOnly, onWritten } = this.#options;
    if (readOnly || this.#isClosed) return;
    try {
      for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
        this.#write(eventLine(next));
        this.#waiting.shift();
      }
      this.#fails = false;
      onWritten(null);
    } catch (error) {
      this.#fails = true;
      onWritten(writeProblem(path, error));
    }
  }

  /** How many events were never written because there were too many of them; counted once. */
  takeLeft(): number {
    const left = this.#left;
    this.#left = 0;
    return left;
  }

  /**
   * Looks after the files: writes what memory holds where somebody has removed the file, and shortens the older one when it
   * is longer than it may be. Gives what was done; null: all was well.
   */
  async look(): Promise<EventFilesDone | null> {
    const { path, maxBytes, readOnly } = this.#options;
    if (readOnly || this.#isClosed) return null;
    if (this.#fd !== null && !this.#fails && !isSameFile(this.#fd, path)) {
      this.#closeFile();
      this.#waiting = this.#recent.slice(-RECENT_EVENTS);
      this.writeAgain();
      const message = `${path} was removed or replaced: the newest events are written again`;
      return { level: 'warning', reason: 'StateRepaired', message };
    }
    const trimmed = await trimOlder(path, maxBytes());
    return trimmed === null ? null : { level: 'info', reason: 'EventsTrimmed', message: trimmed };
  }

  async read(query: EventsQuery): Promise<readonly EventRecord[]> {
    const { after, limit } = query;
    const accept = query.accept ?? (() => true);
    if (limit <= 0) return [];
    // Newest first, as far as the question reaches.
    const found: EventRecord[] = [];
    for await (const event of this.#backwards()) {
      if (after !== undefined && event.seq <= after) break;
      if (!accept(event)) continue;
      found.push(event);
      if (after === undefined && found.length >= limit) break;
    }
    found.reverse();
    return after === undefined ? found : found.slice(0, limit);
  }

  /** Every event, newest first. What could not be written is known in memory only, so memory wins where it reaches. */
  async *#backwards(): AsyncGenerator<EventRecord> {
    const held = this.#recent;
    for (let index = held.length - 1; index >= 0; index--) {
      const event = held[index];
      if (event !== undefined) yield event;
    }
    let below = held[0]?.seq ?? Infinity;
    if (below <= 1) return;
    for (const path of [this.#options.path, `${this.#options.path}.1`]) {
      for await (const event of eventsBackwards(path, 2 * this.#options.maxBytes())) {
        if (event.seq >= below) continue;
        below = event.seq;
        yield event;
      }
    }
  }

  /** Events after this are known in memory only. */
  close(): void {
    this.#isClosed = true;
    this.#closeFile();
  }

  #closeFile(): void {
    const fd = this.#fd;
    this.#fd = null;
    if (fd !== null) closeSync(fd);
  }

  #open(): number {
    const { path, now } = this.#options;
    clearPlace(path, now);
    const { fd, size } = openToAppend(path);
    this.#fd = fd;
    this.#size = size;
    // A writer that was killed leaves a cut line; the next event must not be glued to it.
    if (size > 0 && !endsWithNewline(path, size)) this.#writeWhole(fd, Buffer.from('\n'));
    return fd;
  }

  #write(line: string): void {
    const fd = this.#fd ?? this.#open();
    const isFull = this.#size + line.length > this.#options.maxBytes() && this.#size > 0;
    const target = isFull ? this.#rotate() : fd;
    failpoint('event.append');
    this.#writeWhole(target, Buffer.from(line));
  }

  #writeWhole(fd: number, bytes: Buffer): void {
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(fd, bytes, written);
      this.#size += written;
    } catch (error) {
      this.#takeBack(fd, written);
      throw error;
    }
  }

  /** The file is opened again for the next line, which finds out whether a cut one was left. */
  #takeBack(fd: number, written: number): void {
    try {
      if (written > 0) ftruncateSync(fd, this.#size);
      this.#closeFile();
    } catch {
      this.#fd = null;
    }
  }

  #rotate(): number {
    const { path, now } = this.#options;
    this.#closeFile();
    clearPlace(`${path}.1`, now);
    renameSync(path, `${path}.1`);
    failpoint('event.rotated');
    return this.#open();
  }
}
