import type { VerbRequest, VerbResponse } from '../../api/contract/wire/verbs.ts';
import { splitAppKey, type AppKey } from '../../lib/app-key.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { protectGuard } from '../../plan/guards/guard.ts';
import { planPieces } from '../../plan/plan.ts';
import { inTurns } from '../../lib/turns/turns.ts';
import type { DesiredApp } from '../../plan/model/desired.ts';
import type { Fact, RevisionMeta } from '../../state/model/types.ts';
import type { ControllerContext } from '../context/context.ts';

type DeleteRequest = Extract<VerbRequest, { verb: 'delete' }>;

/**
 * The verb `delete`: the apps leave the desired state, all or none, one new revision a project. Each was named, so only
 * `protect` objects; the wipe guard is for files that say less than they should.
 */
export async function deleteApps(
  apps: readonly DesiredApp[],
  request: DeleteRequest,
  context: ControllerContext,
): Promise<Result<VerbResponse, Failure>> {
  const { store, loop, leaving, clock } = context;
  const keys = new Set(apps.map(({ key }) => key));
  const metas = new Map<string, RevisionMeta>();
  for (const project of new Set(apps.map((app) => app.project))) {
    const meta = await metaOf(project, keys, { request, context });
    if (!meta.ok) return meta;
    metas.set(project, meta.value);
  }
  const at = clock.now();
  const going = store.accepted().filter(({ key }) => keys.has(key));
  const stay = leaving.add(going, 'Deleted');
  const fact: Fact = { kind: 'apps-deleted', keys: going.map(({ key }) => key), at };
  const committed = await store.commit(fact, (project) => metas.get(project));
  if (!committed.ok) {
    stay();
    return committed;
  }
  const message = `deleted by ${request.by}`;
  for (const { key, generation } of going) {
    store.appendEvent({
      at,
      level: 'info',
      reason: 'Deleted',
      message,
      key,
      slot: null,
      pid: null,
      generation,
    });
  }
  loop.submitAll('desired');
  return ok({
    results: [...keys].map((app) => ({ app, changed: true, message: 'deleted' })),
    targets: [...keys].map((app) => ({ app, generation: 0, gone: true })),
  });
}

/** What the history says about the deletion from one project; a failure when one of its apps is protected. */
async function metaOf(
  project: string,
  leaving: ReadonlySet<AppKey>,
  { request, context }: { readonly request: DeleteRequest; readonly context: ControllerContext },
): Promise<Result<RevisionMeta, Failure>> {
  const { driver, store, observer, clock } = context;
  const isMine = ({ key }: { readonly key: AppKey }): boolean => splitAppKey(key).project === project;
  const staying = store.desired().filter((app) => isMine(app) && !leaving.has(app.key));
  const observed = {
    reachable: driver.reachable,
    instances: observer.instances().filter(isMine),
    history: store.histories().filter(isMine),
    accepted: store.accepted().filter(isMine),
  };
  const { changes, summary } = await inTurns(
    planPieces(staying, observed, clock.now(), { removalReason: () => 'Deleted' }),
  );
  const refused = protectGuard(changes, observed, { allowWipe: request.allowWipe });
  if (refused !== null) return err(refused);
  const { by, command } = request;
  return ok({ by, command, summary, changes: changes.filter(({ kind }) => kind === 'remove') });
}
