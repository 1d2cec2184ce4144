import { createHash } from 'node:crypto';
import { readFile, readdir, stat } from 'node:fs/promises';
import { errorCode } from '../../../lib/system-error.ts';
import type { SourceRecord } from '../../../sources/model/record.ts';
import type { Looker, LookResult } from './look.ts';

/** A file that was written to is read when nothing has changed for so long. */
const STABLE_MS = 500;
const AGAIN_MS = 250;

/** The paths that a followed file is made of: itself, and what reading it has read. */
export function followedPaths(file: string, { read }: Pick<SourceRecord, 'read'>): readonly string[] {
  return [...new Set([file, ...read])].sort();
}

/** Looks at a followed file, and at the files that it names. */
export class FollowLook implements Looker {
  readonly #file: string;
  /** What the files looked like, and since when they do. */
  #last: { readonly mark: string; readonly since: number } | null = null;
  /** What files that look like this hold. */
  #known: { readonly mark: string; readonly id: string } | null = null;

  constructor(file: string) {
    this.#file = file;
  }

  async look(record: SourceRecord, now: number): Promise<LookResult> {
    const paths = followedPaths(this.#file, record);
    const mark = await markOf(paths);
    if (mark === this.#known?.mark) return found(this.#known.id, record, now);
    if (mark !== this.#last?.mark) {
      this.#last = { mark, since: now };
      return { kind: 'changing', againMs: AGAIN_MS };
    }
    if (now - this.#last.since < STABLE_MS) return { kind: 'changing', againMs: AGAIN_MS };
    const id = await contentId(this.#file, paths);
    if (id === null) {
      const file = this.#file;
      const message = `cannot read ${file}: ${(await whyUnread(file)) ?? 'it cannot be read'}`;
      const hint =
        'what it has declared runs on; put the file back, or end the source with stateward source remove';
      return { kind: 'failed', failure: { code: 'CONFIG_NOT_FOUND', message, hint, position: { file } } };
    }
    if ((await markOf(paths)) !== mark) return { kind: 'changing', againMs: AGAIN_MS };
    this.#known = { mark, id };
    return found(id, record, now);
  }
}

function found(id: string, { head }: SourceRecord, now: number): LookResult {
  return { kind: 'version', version: head?.id === id ? head : { id, at: now } };
}

/** A hash over what the files hold; null when the main one cannot be read. */
export async function contentId(main: string, paths: readonly string[]): Promise<string | null> {
  if ((await contentOf(main)) === null) return null;
  const hash = createHash('sha256');
  for (const path of paths) {
    const content = await contentOf(path);
    hash.update(`${path}\0${content === null ? 'absent' : 'present'}\0`).update(content ?? '');
  }
  return hash.digest('hex').slice(0, 40);
}

/** What a file holds; of a folder the names in it; null: neither. */
async function contentOf(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if (errorCode(error) !== 'EISDIR') return null;
    return Buffer.from((await readdir(path).catch(() => [])).sort().join('\0'));
  }
}

async function whyUnread(path: string): Promise<string | null> {
  try {
    await readFile(path);
    return null;
  } catch (error) {
    const code = errorCode(error);
    return code === 'ENOENT' ? 'it is not there' : (code ?? null);
  }
}

/** Changes whenever one of the files is written, replaced or removed. */
async function markOf(paths: readonly string[]): Promise<string> {
  const marks = await Promise.all(
    paths.map(async (path) => {
      const stats = await stat(path, { bigint: true }).catch(() => null);
      return stats === null ? 'absent' : `${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`;
    }),
  );
  return paths.map((path, index) => `${path} ${marks[index]}`).join('\n');
}
