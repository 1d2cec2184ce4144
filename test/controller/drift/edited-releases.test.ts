import { expect, test } from 'vitest';
import { EditedReleases } from '../../../src/controller/drift/edited-releases.ts';
import { driftOf } from '../../../src/plan/explain/drift/drift-of.ts';
import { StatusTable } from '../../../src/reconcile/status-table.ts';
import type { EditedRelease } from '../../../src/sources/releases/model.ts';
import type { ProjectRecord } from '../../../src/state/model/types.ts';
import { makeApp } from '../../plan/fixtures.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const [OLD, NEW] = ['a'.repeat(40), 'b'.repeat(40)];

test('an app that runs from an edited release has drifted, until nothing of it is edited; others have not', async () => {
  const releases = '/home/ann/.stateward/releases/shop';
  const apps = [OLD, NEW].map((commit, index) =>
    makeApp(`app${index}`, {
      spec: { cwd: `${releases}/${commit}`, script: `${releases}/${commit}/api.js` },
    }),
  );
  const record = {
    project: 'shop',
    source: {
      files: [`${releases}/${NEW}/ecosystem.yaml`],
      env: null,
      origin: { source: 'shop', commit: NEW },
    },
    apps: Object.fromEntries(apps.map((app) => [app.spec.name, { spec: app.spec }])),
  } as unknown as ProjectRecord;
  const status = new StatusTable((error) => {
    throw error;
  });
  for (const { key } of apps) {
    const axes = { key, sync: 'Synced' as const, health: 'Healthy' as const, converged: true };
    const health = { ...axes, desiredInstances: 1, readyInstances: 1, conditions: [] };
    status.publish(key, { health, holds: [], generation: 1, now: 5 });
  }
  const edited: EditedRelease[] = [{ commit: OLD, files: [{ path: 'api.js', how: 'changed' }] }];
  const events: unknown[] = [];
  const look = new EditedReleases({
    ...{ status, clock: new FakeClock(7), editedOf: (source) => (source === 'shop' ? edited : []) },
    store: {
      projects: () => [record],
      appendEvent: (event) => {
        events.push(event);
        return { ...event, seq: 1 };
      },
    },
  });
  const drift = (): readonly string[] =>
    apps.flatMap((app) => {
      const { health, conditionSince: since = {} } = status.get(app.key) ?? {};
      return driftOf({ app, conditions: health?.conditions ?? [], since }).map(
        ({ app: name, kind, message, hint }) => `${name} ${kind}: ${message}; ${hint}`,
      );
    });
  await look.look();
  expect(drift()).toEqual([expect.stringMatching(/^app0 release: .*api\.js changed; push the edits, or /)]);
  edited.pop();
  await look.recheck();
  expect(drift()).toEqual([]);
  // The source has told of it.
  expect(events).toEqual([]);
});
