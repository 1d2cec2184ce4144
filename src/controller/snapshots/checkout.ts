import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { errorCode } from '../../lib/system-error.ts';
import type { WorkTree } from '../../code/git/work-tree.ts';

const run = promisify(execFile);
const TIMEOUT_MS = 120_000;

/** Work trees of other commits of a repository, for as long as a plan is made. Nothing is written into the repository. */
export class Checkouts {
  readonly #made = new Map<string, Promise<string | null>>();

  /** A folder with the commit checked out; null: the repository does not have it. Rejects when git cannot do it. */
  of(workTree: WorkTree, commit: string): Promise<string | null> {
    const known = this.#made.get(commit) ?? checkOut(workTree, commit);
    this.#made.set(commit, known);
    return known;
  }

  async remove(): Promise<void> {
    for (const made of this.#made.values()) {
      const folder = await made.catch(() => null);
      if (folder !== null) await rm(folder, { recursive: true, force: true });
    }
  }
}

async function checkOut({ root, commonDir }: WorkTree, commit: string): Promise<string | null> {
  const has = await git(root, ['cat-file', '-e', `${commit}^{commit}`]).then(
    () => true,
    (error: unknown) => {
      // Anything but "there is none": no git, a folder that it does not read.
      if (errorCode(error) === 'ENOENT') throw error;
      return false;
    },
  );
  if (!has) return null;
  const format = await git(root, ['rev-parse', '--show-object-format']);
  const folder = await mkdtemp(join(tmpdir(), 'stateward-plan-'));
  try {
    await git(folder, ['init', '--quiet', '--template=', `--object-format=${format.trim()}`]);
    // The objects of the repository are read where they are.
    await mkdir(join(folder, '.git/objects/info'), { recursive: true });
    await writeFile(join(folder, '.git/objects/info/alternates'), `${join(commonDir, 'objects')}\n`);
    await git(folder, ['checkout', '--quiet', '--detach', commit]);
    return folder;
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** With nothing that a configuration could have it run. A checkout in a container belongs to another user, so any is read. */
async function git(cwd: string, args: readonly string[]): Promise<string> {
  const safe = [
    'core.hooksPath=/dev/null',
    'core.fsmonitor=false',
    'safe.directory=*',
    'advice.detachedHead=false',
  ];
  const { stdout } = await run('git', [...safe.flatMap((setting) => ['-c', setting]), ...args], {
    cwd,
    timeout: TIMEOUT_MS,
    env: {
      PATH: process.env['PATH'],
      HOME: '/nonexistent',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_TERMINAL_PROMPT: '0',
      GIT_ALLOW_PROTOCOL: '',
      GIT_NO_LAZY_FETCH: '1',
    },
  });
  return stdout;
}
