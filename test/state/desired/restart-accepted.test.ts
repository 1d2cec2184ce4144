import { describe, expect, test } from 'vitest';
import type { AppSpec } from '../../../src/spec/types.ts';
import { reduce, type Projects } from '../../../src/state/desired/reducer.ts';
import type { AppRecord, Fact } from '../../../src/state/model/types.ts';
import { accepted, appSpec } from '../specs.ts';

const KEY = 'shop/web' as const;
const asked = { reason: 'ReloadRequested', detail: 'asked for by ann', at: 20 } as const;

function reload(spec: AppSpec): Fact {
  return accepted('shop', [spec], { at: 20, restart: asked });
}

/** The app `web` after each fact. */
function after(...facts: readonly Fact[]): AppRecord {
  const app = facts.reduce<Projects>(reduce, new Map()).get('shop')?.apps.web;
  if (app === undefined) throw new Error('no app web');
  return app;
}

const spec = appSpec({ name: 'web', script: '/srv/v1.js' });
const proven = [
  accepted('shop', [spec], { at: 10 }),
  { kind: 'rollout-completed', key: KEY, generation: 1, at: 11 },
] as const;

describe('a declaration that is accepted with the wish for new processes', () => {
  test('replaces the processes of an app that it does not change', () => {
    const before = after(...proven);
    const next = after(...proven, reload(spec));
    expect(next).toMatchObject({ restartGeneration: before.restartGeneration + 1, lastRestart: asked });
    expect(next.rollout).toMatchObject({ previous: { templateHash: 'hash-of-/srv/v1.js' }, startedAt: 20 });
  });

  test('leaves it to a new version to replace them, once', () => {
    const changed = { ...spec, script: '/srv/v2.js' };
    const applied = after(...proven, accepted('shop', [changed], { at: 20 }));
    expect(after(...proven, reload(changed))).toEqual(applied);
  });

  test('replaces those of an app that is scaled too, the new ones with them', () => {
    const next = after(...proven, reload({ ...spec, instances: 3 }));
    expect(next).toMatchObject({ spec: { instances: 3 }, restartGeneration: 1 });
  });

  test('starts what was stopped by hand, as no rollout', () => {
    const stopped: Fact = {
      kind: 'override-set',
      key: KEY,
      override: { run: 'stopped', by: 'ann', at: 12 },
    };
    const next = after(...proven, stopped, reload(spec));
    expect(next).toMatchObject({ override: null, restartGeneration: 1 });
    expect(next.rollout).toBeUndefined();
  });

  test('asks a scheduled job for no run, and starts nothing that is not to run', () => {
    for (const resting of [
      { ...spec, schedule: '0 2 * * *' },
      { ...spec, autostart: false },
    ]) {
      const applied = [accepted('shop', [resting], { at: 10 })];
      expect(after(...applied, reload(resting)).restartGeneration).toBe(0);
    }
  });

  test('has a new app start as any other', () => {
    expect(after(reload(spec)).restartGeneration).toBe(0);
  });
});
