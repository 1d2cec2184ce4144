import type { ApplyRequest } from '../../api/contract/wire/apply.ts';
import type { App } from '../../api/contract/wire/apps.ts';
import type { ProjectSpec } from '../../spec/types.ts';
import type { Api } from '../session/api.ts';
import type { CliContext } from '../session/context.ts';
import type { Style } from '../views/text/terminal.ts';
import { applyDeclared, applyRequest, type Applied } from './applying.ts';
import { checkedOutCommits } from './git-commit.ts';

export interface StartingFlags {
  readonly wait: boolean;
  /** Milliseconds. */
  readonly timeout: number;
  readonly only?: readonly string[] | undefined;
  readonly 'take-over'?: boolean;
  readonly 'with-dependencies'?: boolean;
}

/** Applies what is declared without removing anything: apps that were started before stay. */
export function startDeclared(
  projects: readonly ProjectSpec[],
  command: string,
  {
    flags,
    readFrom,
    ...options
  }: {
    readonly flags: StartingFlags;
    /** What the projects were read from; absent: no file. */
    readonly readFrom?: ApplyRequest['readFrom'];
    readonly api: Api;
    readonly context: CliContext;
    readonly style: Style;
  },
): Promise<Applied> {
  const request = applyRequest(projects, command, {
    prune: false,
    only: flags.only ?? null,
    takeOver: flags['take-over'] === true,
    withDependencies: flags['with-dependencies'] === true,
    commits: checkedOutCommits(projects),
    readFrom,
  });
  return applyDeclared({
    ...options,
    request,
    wait: flags.wait,
    timeoutMs: flags.timeout,
    onAccepted: () => undefined,
  });
}

/** Whether an app is one of those that projects declare. */
export function isOneOf(projects: readonly ProjectSpec[]): (app: App) => boolean {
  return ({ project, name }) =>
    projects.some((spec) => spec.project === project && spec.apps.some((app) => app.name === name));
}
