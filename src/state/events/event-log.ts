import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { eventLine, parseEventLine } from './event-line.ts';
import { errorCode } from '../../lib/system-error.ts';
import type { EventRecord } from '../model/types.ts';
import { failpoint } from '../../lib/failpoints/failpoint.ts';

/** How much of the end of the files is read when opening. */
const OPEN_TAIL_BYTES = 256 * 1024;
/** Newest events held in memory; older ones are read from disk when asked for. */
const RECENT_EVENTS = 1_000;

/** An event before it has its number. */
export type NewEvent = Omit<EventRecord, 'seq'>;

/** `after`: only events with a higher number. The oldest `limit` of them, or, without `after`, the newest `limit`. */
export interface EventsQuery {
  readonly after?: number;
  readonly limit: number;
  /** Which events count; absent: all. */
  readonly accept?: (event: EventRecord) => boolean;
}

/**
 * What happened, numbered without gaps, in `events.ndjson` and, when that outgrows `maxBytes`, in one older file
 * `events.ndjson.1`. An append is in the hands of the operating system when it returns: a `kill -9` loses none, so a
 * number that a subscriber has seen is never given again.
 *
 * A disk that is full must not stop the daemon: the event is then known in memory only and `onError` is told.
 */
export class EventLog {
  readonly #path: string;
  readonly #maxBytes: number;
  readonly #onError: (error: unknown) => void;
  readonly #readOnly: boolean;
  #fd: number | null = null;
  #isClosed = false;
  #size = 0;
  #recent: EventRecord[] = [];
  #lastSeq = 0;

  constructor(options: {
    readonly path: string;
    readonly maxBytes: number;
    readonly readOnly: boolean;
    readonly onError: (error: unknown) => void;
  }) {
    this.#path = options.path;
    this.#maxBytes = options.maxBytes;
    this.#readOnly = options.readOnly;
    this.#onError = options.onError;
    if (!options.readOnly) this.#open();
    const newest = tailEvents(this.#path);
    const older = newest.length < RECENT_EVENTS ? tailEvents(`${this.#path}.1`) : [];
    this.#recent = [...older, ...newest].slice(-RECENT_EVENTS);
    this.#lastSeq = this.#recent.at(-1)?.seq ?? 0;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Numbers the event and writes it. Never throws. */
  append(event: NewEvent): EventRecord {
    const record: EventRecord = { ...event, seq: this.#lastSeq + 1 };
    this.#lastSeq = record.seq;
    this.#recent.push(record);
    if (this.#recent.length > 2 * RECENT_EVENTS) this.#recent = this.#recent.slice(-RECENT_EVENTS);
    if (!this.#readOnly && !this.#isClosed) this.#write(eventLine(record));
    failpoint('event.appended');
    return record;
  }

  async read(query: EventsQuery): Promise<readonly EventRecord[]> {
    const { after, limit } = query;
    const accept = query.accept ?? (() => true);
    const select = (events: readonly EventRecord[]): readonly EventRecord[] =>
      after === undefined
        ? events.filter(accept).slice(-limit)
        : events.filter((event) => event.seq > after && accept(event)).slice(0, limit);
    if (limit <= 0) return [];
    const oldest = this.#recent[0]?.seq ?? 1;
    const recent = select(this.#recent);
    const complete = oldest <= 1 || (after === undefined ? recent.length >= limit : after >= oldest - 1);
    if (complete) return recent;
    // What could not be written is known in memory only, so memory wins where it reaches.
    const onDisk = [...(await readEvents(`${this.#path}.1`)), ...(await readEvents(this.#path))];
    const held = this.#recent;
    const from = held[0]?.seq ?? Infinity;
    return select([...onDisk.filter((event) => event.seq < from), ...held]);
  }

  /** Events after this are known in memory only. */
  close(): void {
    this.#isClosed = true;
    this.#closeFile();
  }

  #closeFile(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }

  #open(): void {
    this.#fd = openSync(this.#path, 'a', 0o600);
    this.#size = fstatSync(this.#fd).size;
    // A writer that was killed leaves a cut line; the next event must not be glued to it.
    if (this.#size > 0 && !endsWithNewline(this.#path, this.#size)) this.#write('\n');
  }

  #write(line: string): void {
    try {
      if (this.#size + line.length > this.#maxBytes && this.#size > 0) this.#rotate();
      if (this.#fd === null) this.#open();
      failpoint('event.append');
      this.#writeWhole(Buffer.from(line));
    } catch (error) {
      this.#onError(error);
    }
  }

  #writeWhole(bytes: Buffer): void {
    if (this.#fd === null) return;
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(this.#fd, bytes, written);
      this.#size += written;
    } catch (error) {
      if (written > 0) ftruncateSync(this.#fd, this.#size);
      throw error;
    }
  }

  #rotate(): void {
    this.#closeFile();
    renameSync(this.#path, `${this.#path}.1`);
    failpoint('event.rotated');
    this.#open();
  }
}

function endsWithNewline(path: string, size: number): boolean {
  const fd = openSync(path, 'r');
  try {
    const last = Buffer.alloc(1);
    readSync(fd, last, 0, 1, size - 1);
    return last[0] === 0x0a;
  } finally {
    closeSync(fd);
  }
}

/** The events at the end of a file, oldest first; the first line may be cut and is then left out. */
function tailEvents(path: string): EventRecord[] {
  if (!existsSync(path)) return [];
  const fd = openSync(path, 'r');
  try {
    const { size } = fstatSync(fd);
    const bytes = Buffer.alloc(Math.min(size, OPEN_TAIL_BYTES));
    const count = readSync(fd, bytes, 0, bytes.length, size - bytes.length);
    const events = parseEvents(bytes.toString('utf8', 0, count));
    // Damage that long hides the last number: look at all there is rather than give a number twice.
    return events.length === 0 && size > bytes.length ? parseEvents(readFileSync(path, 'utf8')) : events;
  } finally {
    closeSync(fd);
  }
}

async function readEvents(path: string): Promise<EventRecord[]> {
  try {
    return parseEvents(await readFile(path, 'utf8'));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

function parseEvents(text: string): EventRecord[] {
  return text
    .split('\n')
    .map(parseEventLine)
    .filter((event) => event !== undefined);
}
