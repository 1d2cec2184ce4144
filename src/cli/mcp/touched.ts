import type { App } from '../../api/contract/wire/apps.ts';
import { appKey } from '../../lib/app-key.ts';
import type { Touched } from './policy.ts';

type Action = 'start' | 'stop' | 'restart' | 'reload' | 'scale';

/** What an action does to an app as it runs now; `wanted`: the instances of a scale. */
export function touchedBy(action: Action, { project, name, spec, status }: App, wanted: number): Touched {
  const app = appKey(project, name);
  const running = status.instances.filter(({ pid }) => pid !== null).length;
  switch (action) {
    case 'start':
      return { app, processes: Math.max(0, (spec?.instances ?? running) - running) };
    case 'scale':
      return { app, processes: Math.abs(wanted - running) };
    default:
      return { app, processes: running };
  }
}

/** What an action was decided upon: equal texts, the same declaration and the same processes. */
export function stateOf(items: readonly App[]): string {
  return JSON.stringify(
    items.map(({ project, name, status: { generation, instances } }) => [
      appKey(project, name),
      generation,
      instances.map(({ slot, pid, startedAt }) => [slot, pid, startedAt]),
    ]),
  );
}
