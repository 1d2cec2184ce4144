import type { ConfirmRequest, ConfirmResponse } from '../../api/contract/wire/guards/confirmations.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { ProjectRecord } from '../../state/model/types.ts';
import type { ControllerContext } from '../context/context.ts';

/** POST /v1/confirmations: the newest revisions of the projects stay, all or none. */
export async function confirmTrials(
  { projects, by }: ConfirmRequest,
  { store, clock }: Pick<ControllerContext, 'store' | 'clock'>,
): Promise<Result<ConfirmResponse, Failure>> {
  const meant = recordsMeant(projects, store.projects());
  if (!meant.ok) return meant;
  const at = clock.now();
  const facts = meant.value.map(({ project }) => ({ kind: 'confirmed', project, at }) as const);
  const committed = await store.commit(facts, undefined, { by, command: 'apply --confirmed' });
  if (!committed.ok) return committed;
  const results = meant.value.map(({ project, revision }) => ({ project, revision }));
  for (const { project, revision } of results) {
    store.appendEvent({
      ...{ at, level: 'info', reason: 'Confirmed', key: null, slot: null, pid: null, generation: null },
      message: `revision ${revision} of ${project} was confirmed by ${by}`,
    });
  }
  return ok({ results });
}

function recordsMeant(
  names: readonly string[] | null,
  records: readonly ProjectRecord[],
): Result<readonly ProjectRecord[], Failure> {
  const onTrial = records.filter(({ confirmation }) => confirmation !== undefined);
  const hint = 'stateward history shows what was applied, and what was taken back';
  if (names === null) {
    if (onTrial.length === 1) return ok(onTrial);
    const list = onTrial
      .map(({ project }) => project)
      .sort()
      .join(', ');
    if (onTrial.length > 1) {
      const message = `several projects wait for a confirmation: ${list}`;
      return err({ code: 'SELECTOR_AMBIGUOUS', message, hint: 'say which, by its file: -f FILE' });
    }
    return err({ code: 'NOT_FOUND', message: 'nothing waits for a confirmation', hint });
  }
  const settled = names.filter((name) => !onTrial.some(({ project }) => project === name));
  if (settled.length > 0) {
    const message = `nothing of ${settled.join(', ')} waits for a confirmation`;
    return err({ code: 'NOT_FOUND', message, hint });
  }
  return ok(onTrial.filter(({ project }) => names.includes(project)));
}
