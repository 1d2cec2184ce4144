import type { VerbRequest, VerbResponse } from '../../api/contract/wire/verbs.ts';
import { splitAppKey, type AppKey } from '../../lib/app-key.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { protectGuard } from '../../plan/guards/guard.ts';
import { plan } from '../../plan/plan.ts';
import type { AcceptedApp, DesiredApp, Observed } from '../../plan/model/types.ts';
import type { ControllerContext } from '../context/context.ts';

/**
 * The verb `delete`: the apps leave the desired state, one new revision a project. Each was named, so only `protect`
 * objects; the wipe guard is for files that say less than they should.
 */
export async function deleteApps(
  apps: readonly DesiredApp[],
  request: Extract<VerbRequest, { verb: 'delete' }>,
  context: ControllerContext,
): Promise<Result<VerbResponse, Failure>> {
  const { loop } = context;
  const leaving = new Set(apps.map(({ key }) => key));
  for (const project of new Set(apps.map((app) => app.project))) {
    const deleted = await deleteFromProject(project, leaving, { request, context });
    if (!deleted.ok) return deleted;
  }
  loop.submitAll();
  return ok({
    results: [...leaving].map((app) => ({ app, changed: true, message: 'deleted' })),
    targets: [...leaving].map((app) => ({ app, generation: 0, gone: true })),
  });
}

async function deleteFromProject(
  project: string,
  leaving: ReadonlySet<AppKey>,
  { request, context }: { request: Extract<VerbRequest, { verb: 'delete' }>; context: ControllerContext },
): Promise<Result<void, Failure>> {
  const { store, clock } = context;
  const isMine = (key: AppKey): boolean => splitAppKey(key).project === project;
  const accepted = store.accepted().filter(({ key }) => isMine(key));
  const staying = store.desired().filter(({ key }) => isMine(key) && !leaving.has(key));
  const now = clock.now();
  const observed = observe(accepted, isMine, context);
  const { changes, summary } = plan(staying, observed, now, { removalReason: () => 'Deleted' });
  const refused = protectGuard(changes, observed, { allowWipe: request.allowWipe });
  if (refused !== null) return err(refused);
  const going = accepted.filter(({ key }) => leaving.has(key));
  context.leaving.add(going, 'Deleted');
  const committed = await store.commit(
    { kind: 'apps-deleted', keys: going.map(({ key }) => key), at: now },
    () => ({
      by: request.by,
      command: request.command,
      summary,
      changes: changes.filter(({ kind }) => kind === 'remove'),
    }),
  );
  if (!committed.ok) return committed;
  for (const { key, generation } of going) {
    const message = `deleted by ${request.by}`;
    store.appendEvent({
      at: now,
      level: 'info',
      reason: 'Deleted',
      message,
      key,
      slot: null,
      pid: null,
      generation,
    });
  }
  return ok(undefined);
}

function observe(
  accepted: readonly AcceptedApp[],
  isMine: (key: AppKey) => boolean,
  { driver, store, observer }: ControllerContext,
): Observed {
  return {
    reachable: driver.reachable,
    instances: observer.instances().filter(({ key }) => isMine(key)),
    history: store.histories().filter(({ key }) => isMine(key)),
    accepted,
  };
}
