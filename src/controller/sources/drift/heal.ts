import { shortCommit } from '../../../lib/commit-hash.ts';
import type { Failure } from '../../../lib/failure.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import { driftText, isHealed, type Drift } from '../../../sources/model/drift.ts';
import { healed } from '../../../sources/model/healing.ts';
import type { SourceRecord } from '../../../sources/model/record.ts';
import type { ProjectSpec } from '../../../spec/types.ts';
import type { SourcesContext } from '../context.ts';
import { tell } from '../tell.ts';
import type { Hands } from '../work/hands.ts';

/** Takes back what people have made otherwise, and takes note of it. */
export async function healDrift(
  { context, record, set }: Pick<Hands, 'context' | 'record' | 'set'>,
  drifts: readonly Drift[],
): Promise<void> {
  const { clock } = context;
  const done = await heal(record(), drifts, context);
  await set((at) => healed(at, done.ok ? { revisions: done.value } : { failure: done.error }, clock.now()));
  if (done.ok) tell(context, record(), 'SourceHealed', drifts.filter(isHealed).map(driftText).join('; '));
}

/**
 * Declares again what the applied version has declared, by the same apply as for a person and with its guards. Apps with
 * something that ends by itself stay as they are. Gives the revision of each project.
 */
async function heal(
  { spec, applied }: SourceRecord,
  drifts: readonly Drift[],
  { store, apply }: Pick<SourcesContext, 'store' | 'apply'>,
): Promise<Result<Readonly<Record<string, number>>, Failure>> {
  const revisions: Record<string, number> = { ...applied?.revisions };
  for (const [project, number] of Object.entries(revisions)) {
    const mine = drifts.filter((drift) => drift.project === project);
    if (applied === null || !mine.some(isHealed)) continue;
    const revision = await store.revision(project, number);
    if (!revision.ok) return revision;
    const declared = revision.value.spec;
    const applying = await apply({
      projects: [declared],
      prune: spec.prune,
      only: onlyHealed(declared, mine, store),
      allowWipe: false,
      takeOver: true,
      basis: null,
      by: 'stateward',
      command: `source ${spec.name}: back to ${shortCommit(applied.id)}`,
      code: 'leave',
      ...(revision.value.commit !== undefined && { commits: { [project]: revision.value.commit } }),
    });
    if (!applying.ok) return err(applying.error);
    revisions[project] = store.project(project)?.revision ?? number;
  }
  return ok(revisions);
}

/** null: all of the project. Else all but what is left as it is. */
function onlyHealed(
  { project, apps }: ProjectSpec,
  drifts: readonly Drift[],
  store: Pick<SourcesContext['store'], 'project'>,
): readonly string[] | null {
  const left = new Set(drifts.filter((drift) => !isHealed(drift)).map(({ app }) => app));
  if (left.size === 0) return null;
  const live = Object.keys(store.project(project)?.apps ?? {});
  const names = new Set([...apps.map(({ name }) => name), ...live]);
  return [...names].filter((name) => !left.has(name));
}
