import type { ApplyRequest } from '../../api/contract/wire/apply.ts';
import { applyRequest } from './applying.ts';
import type { CliContext } from '../session/context.ts';
import { checkedOutCommits } from './git-commit.ts';
import { readFlagged } from '../variants/read-flagged.ts';
import type { FileFlags } from '../variants/variants.ts';
import type { Declared } from './project-files.ts';

/** What part of the files is applied, and how processes are replaced. */
export interface Renewal {
  readonly verb: 'reload' | 'restart';
  readonly now: boolean;
  readonly flags: FileFlags;
  readonly only: readonly string[] | undefined;
  readonly prune: boolean;
  readonly allowWipe: boolean;
  readonly takeOver: boolean;
}

/**
 * `reload FILE` and `restart FILE`: the file is applied, and every process of its apps is a new one in the same rollout,
 * also where nothing has changed.
 */
export async function renewalRequest(
  files: readonly string[],
  { verb, now, flags, only, prune, allowWipe, takeOver }: Renewal,
  context: CliContext,
): Promise<{ readonly request: ApplyRequest; readonly warnings: Declared['warnings'] }> {
  const { projects, readFrom, warnings, words } = await readFlagged(files, flags, context);
  const env = flags.env === undefined ? '' : ` --env ${flags.env}`;
  const command = `${[verb, ...files].join(' ')}${env}${words}`;
  const request = applyRequest(projects, command, {
    prune,
    only: only ?? null,
    allowWipe,
    takeOver,
    commits: checkedOutCommits(projects),
    readFrom,
    restart: { verb, ...(now && { now }) },
  });
  return { request, warnings };
}
