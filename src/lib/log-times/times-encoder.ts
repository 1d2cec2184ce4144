import { sourceText, type LogSource, type LogStamp } from './log-stamp.ts';
import { BLOCK_BYTES, BLOCK_HEAD_BYTES, KIND, type DecodedBlock } from './times-block.ts';
import { writeVarint } from './varint.ts';

/** An index has so many bytes at least before it leaves anything out. */
const FREE_BYTES = 4_096;
/** Beyond that, it is as large as this part of the log at most, for the sake of times ... */
const TIME_PART = 1 / 4;
/** ... and of lines of several sources in one file. */
const SOURCE_PART = 1 / 2;
/** A clock that was set back by so little stands still until it is there again: times grow, and can be searched. */
const STEADY_MS = 2_000;
/** A source whose text is longer is none. */
const MAX_SOURCE_BYTES = 1_024;
const MAX_ENTRY_BYTES = 32 + MAX_SOURCE_BYTES;
/** The text of no source. */
const NEVER = '?';

/**
 * Writes stamps, in order of their offsets, as the blocks of an index. Where lines are so short, or their sources change
 * so often, that the index would grow to more than a part of the log, it is coarser: the time is that of up to a few bytes
 * before, or the source is unknown.
 */
export class TimesEncoder {
  readonly #scratch = Buffer.alloc(MAX_ENTRY_BYTES);
  #ready: Buffer[] = [];
  /** Bytes of the blocks so far. */
  #size = 0;
  /** Of them, in the block that is begun. */
  #used = BLOCK_BYTES;
  #sources = new Map<string, number>();
  #offset = 0;
  #at = 0;
  #isKnown = false;
  /** Of the source of the last entry. */
  #text = '';
  #heard: { readonly source: LogSource | null; readonly text: string } = { source: null, text: '' };

  /**
   * Goes on with an index that somebody else has begun.
   * @param block its last block
   * @param blocks how many blocks are before that
   */
  static resume(block: DecodedBlock, blocks: number): TimesEncoder {
    const encoder = new TimesEncoder();
    encoder.#size = blocks * BLOCK_BYTES + block.end;
    encoder.#used = block.end;
    block.sources.forEach((text, number) => encoder.#sources.set(text, number));
    const last = block.stamps.at(-1);
    encoder.#offset = block.offset;
    encoder.#at = block.at;
    // What an empty block goes on with is not looked up: the next stamp says all by itself.
    encoder.#isKnown = last === undefined || last.at !== null;
    encoder.#text = last === undefined ? NEVER : sourceText(last.source);
    return encoder;
  }

  /** Bytes of all blocks, those that `take` has still to give included. */
  get size(): number {
    return this.#size;
  }

  /** Whether there is something to take. */
  get hasMore(): boolean {
    return this.#ready.length > 0;
  }

  /** What is to be written behind what was taken before. */
  take(): Buffer {
    const bytes = Buffer.concat(this.#ready);
    this.#ready = [];
    return bytes;
  }

  /** One stamp more. What says nothing new, or lies before the last one, is left out. */
  add({ offset, at, source }: LogStamp): void {
    if (offset < this.#offset) return;
    if (at === null) {
      if (!this.#isKnown) return;
      this.#isKnown = false;
      this.#emit(offset, this.#at, (start) => this.#head(start, offset, KIND.unknown));
      return;
    }
    const time = at < this.#at && at > this.#at - STEADY_MS ? this.#at : at;
    const text = this.#textOf(source);
    if (this.#isKnown && text === this.#text) this.#addTime(offset, time);
    else this.#addSource(offset, time, this.#size < room(offset, SOURCE_PART) ? text : '');
  }

  #addTime(offset: number, at: number): void {
    if (at === this.#at || offset === this.#offset) return;
    if (this.#size >= room(offset, TIME_PART)) return;
    this.#emit(offset, at, (start) =>
      writeVarint(this.#scratch, at - this.#at, this.#head(start, offset, KIND.same)),
    );
  }

  #addSource(offset: number, at: number, text: string): void {
    if (this.#isKnown && text === this.#text) return;
    this.#isKnown = true;
    this.#text = text;
    this.#emit(offset, at, (start) => this.#withSource(start, offset, at));
  }

  #withSource(start: number, offset: number, at: number): number {
    const number = this.#sources.get(this.#text);
    const head = this.#head(start, offset, number === undefined ? KIND.defined : KIND.known);
    const timed = writeVarint(this.#scratch, at - this.#at, head);
    if (number !== undefined) return writeVarint(this.#scratch, number, timed);
    this.#sources.set(this.#text, this.#sources.size);
    const begin = writeVarint(this.#scratch, Buffer.byteLength(this.#text), timed);
    return begin + this.#scratch.write(this.#text, begin);
  }

  #head(start: number, offset: number, kind: number): number {
    return writeVarint(this.#scratch, (offset - this.#offset) * 4 + kind, start);
  }

  /** Adds the entry that `write` makes, in a new block where it does not fit, or the clock was set back. */
  #emit(offset: number, at: number, write: (start: number) => number): void {
    const fits = this.#used < BLOCK_BYTES && at >= this.#at;
    const known = this.#sources.size;
    let length = fits ? write(0) : BLOCK_BYTES;
    if (this.#used + length > BLOCK_BYTES) {
      if (this.#sources.size > known) this.#sources.delete(this.#text);
      this.#begin(offset, at);
      // The first of a block says all by itself.
      length = this.#isKnown ? this.#withSource(0, offset, at) : this.#head(0, offset, KIND.unknown);
    }
    this.#push(Buffer.from(this.#scratch.subarray(0, length)));
    this.#offset = offset;
    this.#at = at;
  }

  #begin(offset: number, at: number): void {
    if (this.#used < BLOCK_BYTES) this.#push(Buffer.alloc(BLOCK_BYTES - this.#used));
    this.#used = 0;
    this.#sources.clear();
    this.#offset = offset;
    this.#at = at;
    const head = Buffer.alloc(BLOCK_HEAD_BYTES);
    head.writeDoubleLE(offset, 0);
    head.writeDoubleLE(at, 8);
    this.#push(head);
  }

  #push(bytes: Buffer): void {
    this.#ready.push(bytes);
    this.#size += bytes.length;
    this.#used += bytes.length;
  }

  /** The same source comes again and again. */
  #textOf(source: LogSource | null): string {
    if (source !== this.#heard.source) this.#heard = { source, text: textWithin(source) };
    return this.#heard.text;
  }
}

function room(offset: number, part: number): number {
  return FREE_BYTES + offset * part;
}

function textWithin(source: LogSource | null): string {
  const text = sourceText(source);
  return Buffer.byteLength(text) > MAX_SOURCE_BYTES ? '' : text;
}
