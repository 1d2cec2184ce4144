import { shortCommit } from '../../../lib/commit-hash.ts';
import type { DriftInfo, SourceInfo, SourceState } from '../../../api/contract/wire/sources/sources.ts';
import type { Failure } from '../../../lib/failure.ts';
import type { Step } from '../../../sources/decide/next-step.ts';
import { driftText, type Drift } from '../../../sources/model/drift.ts';
import { STAGES, type Healed, type SourceRecord } from '../../../sources/model/record.ts';
import { describeSourceOrigin } from '../../../sources/model/source.ts';
import { toRfc3339 } from '../../views/wire-values.ts';
import type { SourcesContext } from '../context.ts';
import { wayOut } from '../drift/show-drift.ts';
import { otherHosts } from './other-hosts.ts';
import { editedText } from '../work/edits.ts';
import type { SourceWorker } from '../work/worker.ts';
import { unwellApps } from '../work/outcome.ts';

type Shown = Pick<SourceWorker, 'record' | 'step' | 'edited' | 'drifts'>;

/** A source as the API shows it. */
export function viewSource(
  { record, step, edited, drifts }: Shown,
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
      ...stateOf({ record, step, edited, drifts }, unwell),
      conditions: [
        ...conditionsOf({ record, drifts }, unwell),
        ...otherHosts({ record, step }),
        ...editedCondition(edited),
      ],
      ...(drifts.length > 0 && { drifts: drifts.map((drift) => viewDrift(drift, spec)) }),
      ...(record.healed !== undefined && { healed: viewHealed(record.healed) }),
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

function viewDrift(drift: Drift, spec: SourceRecord['spec']): DriftInfo {
  const { otherSource: _, until, at, ...told } = drift;
  return {
    ...told,
    at: toRfc3339(at),
    until: until === null ? null : toRfc3339(until),
    message: `${driftText(drift)}; ${wayOut(drift, spec)}`,
  };
}

function viewHealed({ at, times, failure }: Healed): NonNullable<SourceInfo['status']['healed']> {
  return { at: toRfc3339(at), times, ...(failure !== undefined && { failure }) };
}

/** The stages; of what was synced and is healthy by its rollout, how it is now. */
function conditionsOf(
  { record, drifts }: Pick<Shown, 'record' | 'drifts'>,
  unwell: readonly string[],
): SourceInfo['status']['conditions'] {
  return STAGES.flatMap((type) => {
    const stage = record.stages[type];
    if (stage === undefined) return [];
    const { since, ...rest } = stage;
    if (type === 'Synced' && stage.status === 'True' && drifts.length > 0) {
      const first = Math.min(...drifts.map(({ at }) => at));
      const message = driftsText(record, drifts);
      const is = { status: 'False', reason: 'SourceDrifted', message } as const;
      return [{ type, ...rest, ...is, lastTransitionTime: toRfc3339(first) }];
    }
    const isIll = type === 'Healthy' && stage.status !== 'False' && unwell.length > 0;
    const now = isIll ? { status: 'False' as const, reason: 'Unwell', message: unwell.join(', ') } : {};
    return [{ type, ...rest, ...now, lastTransitionTime: toRfc3339(since) }];
  });
}

/** What people have made otherwise, and what becomes of it. */
function driftsText({ spec, healed }: SourceRecord, drifts: readonly Drift[]): string {
  const ways = new Set(drifts.map((drift) => wayOut(drift, spec)));
  const failed = healed?.failure === undefined ? '' : `; the last try failed: ${healed.failure}`;
  return `${drifts.map(driftText).join('; ')} (${[...ways].join('; ')}${failed})`;
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
  { record, step, edited, drifts }: Shown,
  unwell: readonly string[],
): { readonly state: SourceState; readonly message: string | null } {
  const { suspended, head, applied } = record;
  const isLeft = suspended !== null || (step?.kind === 'wait' && step.reason === 'Elsewhere');
  if (isLeft && step?.kind === 'wait') return { state: 'Suspended', message: step.message };
  const bad = badStage(record);
  if (bad !== null) return { state: 'Failed', message: bad };
  if (step?.kind === 'heal')
    return { state: 'Progressing', message: 'what people have made otherwise is taken back' };
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
  const trouble = record.told?.trouble;
  if (trouble !== undefined) return { state: 'Failed', message: `Told: ${trouble.failure.message}` };
  if (drifts.length > 0) return { state: 'OutOfSync', message: driftsText(record, drifts) };
  if (edited.length > 0) return { state: 'OutOfSync', message: editedText(edited) };
  return { state: 'Synced', message: null };
}

/** What people have made otherwise, or edited where it runs from; null: nothing, as far as it is known. */
export function problemByHand({ record, edited, drifts }: Omit<Shown, 'step'>): string | null {
  if (drifts.length > 0) return driftsText(record, drifts);
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
