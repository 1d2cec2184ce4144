import type { UnwrittenInfo } from '../../../api/contract/wire/daemon.ts';
import type { AppKey } from '../../../lib/app-key.ts';
import type { Condition } from '../../../plan/model/health.ts';
import type { Store, Unwritten } from '../../../state/store.ts';
import { toRfc3339 } from '../wire-values.ts';

type UnwrittenApp = Unwritten['apps'][number];

/** What is not on disk yet, as the API gives it; `only`: of these apps. */
export function viewUnwritten(
  { since, problem, apps }: Unwritten,
  only: (app: AppKey) => boolean = () => true,
): UnwrittenInfo {
  return {
    since: toRfc3339(since),
    file: problem.file,
    reason: problem.why,
    hint: problem.wayOut,
    apps: apps
      .filter(({ key }) => only(key))
      .map(({ key, wanted, wantedOnDisk }) => ({
        app: key,
        instances: wanted,
        instancesAfterRestart: wantedOnDisk,
      })),
  };
}

/** The part of an answer that says that what was asked for holds, and is not on disk yet. */
export function unwrittenOf(
  keys: readonly AppKey[],
  store: Pick<Store, 'unwritten'>,
): { readonly unwritten?: UnwrittenInfo } {
  const unwritten = store.unwritten();
  if (unwritten === null) return {};
  const info = viewUnwritten(unwritten, (key) => keys.includes(key));
  return info.apps.length === 0 ? {} : { unwritten: info };
}

/** What an app is told of it: since when, why, what would follow, and the way out. */
export function unwrittenCondition({ since, problem }: Unwritten, app: UnwrittenApp): Condition {
  const { file, why, wayOut } = problem;
  const message =
    `state not written since ${toRfc3339(since)}: ${file}: ${why}; after a restart of the controller ` +
    `${afterRestart(app)}; ${wayOut}, then it is written by itself`;
  return { type: 'Saved', status: 'False', reason: 'StateUnwritten', message };
}

function afterRestart({ wanted, wantedOnDisk }: UnwrittenApp): string {
  if (wantedOnDisk === wanted) return 'its last restarts and rollouts would not be known';
  if (wanted === 0) return 'the app would start again';
  return wantedOnDisk === 0 ? 'the app would stop' : `${wantedOnDisk} instances would run again`;
}
