import type { PlanDocument } from '../../../api/contract/wire/plan.ts';
import { failpoint } from '../../../lib/failpoints/failpoint.ts';
import { err, type Result } from '../../../lib/result.ts';
import { mayPass, messageOf } from '../../../sources/model/failures.ts';
import { accepted, begun, passed, refused } from '../../../sources/model/transitions.ts';
import type { SourceRecord, Version } from '../../../sources/model/record.ts';
import { contentId, followedPaths } from '../looks/follow-look.ts';
import { tell } from '../tell.ts';
import { declareVersion, wholeTreeText, type DeclaredVersion } from './declared.ts';
import { tidy, type Hands } from './hands.ts';
import type { Prepared, Refusal } from './provider.ts';

export interface Deployment extends Hands {
  readonly version: string;
  readonly by: string;
}

/**
 * Brings a version in: prepares it, reads it, and applies it as a person would. What is refused has no effect. `changed`:
 * it was written to meanwhile, and is to be looked at again; `later`: it failed for a reason that passes.
 */
export async function deploy(deployment: Deployment): Promise<'done' | 'changed' | 'later'> {
  const { version: id, by, provider, context, record, set, isOver } = deployment;
  const { clock } = context;
  const startedAt = clock.now();
  const { head, asked } = record();
  const version: Version = head?.id === id ? head : { id, at: startedAt };
  const tried = { version, by, startedAt, asked };
  await set((at) => begun(at, version, { stages: provider.stages, now: clock.now() }));
  const refuse = async (refusal: Refusal): Promise<'done' | 'later'> => {
    if (isOver()) return 'done';
    await set((at) => refused(at, tried, { ...refusal, now: clock.now() }));
    if (refusal.passes) return 'later';
    tell(context, record(), 'SourceQuarantined', messageOf(refusal.failures));
    await tidy(deployment);
    return 'done';
  };
  const declared = await readVersion(deployment, version, asked);
  if (!declared.ok) return declared.error === 'changed' ? 'changed' : refuse(declared.error);
  const { request } = declared.value;
  await set((at) =>
    passed(at, 'Valid', { version: id, message: validMessage(declared.value), now: clock.now() }),
  );
  failpoint('source.valid');
  const failed = await beforeApply(deployment, request);
  if (failed !== null) return refuse(failed);
  if (isOver()) return 'done';
  failpoint('source.asked');
  const applied = await context.apply(request);
  if (!applied.ok) {
    return refuse({ stage: 'Synced', failures: [applied.error], passes: mayPass(applied.error) });
  }
  failpoint('source.accepted');
  const revisions = Object.fromEntries(
    request.projects.map(({ project }) => [project, context.store.project(project)?.revision ?? 0]),
  );
  const summary = summaryOf(applied.value.plan, record(), Object.keys(revisions));
  await set((at) => accepted(at, tried, { revisions, summary, now: clock.now() }));
  failpoint('source.applied');
  tell(context, record(), 'SourceApplied', summary);
  return 'done';
}

/** Runs the command that is to succeed before anything is changed, where the plan would be taken. */
async function beforeApply(
  { provider, context, version }: Deployment,
  request: DeclaredVersion['request'],
): Promise<Refusal | null> {
  const planned = await context.plan(request);
  if (!planned.ok || planned.value.guard !== null) {
    const failure = planned.ok ? planned.value.guard : planned.error;
    return failure === null ? null : { stage: 'Synced', failures: [failure], passes: mayPass(failure) };
  }
  const failure = await provider.hook('before_apply', version);
  return failure === null ? null : { stage: 'Synced', failures: [failure], passes: failure.passing };
}

/** Prepares and reads a version; of a followed file only what was looked at counts. */
async function readVersion(
  { by, provider, context, record, set }: Pick<Deployment, 'by' | 'provider' | 'context' | 'record' | 'set'>,
  version: Version,
  asked: SourceRecord['asked'],
): Promise<Result<DeclaredVersion, Refusal | 'changed'>> {
  const { clock } = context;
  const prepare = () =>
    provider.prepare(record(), version, (stage, message) => {
      void set((at) => passed(at, stage, { version: version.id, message, now: clock.now() }));
    });
  const first = await prepare();
  // What is damaged of our copy is known now, and made anew before it is used again.
  const prepared = isOfCopy(first) ? await prepare() : first;
  if (!prepared.ok) return prepared;
  const declared = await declareVersion(record(), prepared.value, { by: asked?.by ?? by, asked }, context);
  const { read } = declared.ok ? declared.value : declared.error;
  if ((await takeRead(read, version, { record, set })) === 'changed') return err('changed');
  return declared.ok ? declared : err(declared.error.refusal);
}

function isOfCopy(prepared: Result<Prepared, Refusal>): boolean {
  return (
    !prepared.ok && prepared.error.stage !== 'Fetched' && prepared.error.failures[0].code === 'FETCH_FAILED'
  );
}

/**
 * Of a followed file: what it reads counts for it. When that is more than was looked at before, the version is looked at
 * again with it; when it holds something else by now, what was read is of no version.
 */
async function takeRead(
  read: readonly string[],
  version: Version,
  { record, set }: Pick<Deployment, 'record' | 'set'>,
): Promise<'same' | 'changed'> {
  const { from } = record().spec;
  if (from.kind !== 'follow') return 'same';
  const now = await contentId(from.file, followedPaths(from.file, record()));
  if (now !== version.id) return 'changed';
  const known = new Set(followedPaths(from.file, record()));
  if (read.every((path) => known.has(path))) return 'same';
  await set((at) => ({ ...at, read: [...new Set([...at.read, ...read])].sort() }));
  return 'changed';
}

function validMessage(declared: DeclaredVersion): string {
  const { request, warnings } = declared;
  const apps = request.projects.reduce((sum, project) => sum + project.apps.length, 0);
  const names = request.projects.map(({ project }) => project).join(', ');
  const warned =
    warnings.length === 0 ? '' : `; ${warnings.length} ${warnings.length === 1 ? 'warning' : 'warnings'}`;
  const whole = wholeTreeText(declared);
  return `declares ${apps} ${apps === 1 ? 'app' : 'apps'} of ${names}${warned}${whole === null ? '' : `; ${whole}`}`;
}

/** What was changed, and projects that are not declared any more and run on. */
function summaryOf({ summary }: PlanDocument, { projects }: SourceRecord, now: readonly string[]): string {
  const { processesTouched: touched } = summary;
  const left = projects.filter((project) => !now.includes(project));
  const gone =
    left.length === 0
      ? ''
      : `; not declared any more, and running on: ${left.join(', ')} (stateward delete ends it)`;
  return `${touched} ${touched === 1 ? 'process' : 'processes'} touched${gone}`;
}
