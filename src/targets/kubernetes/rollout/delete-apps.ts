import type { AppKey } from '../../../lib/app-key.ts';
import type { Failure } from '../../../lib/failure.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import type { TargetOutcome, TargetWaiting } from '../../model/target.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { AppObjects } from '../live/app-objects.ts';
import { at } from '../live/fields.ts';
import { isOurs, type LiveObject } from '../live/live-object.ts';

/** Removes everything of these apps that stateward has applied. What others have made under their names stays. */
export async function deleteApps(
  cluster: Cluster,
  apps: readonly AppObjects[],
  { allowWipe, signal, said }: Pick<TargetWaiting, 'signal' | 'said'> & { readonly allowWipe: boolean },
): Promise<Result<TargetOutcome, Failure>> {
  const meant = apps.map((app) => ({ key: app.key, own: ownObjects(app) }));
  const kept = meant.filter(({ own }) => own.some(isProtected)).map(({ key }) => key);
  if (kept.length > 0 && !allowWipe) {
    return err({
      code: 'PROTECTED',
      message: `cannot remove ${kept.join(', ')}: protect is set`,
      hint: 'set protect: false and apply that first, or repeat with --allow-wipe',
    });
  }
  const done: { readonly app: AppKey; readonly what: string }[] = [];
  for (const { key, own } of meant) {
    if (signal.aborted) {
      const what = done.length === 0 ? 'nothing' : done.map(({ app }) => app).join(', ');
      return ok({ done, failures: [{ code: 'INTERRUPTED', message: `interrupted: ${what} was removed` }] });
    }
    for (const object of own) {
      const removed = await cluster.remove(object);
      if (!removed.ok) return ok({ done, failures: [removed.error] });
    }
    if (own.length === 0) said(`${key}: is not there`);
    else done.push({ app: key, what: 'removed' });
  }
  return ok({ done, failures: [] });
}

function ownObjects({ compared, stale, kept }: AppObjects): readonly LiveObject[] {
  return [...compared.flatMap(({ live }) => live ?? []), ...stale, ...kept].filter(isOurs);
}

function isProtected(object: LiveObject): boolean {
  return at(object, 'metadata', 'annotations', 'stateward.dev/protect') === 'true';
}
