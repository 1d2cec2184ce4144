import type { ApplyRequest } from '../../api/contract/wire/apply.ts';
import { applyRequest } from './applying.ts';
import type { CliContext } from '../session/context.ts';
import { checkedOutCommits } from './git-commit.ts';
import { readDeclared } from './project-files.ts';
import type { Declared } from './project-files.ts';

/** What part of the files is applied, and how processes are replaced. */
export interface Renewal {
  readonly verb: 'reload' | 'restart';
  readonly now: boolean;
  readonly env: string | undefined;
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
  { verb, now, env, only, prune, allowWipe, takeOver }: Renewal,
  context: CliContext,
): Promise<{ readonly request: ApplyRequest; readonly warnings: Declared['warnings'] }> {
  const { projects, warnings } = await readDeclared(files, env, context);
  const command = [verb, ...files, ...(env === undefined ? [] : ['--env', env])].join(' ');
  const request = applyRequest(projects, command, {
    prune,
    only: only ?? null,
    allowWipe,
    takeOver,
    commits: checkedOutCommits(projects),
    restart: { verb, ...(now && { now }) },
  });
  return { request, warnings };
}
