import type { PlanDocument } from '../../api/contract/wire/plan.ts';
import type { AppKey } from '../../lib/app-key.ts';
import type { Change } from '../../plan/model/plan.ts';
import type { Reason } from '../../plan/model/reasons.ts';
import type { ControllerContext } from '../context/context.ts';

/** What conditions of the types Code and Secrets say of what is newer. */
const SHOWN: ReadonlySet<Reason> = new Set(['CodeNewer', 'CodeNotCompared', 'SecretNewer']);

/** Whether a change leaves the code of its app as it is. */
export function keepsCode({ fields }: Change): boolean {
  return fields.every(({ path, after }) => path !== 'code' && !isRotated(path, after));
}

/** A variable that has no value in the declaration before or after: what is read elsewhere is another value. */
function isRotated(path: string, after: unknown): boolean {
  return path.startsWith('env.') && after === undefined;
}

/**
 * Reads the code again of apps whose shown condition differs from what a plan has found. Nobody waits for it.
 */
export function noticeCode(
  { changes }: Pick<PlanDocument, 'changes'>,
  { store, code, loop }: ControllerContext,
): void {
  const isNewer = ({ fields, codeNewer }: Change): boolean =>
    codeNewer !== undefined || fields.some(({ path, after }) => path === 'code' || isRotated(path, after));
  const isShown = (app: AppKey): boolean =>
    loop.status.health(app)?.conditions.some(({ reason }) => SHOWN.has(reason)) === true;
  const found = new Set(
    changes.filter((change) => isNewer(change) !== isShown(change.app)).map(({ app }) => app),
  );
  if (found.size > 0) void code.refresh(store.desired().filter(({ key }) => found.has(key)));
}
