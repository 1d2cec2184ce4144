import type { ApplyRequest } from '../../api/contract/wire/apply.ts';
import type { TrialInfo } from '../../api/contract/wire/guards/confirmations.ts';
import type { PlanDocument } from '../../api/contract/wire/plan.ts';
import type { AppKey } from '../../lib/app-key.ts';
import type { ExitCode } from '../../lib/exit-codes.ts';
import { EXIT } from '../../lib/exit-codes.ts';
import type { ProjectSpec } from '../../spec/types.ts';
import type { Api } from '../session/api.ts';
import { unwrap } from '../session/failures.ts';
import type { CliContext } from '../session/context.ts';
import { converge } from '../wait/converge.ts';
import { exitCodeFrom } from '../wait/exit-code-from.ts';
import type { UndoCommand } from '../wait/converge.ts';
import type { Style } from '../views/text/terminal.ts';
import { whoAmI } from './project-files.ts';
import { renderSummary } from '../views/plan/summary.ts';

/** An ApplyRequest with what is the same for most commands filled in. */
export function applyRequest(
  projects: readonly ProjectSpec[],
  command: string,
  options: Partial<
    Pick<
      ApplyRequest,
      | 'prune'
      | 'only'
      | 'allowWipe'
      | 'takeOver'
      | 'withDependencies'
      | 'keepOrigin'
      | 'basis'
      | 'commits'
      | 'readFrom'
      | 'code'
      | 'restart'
      | 'unread'
      | 'specs'
    >
  >,
): ApplyRequest {
  return {
    projects,
    prune: options.prune ?? true,
    only: options.only ?? null,
    allowWipe: options.allowWipe ?? false,
    ...(options.takeOver === true && { takeOver: true }),
    ...(options.withDependencies === true && { withDependencies: true }),
    ...(options.keepOrigin === true && { keepOrigin: true }),
    basis: options.basis ?? null,
    by: whoAmI(),
    command,
    ...(options.commits !== undefined && { commits: options.commits }),
    ...(options.readFrom !== undefined && { readFrom: options.readFrom }),
    ...(options.code !== undefined && { code: options.code }),
    ...(options.restart !== undefined && { restart: options.restart }),
    ...(options.unread !== undefined && Object.keys(options.unread).length > 0 && { unread: options.unread }),
    ...(options.specs === true && { specs: true }),
  };
}

export interface ApplyOptions {
  readonly api: Api;
  readonly request: ApplyRequest;
  readonly wait: boolean;
  readonly timeoutMs: number;
  readonly context: CliContext;
  readonly style: Style;
  /** The command that would undo it, for somebody who stops waiting. */
  readonly undo?: UndoCommand;
  /** The app whose end is waited for, and whose exit code is given; absent: none. */
  readonly exitCodeFrom?: AppKey | undefined;
  /** Called with what was accepted, before waiting. */
  onAccepted(plan: PlanDocument): void;
}

export interface Applied {
  readonly exit: ExitCode;
  readonly plan: PlanDocument;
  /** What is taken back unless it is confirmed. */
  readonly trials: readonly TrialInfo[];
}

/** Sends a declaration and waits until the host is as it says; reports at the end what that cost. */
export async function applyDeclared(options: ApplyOptions): Promise<Applied> {
  const { api, request, context, style } = options;
  const { plan, targets, trials = [] } = unwrap(await accepted(request, api));
  options.onAccepted(plan);
  const { timeoutMs, undo, exitCodeFrom: named } = options;
  if (named !== undefined) {
    const exit = await exitCodeFrom(named, { api, targets, timeoutMs, context, style, undo });
    return { exit, plan, trials };
  }
  if (options.wait && targets.length > 0) {
    const exit = await converge({ api, targets, timeoutMs, context, style, undo });
    if (exit !== EXIT.OK) return { exit, plan, trials };
  }
  context.streams.stderr.write(renderSummary(plan, options.wait));
  return { exit: EXIT.OK, plan, trials };
}

/** Sends an apply; an older daemon keeps nothing of what was read, and refuses to be told. */
export async function accepted(
  request: ApplyRequest,
  api: Pick<Api, 'apply'>,
): Promise<Awaited<ReturnType<Api['apply']>>> {
  const answer = await api.apply(request);
  const isRefused = !answer.ok && /body\.readFrom(?:\..*)? is unknown/.test(answer.error.message);
  return isRefused ? api.apply({ ...request, readFrom: undefined }) : answer;
}
