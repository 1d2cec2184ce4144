import type { LogSource, LogStamp } from '../../../lib/log-times/log-stamp.ts';

interface Mark {
  /** From here on, of all bytes that were ever appended. */
  readonly position: number;
  readonly at: number;
  readonly source: LogSource | null;
}

/** What waits for a disk has so many marks at most, however often time and source change. */
const MAX_MARKS = 8_192;

/** Gives the times of the next `length` bytes of a batch; offsets count from the first of them. */
export type TimesOf = (length: number) => readonly LogStamp[];

/** When and from where the bytes came that wait to be written to one file. */
export class LineTimes {
  #marks: Mark[] = [];
  #end = 0;

  /** How many bytes were ever appended. */
  get end(): number {
    return this.#end;
  }

  /** So many bytes more were appended. */
  push(length: number, at: number, source: LogSource | null): void {
    const last = this.#marks.at(-1);
    const isNew = last === undefined || last.at !== at || last.source !== source;
    if (isNew) this.#mark({ position: this.#end, at, source });
    this.#end += length;
  }

  /**
   * Of a batch that is about to be written.
   * @param from where the batch begins in all that was ever appended
   * @param lead bytes before it that are of nobody's lines, and came now
   */
  ofBatch(from: number, lead: number, now: number): TimesOf {
    let position = from - lead;
    return (length) => {
      const leading = Math.min(length, Math.max(0, from - position));
      const own = this.take(position + leading, length - leading);
      position += length;
      if (leading === 0) return own;
      const stamps = own.map((stamp) => ({ ...stamp, offset: stamp.offset + leading }));
      return [{ offset: 0, at: now, source: null }, ...stamps];
    };
  }

  /** Of `length` bytes from `position` on; offsets count from there. What lies before is not asked for any more. */
  take(position: number, length: number): readonly LogStamp[] {
    const end = position + length;
    const stamps: LogStamp[] = [];
    let over = 0;
    for (const [number, mark] of this.#marks.entries()) {
      if (mark.position >= end) break;
      const next = this.#marks[number + 1]?.position ?? Infinity;
      if (next <= position) over = number + 1;
      else stamps.push({ offset: Math.max(0, mark.position - position), at: mark.at, source: mark.source });
      if (next <= end) over = number + 1;
    }
    if (over > 0) this.#marks.splice(0, over);
    return stamps;
  }

  #mark(mark: Mark): void {
    const last = this.#marks.at(-1);
    if (this.#marks.length < MAX_MARKS || last === undefined) this.#marks.push(mark);
    else if (last.source !== mark.source && last.source !== null) this.#marks.push({ ...mark, source: null });
  }
}
