import type { BigIntStats } from 'node:fs';
import { join } from 'node:path';

/**
 * The index of a log file begins with a head; blocks follow (see times-block.ts).
 *
 *   magic      8 bytes
 *   length     of the head: a double
 *   covered    bytes of the log that the index tells of: a double, written anew again and again
 *   path       of the log when the index was begun: its length as a double, and its text
 */
const MAGIC = Buffer.from('stwtime1');
const LENGTH_AT = 8;
export const COVERED_AT = 16;
const PATH_AT = 24;
const TEXT_AT = 32;
/** The path is at most so long. */
export const MAX_HEAD_BYTES = TEXT_AT + 4_096;

export interface TimesHead {
  /** Where the first block begins. */
  readonly length: number;
  /** Up to here the index tells of the log; what is beyond was not yet told, or written by somebody else. */
  readonly covered: number;
  /** Of the log, not rotated. */
  readonly path: string;
}

/** The folder of the indexes, in a home's folder for logs. */
export function timesFolder(logs: string): string {
  return join(logs, '.times');
}

/**
 * The name of the index of a log file: by the file itself and not by its path, so that it is found whoever renames the file.
 * Numbers of files are used again, so the moment at which it was made counts as well.
 */
export function timesName({
  ino,
  dev,
  birthtimeNs,
}: Pick<BigIntStats, 'ino' | 'dev' | 'birthtimeNs'>): string {
  // Where files have no such moment, the device tells some of them apart. Where they have, its number may change with a boot.
  return birthtimeNs > 0n
    ? `${ino.toString(16)}-${birthtimeNs.toString(16)}`
    : `${ino.toString(16)}-d${dev.toString(16)}`;
}

export function encodeHead(path: string, covered: number): Buffer {
  const text = Buffer.from(path);
  const head = Buffer.alloc(TEXT_AT + text.length);
  MAGIC.copy(head);
  head.writeDoubleLE(head.length, LENGTH_AT);
  head.writeDoubleLE(covered, COVERED_AT);
  head.writeDoubleLE(text.length, PATH_AT);
  text.copy(head, TEXT_AT);
  return head;
}

export function encodeCovered(covered: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(covered, 0);
  return bytes;
}

/** Reads the head of an index off its first bytes; null: it is none, or of another version. */
export function decodeHead(bytes: Buffer): TimesHead | null {
  if (bytes.length < TEXT_AT || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) return null;
  const length = bytes.readDoubleLE(LENGTH_AT);
  const covered = bytes.readDoubleLE(COVERED_AT);
  const textLength = bytes.readDoubleLE(PATH_AT);
  if (!isLength(covered) || !isLength(textLength) || length !== TEXT_AT + textLength) return null;
  if (bytes.length < length) return null;
  return { length, covered, path: bytes.toString('utf8', TEXT_AT, length) };
}

function isLength(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
