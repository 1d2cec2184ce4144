import { loopTurns } from '../../../lib/turns/turns.ts';
import type { TreeEntry } from '../model.ts';
import type { ProgramResult } from '../../processes/run-program.ts';

const KINDS: Readonly<Record<string, TreeEntry['kind']>> = {
  '100644': 'file',
  '100664': 'file',
  '100755': 'executable',
  '120000': 'link',
  '160000': 'submodule',
};

/** A line of a tree that is none of what a release can have: what is wrong with it. */
export interface OddEntry {
  readonly path: string;
  readonly problem: string;
}

/** All files of a commit, those that are none of what a release can have apart. */
export interface Tree {
  readonly entries: readonly TreeEntry[];
  readonly odd: readonly OddEntry[];
}

/** What `git ls-tree -r -z -l --full-tree` prints; of a hundred thousand lines, while everything else goes on. */
export async function readTree({ stdout }: Pick<ProgramResult, 'stdout'>): Promise<Tree> {
  const entries: TreeEntry[] = [];
  const odd: OddEntry[] = [];
  let at = 0;
  while (at < stdout.length) {
    if (loopTurns.isOver) await loopTurns.next();
    const found = stdout.indexOf(0, at);
    const end = found === -1 ? stdout.length : found;
    const tab = stdout.indexOf(0x09, at);
    const [mode = '', , id = '', size = ''] = stdout.toString('latin1', at, tab).split(/ +/);
    const bytes = stdout.subarray(tab + 1, end);
    const path = bytes.toString('utf8');
    const kind = KINDS[mode];
    if (Buffer.compare(Buffer.from(path), bytes) !== 0) odd.push({ path, problem: 'a name is not UTF-8' });
    else if (kind === undefined) odd.push({ path, problem: `a file has the unknown mode ${mode}` });
    else entries.push({ path, kind, id, size: size === '-' ? 0 : Number(size) });
    at = end + 1;
  }
  return { entries, odd };
}
