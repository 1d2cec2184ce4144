import { describe, expect, test } from 'vitest';
import { reduce, type Projects } from '../../../src/state/desired/reducer.ts';
import type { Fact } from '../../../src/state/model/types.ts';
import { accepted, appSpec } from '../specs.ts';

const api = appSpec({ name: 'api' });
const more = { ...api, instances: 2 };
const asked: Fact = {
  ...({ kind: 'confirmation-asked', project: 'shop' } as const),
  ...{ previous: 1, until: 5_000, by: 'ann', at: 2_000 },
};
const onTrial = { previous: 1, until: 5_000, by: 'ann', at: 2_000 };

function after(...facts: readonly Fact[]): Projects {
  return facts.reduce(reduce, new Map());
}

const trial = [accepted('shop', [api]), accepted('shop', [more]), asked] as const;

describe('a revision on trial', () => {
  test('stays so when the same is applied again, and when somebody restarts or scales', () => {
    const projects = after(...trial, accepted('shop', [more]), {
      kind: 'override-set',
      key: 'shop/api',
      override: { instances: 3, by: 'bob', at: 1 },
    });
    expect(projects.get('shop')?.confirmation).toEqual(onTrial);
  });

  test('is settled when it is confirmed, and that makes no revision', () => {
    const projects = after(...trial, { kind: 'confirmed', project: 'shop', at: 3_000 });
    expect(projects.get('shop')).toMatchObject({ revision: 2 });
    expect(projects.get('shop')).not.toHaveProperty('confirmation');
    expect(reduce(projects, { kind: 'confirmed', project: 'shop', at: 4_000 })).toBe(projects);
  });

  test('is settled when something else is applied', () => {
    const projects = after(...trial, accepted('shop', [{ ...api, instances: 5 }]));
    expect(projects.get('shop')).not.toHaveProperty('confirmation');
  });

  test('goes with its project to another name, and leaves nothing behind that could come back', () => {
    const projects = after(...trial, { kind: 'apps-moved', from: 'shop', to: 'store', apps: {}, at: 3_000 });
    expect(projects.get('store')?.confirmation).toEqual(onTrial);
    expect(projects.get('shop')).not.toHaveProperty('confirmation');
  });

  test('lasts as long as it was to when the clock is set', () => {
    const projects = after(...trial, { kind: 'clock-set', byMs: 100 });
    expect(projects.get('shop')?.confirmation).toMatchObject({ at: 2_100, until: 5_100 });
  });

  test('of a project that is not there is nothing', () => {
    expect(after(asked).size).toBe(0);
  });
});
