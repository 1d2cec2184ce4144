import { join } from 'node:path';
import { readdir } from 'node:fs/promises';
import type { Git } from '../program/git.ts';

/** What was fetched is kept by name, so that it can still be compared with when the remote has forgotten it. */
const FOLDER = 'refs/stateward/commits/';
const TAGS = 'refs/stateward/tags/';
const MOST = 200;
/** Each fetch adds a pack; reading gets slower with many. */
const MANY_PACKS = 40;
const TIDY_MS = 10 * 60_000;

/** Keeps a commit, and the annotated tag that led to it. */
export async function keepCommit(
  git: Git,
  dir: string,
  { commit, tag }: { readonly commit: string; readonly tag: string | null },
): Promise<void> {
  const lines = [
    `update ${FOLDER}${commit} ${commit}`,
    ...(tag === null ? [] : [`update ${TAGS}${tag} ${tag}`]),
  ];
  await git.run({ args: ['update-ref', '--stdin'], input: `${lines.join('\n')}\n` }, dir);
}

/** Lets go of the oldest commits, and packs what many fetches have left. Bounded; what it cannot do waits. */
export async function tidyMirror(git: Git, dir: string): Promise<void> {
  const packs = (await readdir(join(dir, 'objects/pack')).catch(() => [])).filter((name) =>
    name.endsWith('.pack'),
  );
  if (packs.length <= MANY_PACKS) return;
  for (const folder of [FOLDER, TAGS]) await dropOldest(git, dir, folder);
  await git.run({ args: ['gc', '--quiet', '--prune=1.day.ago'], totalMs: TIDY_MS }, dir);
}

async function dropOldest(git: Git, dir: string, folder: string): Promise<void> {
  const { code, stdout } = await git.run(
    { args: ['for-each-ref', '--sort=-creatordate', '--format=%(refname)', folder] },
    dir,
  );
  const names =
    code === 0
      ? stdout
          .toString('utf8')
          .split('\n')
          .filter((name) => name !== '')
      : [];
  const old = names.slice(MOST);
  if (old.length === 0) return;
  const input = old.map((name) => `delete ${name}\n`).join('');
  await git.run({ args: ['update-ref', '--stdin'], input }, dir);
}
