import type { App } from '../../api/contract/wire/apps.ts';
import { appKey, type AppKey } from '../../lib/app-key.ts';
import type { Override } from '../../plan/model/desired.ts';
import { runMode } from '../../plan/slots/effective.ts';
import type { Api } from './api.ts';

/** More than these are counted. */
const NAMED = 5;

/**
 * Apps that a daemon starts by itself when it comes up, because they were declared before; those that run already, and
 * those that `isMeant` says are asked for, aside.
 */
export async function broughtUp(
  api: Pick<Api, 'apps'>,
  since: number,
  isMeant: (app: App) => boolean,
): Promise<readonly AppKey[]> {
  const list = await api.apps({ selectors: [], spec: 'redacted', detail: 'brief' });
  if (!list.ok) return [];
  return list.value.items
    .filter((app) => !isMeant(app) && comesUp(app, since))
    .map(({ project, name }) => appKey(project, name));
}

function comesUp({ spec, status: { override, instances } }: App, since: number): boolean {
  if (spec === null || spec.schedule !== null) return false;
  const mode = runMode(spec, override === null ? null : overrideOf(override));
  const hasEnded = !spec.autorestart && instances.every(({ lastExit }) => lastExit !== null);
  const runs = instances.some(
    ({ pid, startedAt }) => pid !== null && startedAt !== null && Date.parse(startedAt) < since,
  );
  return mode === 'running' && !hasEnded && !runs;
}

/** As much of it as says whether the app runs. */
function overrideOf({ run, by, at }: NonNullable<App['status']['override']>): Override {
  return { ...(run !== undefined && { run }), by, at: Date.parse(at) };
}

/** `blog/api, blog/web and 3 more`; null: there is nothing to say. */
export function namesOf(keys: readonly AppKey[]): string | null {
  if (keys.length === 0) return null;
  const more = keys.length - NAMED;
  return keys.slice(0, NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
