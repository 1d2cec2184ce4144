import type { AppKey } from '../../../lib/app-key.ts';
import type { ControllerContext } from '../../context/context.ts';
import { viewDesired, type AppSources } from '../app-queries.ts';

/**
 * Whether a list of apps would say of one of these that it has drifted, or that an operator has overridden what is declared.
 * Files that may have been edited are looked at first, as for a list.
 */
export async function hasDrift(
  apps: readonly AppKey[],
  { store, lookForDrift }: Pick<ControllerContext, 'store' | 'lookForDrift'>,
  sources: AppSources,
): Promise<boolean> {
  await lookForDrift();
  const query = { selectors: [], spec: 'none', detail: 'brief' } as const;
  return apps.some((key) => {
    const app = store.desiredApp(key);
    if (app === undefined) return true;
    const { status } = viewDesired(app, query, sources);
    return (status.drift ?? []).length > 0 || status.override !== null;
  });
}
