import { shortCommit } from '../../lib/commit-hash.ts';

/** Who made a revision, and from which commit: `by ann, commit 1a2b3c4`. */
export function madeBy({
  by,
  commit,
}: {
  readonly by: string;
  readonly commit?: string | undefined;
}): string {
  return `by ${by}${commit === undefined ? '' : `, commit ${shortCommit(commit)}`}`;
}
