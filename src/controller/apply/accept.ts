import type { ApplyRequest } from '../../api/contract/wire/apply.ts';
import { ownValue } from '../../lib/collections.ts';
import type { Failure } from '../../lib/failure.ts';
import { ok, type Result } from '../../lib/result.ts';
import type { Fact, RevisionMeta } from '../../state/model/types.ts';
import type { ControllerContext } from '../context/context.ts';
import { madeBy } from '../views/made-by.ts';
import type { ProjectPreview } from './preview-project.ts';

const ABOUT_APP = { slot: null, pid: null, generation: null };

/**
 * Commits the facts of all projects at once, in the order in which the preview reduced them. Resolves with true when
 * they changed something.
 */
export async function accept(
  { projects, trials }: { readonly projects: readonly ProjectPreview[]; readonly trials: readonly Fact[] },
  request: ApplyRequest,
  context: ControllerContext,
): Promise<Result<boolean, Failure>> {
  const { store, leaving, clock } = context;
  const facts = [
    ...projects.flatMap(({ movedFacts }) => movedFacts),
    ...projects.map(({ fact }) => fact),
    ...projects.flatMap(({ codeFacts }) => codeFacts),
    ...projects.flatMap(({ startFacts }) => startFacts),
    ...trials,
  ];
  const stay = leaving.add(
    projects.flatMap(({ removed }) => removed),
    'RemovedFromFile',
  );
  const meta = (project: string): RevisionMeta | undefined => metaOf(project, projects, request);
  const committed = await store.commit(facts, meta);
  if (!committed.ok) {
    stay();
    return committed;
  }
  const { changed, revisions } = committed.value;
  for (const { project, revision } of revisions) {
    const made = madeBy(meta(project) ?? request);
    const message = `revision ${revision} of ${project} accepted: ${request.command} (${made})`;
    store.appendEvent({
      ...ABOUT_APP,
      at: clock.now(),
      level: 'info',
      reason: 'ProjectApplied',
      message,
      key: null,
    });
  }
  for (const project of projects) tellOfRestarts(project, request, context);
  return ok(changed.length > 0 || revisions.length > 0);
}

/**
 * What the history says about the revision of a project. A project that gives its apps away has no preview of its own.
 */
function metaOf(
  project: string,
  projects: readonly ProjectPreview[],
  request: ApplyRequest,
): RevisionMeta | undefined {
  const found =
    projects.find(({ fact }) => fact.spec.project === project) ??
    projects.find(({ movedFacts }) => movedFacts.some(({ from }) => from === project));
  if (found === undefined) return undefined;
  const { plan, fact } = found;
  const changes = plan.changes
    .filter(({ kind }) => kind !== 'unchanged')
    .map(({ app, kind, fields }) => ({ app, kind, fields }));
  return { ...maker(fact.spec.project, request), command: request.command, summary: plan.summary, changes };
}

/** Who applies, and from which commit. */
function maker(project: string, { by, commits = {} }: ApplyRequest): Pick<RevisionMeta, 'by' | 'commit'> {
  const commit = ownValue(commits, project);
  return { by, ...(commit !== undefined && { commit }) };
}

function tellOfRestarts(
  { fact, plan, codeFacts }: ProjectPreview,
  request: ApplyRequest,
  { store, clock }: ControllerContext,
): void {
  const { restart, command, by } = request;
  const restarted =
    restart === undefined ? [] : plan.changes.filter(({ kind }) => kind === 'restart' || kind === 'reload');
  for (const { app, reason } of restarted) {
    const message = `${command} (asked for by ${by})`;
    store.appendEvent({ ...ABOUT_APP, at: clock.now(), level: 'info', reason, message, key: app });
  }
  for (const { kind, key, detail, ...asked } of codeFacts) {
    const reason =
      'reason' in asked ? asked.reason : asked.rotated === true ? 'SecretRotated' : 'CodeChanged';
    const what = reason === 'CodeChanged' ? `code ${detail}` : detail;
    const how = kind === 'reload-requested' ? ', a reload' : '';
    const message = `${what}${how}: ${command} (${madeBy(maker(fact.spec.project, request))})`;
    store.appendEvent({ ...ABOUT_APP, at: clock.now(), level: 'info', reason, message, key });
  }
}
