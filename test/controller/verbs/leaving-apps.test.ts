import { describe, expect, it } from 'vitest';
import { LeavingApps } from '../../../src/controller/context/leaving-apps.ts';
import { accept, makeApp } from '../../plan/fixtures.ts';

const dependsOn = (name: string, ...dependencies: readonly string[]) =>
  accept(
    makeApp(name, {
      spec: {
        name,
        depends_on: Object.fromEntries(dependencies.map((one) => [one, 'ready' as const])),
      },
    }),
  );

describe('apps that leave', () => {
  it('are found by what they depend on, until they are gone', () => {
    const leaving = new LeavingApps();
    const takeBack = leaving.add([dependsOn('web', 'db', 'cache'), dependsOn('job', 'db')], 'Deleted');
    expect(leaving.dependentsOf('shop/db')).toEqual(['shop/web', 'shop/job']);
    expect(leaving.dependentsOf('other/db')).toEqual([]);
    leaving.add([dependsOn('web', 'cache')], 'Deleted');
    expect(leaving.dependentsOf('shop/db')).toEqual(['shop/job']);
    leaving.delete('shop/job');
    expect(leaving.dependentsOf('shop/db')).toEqual([]);
    takeBack();
    expect(leaving.dependentsOf('shop/cache')).toEqual([]);
  });
});
