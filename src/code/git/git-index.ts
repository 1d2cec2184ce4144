import { stagedIn } from './cache-tree.ts';

/** A file that git tracks, as its index has it. */
export interface IndexEntry {
  /** Relative to the work tree, with slashes. */
  readonly path: string;
  /** Hash of its content when it was staged, in hex. */
  readonly id: string;
  /** Epoch milliseconds, with the fraction that git wrote down. */
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  /** Of the file, in 32 bits. */
  readonly size: number;
  readonly kind: 'file' | 'link' | 'submodule' | 'folder';
  /** Git is not to expect it in the work tree. */
  readonly skipped: boolean;
}

export interface IndexContent {
  readonly entries: readonly IndexEntry[];
  /** Whether something in a folder (`api/`, '' for the top) is staged and not committed. */
  readonly isStaged: (folder: string) => boolean;
}

/** How many bytes of an entry come before its hash. */
const STAT_BYTES = 40;
const KINDS: Readonly<Record<number, IndexEntry['kind']>> = {
  0o10: 'file',
  0o12: 'link',
  0o16: 'submodule',
  0o04: 'folder',
};

/**
 * The files that an index lists, in its order, or null when it cannot be read here (an unknown version, a split
 * index). `isWanted` is asked with each path, so that of a large repository only what counts is kept.
 */
export function readIndex(
  bytes: Buffer,
  hashBytes: 20 | 32,
  isWanted: (path: string) => boolean,
): IndexContent | null {
  if (bytes.length < 12 || bytes.toString('latin1', 0, 4) !== 'DIRC') return null;
  const version = bytes.readUInt32BE(4);
  if (version < 2 || version > 4) return null;
  const count = bytes.readUInt32BE(8);
  const entries: IndexEntry[] = [];
  let at = 12;
  let previous: Buffer = Buffer.alloc(0);
  for (let index = 0; index < count; index++) {
    const flagsAt = at + STAT_BYTES + hashBytes;
    if (flagsAt + 2 > bytes.length) return null;
    const flags = bytes.readUInt16BE(flagsAt);
    const isExtended = version >= 3 && (flags & 0x4000) !== 0;
    const pathAt = flagsAt + (isExtended ? 4 : 2);
    const skipped = isExtended && (bytes.readUInt16BE(flagsAt + 2) & 0x4000) !== 0;
    const read = version === 4 ? compressedPath(bytes, pathAt, previous) : plainPath(bytes, pathAt, at);
    if (read === null) return null;
    previous = read.path;
    const path = read.path.toString('utf8');
    // Stages above 0 are the sides of a conflict: the file itself is what counts, once.
    if (isWanted(path) && entries.at(-1)?.path !== path) {
      entries.push({
        path,
        id: bytes.toString('hex', at + STAT_BYTES, at + STAT_BYTES + hashBytes),
        mtimeMs: bytes.readUInt32BE(at + 8) * 1000 + bytes.readUInt32BE(at + 12) / 1e6,
        ctimeMs: bytes.readUInt32BE(at) * 1000 + bytes.readUInt32BE(at + 4) / 1e6,
        size: bytes.readUInt32BE(at + 36),
        kind: KINDS[bytes.readUInt32BE(at + 24) >>> 12] ?? 'file',
        skipped,
      });
    }
    at = read.next;
  }
  if (isSplit(bytes, at, hashBytes)) return null;
  return { entries, isStaged: stagedIn(bytes, at, hashBytes) };
}

interface ReadPath {
  readonly path: Buffer;
  readonly next: number;
}

/** Ended by zeros up to a multiple of 8 bytes, at least one. */
function plainPath(bytes: Buffer, pathAt: number, entryAt: number): ReadPath | null {
  const end = bytes.indexOf(0, pathAt);
  if (end === -1) return null;
  const length = end - entryAt;
  return { path: bytes.subarray(pathAt, end), next: entryAt + length + 8 - (length % 8) };
}

/** Version 4: how much of the path before is dropped, and what comes in its place. */
function compressedPath(bytes: Buffer, pathAt: number, previous: Buffer): ReadPath | null {
  let at = pathAt;
  let byte = bytes[at++] ?? 0;
  let dropped = byte & 0x7f;
  while ((byte & 0x80) !== 0) {
    byte = bytes[at++] ?? 0;
    dropped = ((dropped + 1) << 7) | (byte & 0x7f);
  }
  const end = bytes.indexOf(0, at);
  if (end === -1 || dropped > previous.length) return null;
  const kept = previous.subarray(0, previous.length - dropped);
  return { path: Buffer.concat([kept, bytes.subarray(at, end)]), next: end + 1 };
}

/** Whether most of it is in another file. */
function isSplit(bytes: Buffer, extensionsAt: number, hashBytes: number): boolean {
  let at = extensionsAt;
  while (at + 8 + hashBytes <= bytes.length) {
    if (bytes.toString('latin1', at, at + 4) === 'link') return true;
    at += 8 + bytes.readUInt32BE(at + 4);
  }
  return false;
}
