import { constants } from 'node:fs';
import { lstat, mkdir, open, readFile, rename, truncate, writeFile } from 'node:fs/promises';
import { setAsideOne } from '../disk/set-aside.ts';
import { writeProblem, type WriteProblem } from '../disk/state-failures.ts';
import { failpoint } from '../../lib/failpoints/failpoint.ts';
import {
  auditLine,
  NO_ENTRY,
  sealEntry,
  type AuditedChange,
  type AuditEntry,
  type AuditHead,
} from './audit-entry.ts';
import { auditFile, auditFiles, headFile, type AuditFile } from './audit-files.ts';
import { parseEntry, readHead } from './read-audit.ts';

const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;

export interface AuditLogOptions {
  readonly folder: string;
  readonly maxBytes: number;
  readonly now: () => number;
  /** Whether what an entry tells of is in the state that was read. */
  readonly cameAbout: (entry: AuditEntry) => boolean;
}

/**
 * Everything that was accepted, one line each, in `<state>/audit/000001.ndjson` and so on: a chain of hashes, so that nothing
 * can be changed or left out later without being seen (`stateward audit verify`).
 *
 * An entry is durable before what it tells of is: a change without an entry cannot be. An entry whose change did not come
 * about is followed by one that says so.
 */
export class AuditLog {
  readonly #options: AuditLogOptions;
  #head: AuditHead | null = null;
  #file: AuditFile;
  /** Bytes of it. */
  #size = 0;
  /** Accepted, and not on disk yet: a disk that takes nothing does not keep anybody from stopping an app. */
  readonly #waiting: (readonly [change: AuditedChange, at: number])[] = [];

  constructor(options: AuditLogOptions) {
    this.#options = options;
    this.#file = auditFile(options.folder, 1);
  }

  get isBehind(): boolean {
    return this.#waiting.length > 0;
  }

  /**
   * Writes changes that are about to be made; gives what kept it from that. With `mayWait` they are then kept in memory, else
   * forgotten. One call at a time.
   */
  async append(changes: readonly AuditedChange[], mayWait: boolean): Promise<WriteProblem | null> {
    if (changes.length === 0 && !this.isBehind) return null;
    const now = this.#options.now();
    const before = this.#waiting.length;
    this.#waiting.push(...changes.map((change) => [change, now] as const));
    const problem = await this.writeAgain();
    if (problem !== null && !mayWait) this.#waiting.splice(before);
    return problem;
  }

  /** Looks where the chain stands, and whether the change of its last entry came about. Before anything is committed. */
  async open(): Promise<void> {
    try {
      this.#head = await this.#opened();
    } catch {
      // The first append meets the same, and tells of it.
    }
  }

  /** What an entry told of did not come about. */
  undone(seqs: readonly number[], why: string): Promise<WriteProblem | null> {
    return this.append(
      seqs.map((of) => ({ kind: 'undone', of, why })),
      true,
    );
  }

  /** The number of the newest entry. */
  get lastSeq(): number {
    return this.#head?.seq ?? 0;
  }

  /** Writes what waits. One call at a time. */
  async writeAgain(): Promise<WriteProblem | null> {
    const { folder, maxBytes } = this.#options;
    try {
      failpoint('audit.append');
      await mkdir(folder, { recursive: true, mode: 0o700 });
      let head = await this.#opened();
      if (this.#size > maxBytes) this.#begin(this.#file.number + 1);
      let text = '';
      for (const [change, at] of this.#waiting) {
        const entry = sealEntry(change, at, head);
        text += auditLine(entry);
        head = { seq: entry.seq, hash: entry.hash };
      }
      await this.#write(text);
      this.#head = head;
      this.#waiting.length = 0;
      await this.#keepHead(head);
      return null;
    } catch (error) {
      return writeProblem(this.#file.path, error);
    }
  }

  /** Appends and syncs; what was written of it in part is taken off again. */
  async #write(text: string): Promise<void> {
    await this.#clearPlace();
    const handle = await open(this.#file.path, APPEND, 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
      this.#size += Buffer.byteLength(text);
    } catch (error) {
      await handle.truncate(this.#size).catch(() => undefined);
      throw error;
    } finally {
      await handle.close();
    }
    failpoint('audit.appended');
  }

  /** A folder, a device or a link that somebody has put in the place of the file is no log. */
  async #clearPlace(): Promise<void> {
    const found = await lstat(this.#file.path).catch(() => null);
    if (found !== null && !found.isFile()) await setAsideOne(this.#file.path, this.#options.now());
  }

  /** Losing it costs nothing but that a cut end is not missed until the next entry. */
  async #keepHead(head: AuditHead): Promise<void> {
    const path = headFile(this.#options.folder);
    try {
      await writeFile(`${path}.tmp`, JSON.stringify(head), { mode: 0o600 });
      await rename(`${path}.tmp`, path);
    } catch {
      // The next entry writes it again.
    }
  }

  #begin(number: number): void {
    this.#file = auditFile(this.#options.folder, number);
    this.#size = 0;
  }

  /** Where the chain stands, read the first time: only the newest file is looked at. */
  async #opened(): Promise<AuditHead> {
    if (this.#head !== null) return this.#head;
    const { folder, now, cameAbout } = this.#options;
    const newest = (await auditFiles(folder)).at(-1);
    const kept = await readHead(folder);
    this.#file = newest ?? this.#file;
    const { last, bytes, torn } = await readEnd(this.#file.path);
    this.#size = bytes;
    if (torn > 0) {
      // Nobody was told that it holds.
      await truncate(this.#file.path, bytes);
      this.#waiting.unshift([
        mended(`${torn} bytes of an entry that was never finished were cut off`),
        now(),
      ]);
    }
    if (last !== null && !cameAbout(last)) {
      const why = 'the controller ended before it was kept';
      this.#waiting.unshift([{ kind: 'undone', of: last.seq, why }, now()]);
    }
    const found = last ?? NO_ENTRY;
    if (kept !== null && kept.seq > found.seq) {
      // The chain goes on where it was, and the gap is seen.
      this.#waiting.unshift([mended(`entries ${found.seq + 1} to ${kept.seq} were removed`), now()]);
      return kept;
    }
    return { seq: found.seq, hash: found.hash };
  }
}

function mended(why: string): AuditedChange {
  return { kind: 'mended', why };
}

/** The last whole entry of a file, how long the file is up to there, and how many bytes follow that are no line. */
async function readEnd(
  path: string,
): Promise<{ readonly last: AuditEntry | null; readonly bytes: number; readonly torn: number }> {
  const found = await lstat(path).catch(() => null);
  // A folder, a device or a link in its place is no log; a FIFO would never end.
  const content = found?.isFile() === true ? await readFile(path) : Buffer.alloc(0);
  const end = content.lastIndexOf(0x0a) + 1;
  const lines = content.subarray(0, end).toString('utf8').split('\n');
  const last = lines.map(parseEntry).findLast((entry) => entry !== null) ?? null;
  return { last, bytes: end, torn: content.length - end };
}
