import { describe, expect, test } from 'vitest';
import { foundRestarts, takeOverRestarts } from '../../../src/controller/context/found-restarts.ts';
import type { ObservedInstance } from '../../../src/plan/model/observed.ts';
import { isUpToDate } from '../../../src/plan/slots/effective.ts';
import { openedStore, temporaryFolder } from '../../state/folder.ts';
import { accepted, appSpec } from '../../state/specs.ts';

async function scene() {
  const store = await openedStore(temporaryFolder());
  await store.commit(accepted('shop', [appSpec({ name: 'api', instances: 2 })]));
  const app = store.desiredApp('shop/api');
  if (app === undefined) throw new Error('no app');
  const process = (slot: number, generation: number, restartGeneration: number) =>
    ({
      ...{ key: app.key, slot, generation, restartGeneration },
      ...{ nonce: `n${slot}`, state: 'running', templateHash: app.templateHash },
    }) as unknown as ObservedInstance;
  return { store, app, process };
}

describe('processes of restarts that were never written', () => {
  test('count as up to date, and the next restart has a number of its own', async () => {
    const { store, app, process } = await scene();
    const instances = [process(0, app.generation + 1, 1), process(1, app.generation, 0)];
    const lines: string[] = [];
    await takeOverRestarts({ store, instances, log: (line) => lines.push(line) });
    const now = store.desiredApp(app.key);
    if (now === undefined) throw new Error('no app');
    expect(instances.map((instance) => isUpToDate(instance, now))).toEqual([true, true]);
    expect(now.generation).toBe(app.generation + 1);
    expect(lines).toEqual([expect.stringContaining('restarts of shop/api were not on record')]);
  });

  test('are not those of a version or a restart that was taken back', async () => {
    const { app, process } = await scene();
    expect(foundRestarts(app, [process(0, app.generation, 1)])).toBeNull();
    const other = { ...process(0, app.generation + 1, 1), templateHash: 'other' };
    expect(foundRestarts(app, [other])).toBeNull();
  });
});
