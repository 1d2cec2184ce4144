import { readSource, type LogSource, type LogStamp } from './log-stamp.ts';
import { readVarint } from './varint.ts';

/**
 * The index of a log file is made of blocks of one size, each of which stands for itself:
 *
 *   offset, at    where the block begins: two doubles
 *   entries       as many as fit, each a stamp
 *   zeros         up to its end
 *
 * An entry is a number `4 * bytes since the entry before + kind`, the milliseconds since the last known time, and what
 * its kind asks for. The numbers are varints. No entry begins with a zero.
 */
export const BLOCK_BYTES = 4_096;
export const BLOCK_HEAD_BYTES = 16;

/** What an entry says of where the bytes are from. */
export const KIND = {
  /** As before; nothing follows. */
  same: 0,
  /** The number of a source, as the block counts those that it defines, follows. */
  known: 1,
  /** The length of the text of a source follows, and the text. */
  defined: 2,
  /** Nothing is known from here on, not even when; nothing follows, no time either. */
  unknown: 3,
} as const;

export interface DecodedBlock {
  readonly stamps: readonly LogStamp[];
  /** Where the last whole entry ends. */
  readonly end: number;
  /** Of the last entry. */
  readonly offset: number;
  /** The last known time. */
  readonly at: number;
  /** The texts of the sources that it defines, in order. */
  readonly sources: readonly string[];
}

/** Where a block begins; null: there is none. */
export function blockHead(bytes: Buffer): { readonly offset: number; readonly at: number } | null {
  if (bytes.length < BLOCK_HEAD_BYTES) return null;
  const offset = bytes.readDoubleLE(0);
  const at = bytes.readDoubleLE(8);
  return Number.isSafeInteger(offset) && offset >= 0 && Number.isSafeInteger(at) ? { offset, at } : null;
}

/** Reads a block, or as much of it as there is. What is cut off, or no entry, ends it. Null: it is no block. */
export function decodeBlock(bytes: Buffer): DecodedBlock | null {
  const head = blockHead(bytes);
  if (head === null) return null;
  const stamps: LogStamp[] = [];
  const texts: string[] = [];
  const sources: (LogSource | null)[] = [];
  let current = -1;
  let { offset, at } = head;
  let end = BLOCK_HEAD_BYTES;
  for (let entry = readEntry(bytes, end); entry !== null; entry = readEntry(bytes, end)) {
    if (entry.text !== undefined) {
      texts.push(entry.text);
      sources.push(readSource(entry.text));
    }
    const number = entry.kind === KIND.defined ? texts.length - 1 : (entry.number ?? current);
    if (number >= texts.length || (entry.kind === KIND.same && number === -1)) break;
    current = number;
    offset += entry.bytes;
    at += entry.ms;
    end = entry.end;
    stamps.push(
      entry.kind === KIND.unknown
        ? { offset, at: null, source: null }
        : { offset, at, source: sources[current] ?? null },
    );
  }
  return { stamps, end, offset, at, sources: texts };
}

interface Entry {
  readonly kind: number;
  readonly bytes: number;
  readonly ms: number;
  readonly number?: number;
  readonly text?: string;
  readonly end: number;
}

function readEntry(block: Buffer, start: number): Entry | null {
  const head = readVarint(block, start);
  if (head === null || head.value === 0) return null;
  const kind = head.value % 4;
  const bytes = Math.floor(head.value / 4);
  if (kind === KIND.unknown) return { kind, bytes, ms: 0, end: head.end };
  const ms = readVarint(block, head.end);
  if (ms === null) return null;
  if (kind === KIND.same) return { kind, bytes, ms: ms.value, end: ms.end };
  const number = readVarint(block, ms.end);
  if (number === null) return null;
  if (kind === KIND.known) return { kind, bytes, ms: ms.value, number: number.value, end: number.end };
  const end = number.end + number.value;
  if (end > block.length) return null;
  return { kind, bytes, ms: ms.value, text: block.toString('utf8', number.end, end), end };
}
