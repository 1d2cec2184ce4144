import { hostname } from 'node:os';
import { join } from 'node:path';
import type { ApiBackend } from '../../api/contract/endpoints/backend.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import type { HomeLayout } from '../../home/layout.ts';
import type { StatusTable } from '../../reconcile/status-table.ts';
import { outsideOfInstances } from '../../runner/processes/nonce.ts';
import type { Store } from '../../state/store.ts';
import { readSigners } from '../../sources/git/signatures/read-signers.ts';
import { openRepository } from '../../sources/git/repository.ts';
import { editedReleases } from '../../sources/releases/find-release.ts';
import { makeRelease } from '../../sources/releases/make-release.ts';
import { retire } from '../../sources/releases/retire.ts';
import type { GitTools } from './git-tools.ts';
import { projectAnswers, type ProjectAnswers } from '../declared/project-answers.ts';
import { declaredBySource, planSource } from './answers/plan.ts';
import { Sources } from './sources.ts';
import { thisHost } from './work/surroundings.ts';
import type { SourcesContext } from './context.ts';

const GIT_TOOLS: GitTools = { openRepository, readSigners, makeRelease, retire, editedReleases };

/** What is answered about sources. */
export interface SourceAnswers {
  readonly sources: Sources;
  readonly planSource: ApiBackend['planSource'];
  readonly declaredBySource: ApiBackend['declaredBySource'];
  /** What projects declare now, and declared before: planned, and applied as it was planned. */
  readonly ofProjects: ProjectAnswers;
}

/** The sources of a controller. They apply through the same API as a person: `api` is asked for when they do. */
export function openSources({
  options,
  api,
  ...parts
}: {
  readonly options: {
    readonly distDir: string;
    readonly environment: Readonly<NodeJS.ProcessEnv>;
    readonly log: (line: string) => void;
  };
  readonly paths: HomeLayout;
  readonly store: Store;
  readonly status: StatusTable;
  readonly clock: Clock;
  readonly builds: SourcesContext['builds'];
  readonly pollMs: SourcesContext['pollMs'];
  readonly instances: SourcesContext['instances'];
  readonly showCondition: SourcesContext['showCondition'];
  readonly api: () => Pick<ApiBackend, 'apply' | 'plan'>;
}): SourceAnswers {
  const context: SourcesContext = {
    ...parts,
    git: GIT_TOOLS,
    host: thisHost(options.environment, hostname()),
    random: Math.random,
    apply: (request) => api().apply(request),
    plan: (request) => api().plan(request),
    declareProgram: join(options.distDir, 'declare.cjs'),
    environment: outsideOfInstances(options.environment),
    log: options.log,
  };
  const sources = new Sources(context);
  return {
    sources,
    planSource: (request) => planSource(request, sources, context),
    declaredBySource: (request) => declaredBySource(request, sources, context),
    ofProjects: projectAnswers({
      context,
      planSource: (request, basis) => planSource(request, sources, context, basis),
      actOnSource: (request) => sources.act(request),
    }),
  };
}
