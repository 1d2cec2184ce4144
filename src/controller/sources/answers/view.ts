import { shortCommit } from '../../../lib/commit-hash.ts';
import type { SourceInfo, SourceState } from '../../../api/contract/wire/sources/sources.ts';
import type { Failure } from '../../../lib/failure.ts';
import type { Step } from '../../../sources/decide/next-step.ts';
import { STAGES, type SourceRecord } from '../../../sources/model/record.ts';
import { describeSourceOrigin } from '../../../sources/model/source.ts';
import { toRfc3339 } from '../../views/wire-values.ts';
import type { SourcesContext } from '../context.ts';
import { editedText } from '../work/edits.ts';
import type { SourceWorker } from '../work/worker.ts';
import { unwellApps } from '../work/outcome.ts';

type Shown = Pick<SourceWorker, 'record' | 'step' | 'edited'>;

/** A source as the API shows it. */
export function viewSource(
  { record, step, edited }: Shown,
  context: Pick<SourcesContext, 'store' | 'status'>,
  webhook: Failure | null,
): SourceInfo {
  const { spec, declared, applied, lastGood, head, attempted, suspended, asked } = record;
  const unwell = unwellApps(record.projects, context);
  return {
    name: spec.name,
    spec,
    origin: describeSourceOrigin(spec),
    sync: spec.sync,
    declared: { ...declared, at: toRfc3339(declared.at) },
    status: {
      ...stateOf({ record, step, edited }, unwell),
      conditions: [...conditionsOf(record, unwell), ...editedCondition(edited)],
      head: head && viewVersion(head),
      attempted: attempted && viewVersion(attempted),
      applied: applied && {
        version: applied.id,
        at: toRfc3339(applied.at),
        outcome: applied.outcome,
        revisions: applied.revisions,
      },
      lastGood: lastGood && {
        version: lastGood.id,
        at: toRfc3339(lastGood.at),
        revisions: lastGood.revisions,
      },
      quarantined: record.quarantined.map(({ id, at, ...why }) => ({
        version: id,
        ...why,
        at: toRfc3339(at),
      })),
      suspended: suspended && { ...suspended, at: toRfc3339(suspended.at) },
      asked: asked && { by: asked.by, at: toRfc3339(asked.at), version: asked.version },
      waitsFor: waitsFor(step),
      projects: record.projects,
      ...(webhook !== null && { webhookProblem: webhook.message }),
    },
    history: record.history.map(({ id, startedAt, endedAt, ...attempt }) => ({
      version: id,
      ...attempt,
      startedAt: toRfc3339(startedAt),
      endedAt: endedAt === null ? null : toRfc3339(endedAt),
    })),
  };
}

function waitsFor(step: Step | null): SourceInfo['status']['waitsFor'] {
  if (step?.kind !== 'wait') return null;
  const { reason, message, until } = step;
  return { reason, message, until: until === null ? null : toRfc3339(until) };
}

function viewVersion({
  id,
  at,
  ...rest
}: NonNullable<SourceRecord['head']>): NonNullable<SourceInfo['status']['head']> {
  return { version: id, at: toRfc3339(at), ...rest };
}

/** The stages, and of what is healthy by its rollout how it is now. */
function conditionsOf(record: SourceRecord, unwell: readonly string[]): SourceInfo['status']['conditions'] {
  return STAGES.flatMap((type) => {
    const stage = record.stages[type];
    if (stage === undefined) return [];
    const { since, ...rest } = stage;
    const isIll = type === 'Healthy' && stage.status !== 'False' && unwell.length > 0;
    const now = isIll ? { status: 'False' as const, reason: 'Unwell', message: unwell.join(', ') } : {};
    return [{ type, ...rest, ...now, lastTransitionTime: toRfc3339(since) }];
  });
}

/** What runs is not what was checked out: nothing of a version, and there only while it is so. */
function editedCondition(edited: Shown['edited']): SourceInfo['status']['conditions'] {
  const [newest] = edited;
  if (newest === undefined) return [];
  const { since, commit: version } = newest;
  const message = editedText(edited);
  return [
    {
      type: 'Unedited',
      status: 'False',
      reason: 'ReleaseEdited',
      message,
      version,
      lastTransitionTime: toRfc3339(since),
    },
  ];
}

/** The first thing that is wrong, in the order of the stages. */
function stateOf(
  { record, step, edited }: Shown,
  unwell: readonly string[],
): { readonly state: SourceState; readonly message: string | null } {
  const { suspended, head, applied } = record;
  const isLeft = suspended !== null || (step?.kind === 'wait' && step.reason === 'Elsewhere');
  if (isLeft && step?.kind === 'wait') return { state: 'Suspended', message: step.message };
  const bad = badStage(record);
  if (bad !== null) return { state: 'Failed', message: bad };
  if (step === null || step.kind === 'deploy')
    return { state: 'Progressing', message: 'a version is brought in' };
  if (head === null) return { state: 'Unknown', message: 'nothing was seen of it yet' };
  if (applied?.outcome === 'pending') {
    const message = unwell.length > 0 ? unwell.join(', ') : 'apps have not proven themselves yet';
    return { state: 'Progressing', message };
  }
  if (applied?.id !== head.id) {
    return {
      state: 'OutOfSync',
      message: step.kind === 'wait' ? step.message : 'a version is about to be brought in',
    };
  }
  if (unwell.length > 0) return { state: 'Failed', message: `Healthy: ${unwell.join(', ')}` };
  if (edited.length > 0) return { state: 'OutOfSync', message: editedText(edited) };
  return { state: 'Synced', message: null };
}

/** That somebody has edited what it runs from; null: nobody has, as far as it is known. */
export function editedProblem({ edited }: Pick<Shown, 'edited'>): string | null {
  return edited.length === 0 ? null : editedText(edited);
}

/** The stage at which the newest version is stuck; null: none. */
export function badStage({ stages }: SourceRecord): string | null {
  for (const name of STAGES) {
    const stage = stages[name];
    if (stage?.status !== 'False') continue;
    const of = stage.version === null ? '' : ` (${shortCommit(stage.version)})`;
    return `${name}: ${stage.message}${of}`;
  }
  return null;
}
