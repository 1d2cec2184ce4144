import type { StreamName, TailLine } from '../protocol/reports.ts';

const NEWLINE = 10;
/** Lines kept: the stack of an error in Node alone takes about ten, below the line that says what went wrong. */
export const TAIL_LINES = 30;
/** What is longer is cut. */
export const TAIL_LINE_BYTES = 512;
/** One byte more than is given out, which tells a line that is cut from one that just fits. */
const ROOM = TAIL_LINE_BYTES + 1;
/** Behind the finished lines: the unfinished one of each stream. */
const UNFINISHED = { out: TAIL_LINES, error: TAIL_LINES + 1 } as const;
const PLACES = TAIL_LINES + 2;
/** Small chunks are put together before they are looked at: most of their lines are never looked at then. */
const PENDING_BYTES = 16 * 1024;

/**
 * The last lines that an instance has written to either stream, in the order in which they were finished. Only the lines
 * at the end of a chunk are looked at, so that the cost does not grow with their number.
 */
export class OutputTail {
  readonly #lengths = new Uint16Array(PLACES);
  readonly #streams: StreamName[] = [];
  /** PLACES places of ROOM bytes; most instances are silent, and have none. */
  #bytes: Buffer | undefined;
  /** Lines finished so far; the place of a line is its number modulo TAIL_LINES. */
  #count = 0;
  #pending: Buffer | undefined;
  #pendingLength = 0;
  /** Of what is pending, and of what was written last. */
  #stream: StreamName = 'out';

  /** Takes what is needed of `chunk`, which may be used again afterwards. */
  write(stream: StreamName, chunk: Buffer): void {
    if (stream !== this.#stream || this.#pendingLength + chunk.length > PENDING_BYTES) this.#settle();
    this.#stream = stream;
    if (chunk.length > PENDING_BYTES) {
      this.#scan(stream, chunk);
      return;
    }
    this.#pending ??= Buffer.allocUnsafeSlow(PENDING_BYTES);
    this.#pendingLength += chunk.copy(this.#pending, this.#pendingLength);
  }

  /** The lines that have ended. */
  finished(): readonly TailLine[] {
    this.#settle();
    const lines: TailLine[] = [];
    for (let number = Math.max(0, this.#count - TAIL_LINES); number < this.#count; number++) {
      const place = number % TAIL_LINES;
      lines.push(this.#line(this.#streams[place] ?? 'out', place));
    }
    return lines;
  }

  /** The lines, the unfinished ones last. */
  lines(): readonly TailLine[] {
    const lines = [...this.finished()];
    const last = this.#stream;
    for (const stream of [last === 'out' ? 'error' : 'out', last] as const) {
      if (this.#length(UNFINISHED[stream]) > 0) lines.push(this.#line(stream, UNFINISHED[stream]));
    }
    return lines.slice(-TAIL_LINES);
  }

  #settle(): void {
    if (this.#pending === undefined || this.#pendingLength === 0) return;
    this.#scan(this.#stream, this.#pending.subarray(0, this.#pendingLength));
    this.#pendingLength = 0;
  }

  #scan(stream: StreamName, chunk: Buffer): void {
    const rest = chunk.lastIndexOf(NEWLINE) + 1;
    const starts: number[] = [];
    for (let next = rest; next > 0 && starts.length < TAIL_LINES;) {
      next = next === 1 ? 0 : chunk.lastIndexOf(NEWLINE, next - 2) + 1;
      starts.push(next);
    }
    // A line that an earlier chunk began ends in the first line of this one; or it is out of reach.
    if (rest > 0 && starts.at(-1) !== 0) this.#lengths[UNFINISHED[stream]] = 0;
    for (let start = starts.pop(); start !== undefined; start = starts.pop()) {
      this.#finish(stream, chunk, { start, end: (starts.at(-1) ?? rest) - 1 });
    }
    if (rest < chunk.length) this.#put(UNFINISHED[stream], chunk, { start: rest, end: chunk.length });
  }

  #finish(stream: StreamName, chunk: Buffer, span: Span): void {
    const begun = UNFINISHED[stream];
    const place = this.#count % TAIL_LINES;
    const length = this.#length(begun);
    if (length > 0) this.#bytes?.copyWithin(place * ROOM, begun * ROOM, begun * ROOM + length);
    this.#lengths[place] = length;
    this.#lengths[begun] = 0;
    this.#streams[place] = stream;
    this.#put(place, chunk, span);
    this.#count++;
  }

  /** Adds to what is in a place, as far as there is room. */
  #put(place: number, chunk: Buffer, { start, end }: Span): void {
    this.#bytes ??= Buffer.allocUnsafeSlow(PLACES * ROOM);
    const length = this.#length(place);
    const stop = Math.min(end, start + ROOM - length);
    this.#lengths[place] = length + chunk.copy(this.#bytes, place * ROOM + length, start, stop);
  }

  #length(place: number): number {
    return this.#lengths[place] ?? 0;
  }

  #line(stream: StreamName, place: number): TailLine {
    const bytes = this.#bytes?.subarray(place * ROOM, place * ROOM + this.#length(place));
    return { stream, line: bytes === undefined ? '' : cutText(bytes) };
  }
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** As text of at most TAIL_LINE_BYTES, in whole characters. What is not UTF-8 is replaced, which makes it longer. */
function cutText(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  const encoded = Buffer.from(text);
  if (encoded.length <= TAIL_LINE_BYTES) return text;
  let end = TAIL_LINE_BYTES;
  while (((encoded[end] ?? 0) & 0xc0) === 0x80) end--;
  return encoded.toString('utf8', 0, end);
}
