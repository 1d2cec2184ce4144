import type { ProgramResult } from '../../processes/run-program.ts';
import type { Git } from '../program/git.ts';

/** The content of some small objects by their hashes, in one go; null: one of them is not there. */
export async function readBlobs(
  git: Git,
  dir: string,
  { ids, maxBytes }: { readonly ids: readonly string[]; readonly maxBytes: number },
): Promise<ReadonlyMap<string, Buffer> | null> {
  if (ids.length === 0) return new Map();
  const input = [...new Set(ids)].map((id) => `${id}\n`).join('');
  const result = await git.run({ args: ['cat-file', '--batch'], input, maxOutput: maxBytes }, dir);
  return result.code === 0 ? readBatch(result) : null;
}

/** `HASH TYPE SIZE\n`, the content, `\n`. */
function readBatch({ stdout }: ProgramResult): ReadonlyMap<string, Buffer> | null {
  const found = new Map<string, Buffer>();
  let at = 0;
  while (at < stdout.length) {
    const end = stdout.indexOf(0x0a, at);
    if (end === -1) return null;
    const [id = '', type, size] = stdout.toString('latin1', at, end).split(' ');
    if (type !== 'blob') return null;
    const begin = end + 1;
    found.set(id, stdout.subarray(begin, begin + Number(size)));
    at = begin + Number(size) + 1;
  }
  return found;
}
