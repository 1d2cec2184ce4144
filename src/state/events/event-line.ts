import { crc32 } from 'node:zlib';
import type { EventRecord } from '../model/types.ts';

const LINE_FORMAT = 1;
const WRITTEN = /^\{"v":1,"sum":(\d{1,10}),"event":/;
const FORMAT_OF_LINE = /^\{"v":(\d{1,9}),/;

/** One line of the event file: the event with a format version and a checksum, newline included. */
export function eventLine(event: EventRecord): string {
  const text = JSON.stringify(event);
  return `{"v":${LINE_FORMAT},"sum":${crc32(text)},"event":${text}}\n`;
}

/** Reads a line back; undefined for one that was cut off, damaged, or written by something newer. */
export function parseEventLine(line: string): EventRecord | undefined {
  try {
    // As it was written, the event need not be printed again to be compared.
    const match = WRITTEN.exec(line);
    if (match !== null && line.endsWith('}')) {
      const text = line.slice(match[0].length, -1);
      if (crc32(text) === Number(match[1])) return JSON.parse(text) as EventRecord;
    }
    const parsed = JSON.parse(line) as { v?: unknown; sum?: unknown; event?: unknown } | null;
    if (parsed?.v !== LINE_FORMAT || typeof parsed.event !== 'object') return undefined;
    return crc32(JSON.stringify(parsed.event)) === parsed.sum ? (parsed.event as EventRecord) : undefined;
  } catch {
    return undefined;
  }
}

/** The format of a line that a newer stateward has written; undefined: it is none. */
export function newerFormat(line: string): number | undefined {
  const format = Number(FORMAT_OF_LINE.exec(line)?.[1] ?? 0);
  return format > LINE_FORMAT ? format : undefined;
}
