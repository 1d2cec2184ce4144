import type { ApplyRequest } from '../api/contract/wire/apply.ts';
import type { PlanDocument } from '../api/contract/wire/plan.ts';
import { applyRequest } from '../cli/declare/applying.ts';
import { checkedOutCommits } from '../cli/declare/git-commit.ts';
import { connectOrOffline } from '../cli/session/connect.ts';
import { resolveHome } from '../home/layout.ts';
import { loadEcosystem, type Ecosystem } from './ecosystem.ts';
import { guarded, valueOf } from './stateward-error.ts';
import { quietContext } from './surroundings.ts';

/** What of a declaration counts, and which guards are to let it pass: the flags of `plan` and `apply`. */
export interface DeclareOptions {
  /** Only these apps; the others stay as they are. */
  readonly only?: readonly string[];
  /** Remove apps of the project that it does not name. Default: true. */
  readonly prune?: boolean;
  /** Give every app new processes, also where nothing has changed. */
  readonly reload?: boolean;
  readonly allowWipe?: boolean;
  readonly takeOver?: boolean;
  /** Declare and start what the apps depend on as well. */
  readonly withDependencies?: boolean;
}

export interface PlanOptions extends DeclareOptions {
  /** Folder of the daemon. Default: STATEWARD_HOME, else ~/.stateward. */
  readonly home?: string;
  readonly signal?: AbortSignal;
}

/** An ecosystem, or the paths of its files. */
export type Declaration = Ecosystem | string | readonly string[];

/**
 * What `apply` would do, touching nothing. Without a daemon it compares with the state on disk. A plan that a guard would
 * refuse to apply has `guard`.
 */
export function plan(declaration: Declaration, options: PlanOptions = {}): Promise<PlanDocument> {
  const { home, signal } = options;
  return guarded(signal, async () => {
    const api = connectOrOffline(
      { home: resolveHome(home, process.env), context: quietContext() },
      () => undefined,
    );
    return valueOf(await api.plan(await requestOf(declaration, 'plan', options)));
  });
}

/** The request that `plan` and `apply` send. */
export async function requestOf(
  declaration: Declaration,
  verb: 'plan' | 'apply',
  { only = null, prune, reload = false, allowWipe, takeOver, withDependencies }: NullableOnly,
): Promise<ApplyRequest> {
  const { files, projects, readFrom } = isEcosystem(declaration)
    ? declaration
    : await loadEcosystem(declaration);
  const command = `${verb} -f ${files.join(' -f ')}${reload ? ' --reload' : ''}`;
  return applyRequest(projects, command, {
    only,
    ...(prune !== undefined && { prune }),
    ...(allowWipe !== undefined && { allowWipe }),
    ...(takeOver !== undefined && { takeOver }),
    ...(withDependencies !== undefined && { withDependencies }),
    ...(reload && { restart: { verb: 'reload' } }),
    commits: checkedOutCommits(projects),
    ...(verb === 'apply' && { readFrom }),
  });
}

type NullableOnly = Omit<DeclareOptions, 'only'> & { readonly only?: readonly string[] | null };

function isEcosystem(declaration: Declaration): declaration is Ecosystem {
  return typeof declaration === 'object' && 'projects' in declaration;
}
