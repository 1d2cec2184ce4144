import { expect, test } from 'vitest';
import { acceptedApps, desiredApps } from '../../../src/state/desired/desired.ts';
import { reduce, reduceAll, type Projects } from '../../../src/state/desired/reducer.ts';
import { makeSpec, NOW } from '../../plan/fixtures.ts';

const SOURCE = { files: ['/srv/ecosystem.yaml'], env: null } as never;

function accepted(): Projects {
  const apps = [makeSpec({ name: 'api' }), makeSpec({ name: 'web' })];
  const spec = { project: 'shop', source: SOURCE, apps };
  return reduceAll(new Map(), [
    { kind: 'project-accepted', spec, templateHashes: { api: 'a', web: 'b' }, prune: true, at: NOW },
  ]);
}

test('apps of records that did not change are the very same objects', () => {
  const before = accepted();

  const after = reduce(before, {
    kind: 'override-set',
    key: 'shop/web',
    override: { run: 'stopped', by: 'ann', at: NOW },
  });
  const [api, web] = desiredApps(before);
  expect(desiredApps(before)[0]).toBe(api);
  expect(desiredApps(after)[0]).toBe(api);
  expect(desiredApps(after)[1]).toEqual({
    ...web,
    override: { run: 'stopped', by: 'ann', at: NOW },
    generation: expect.any(Number) as number,
  });
  expect(acceptedApps(after)[0]).toBe(acceptedApps(before)[0]);
  expect(acceptedApps(after)[1]).not.toBe(acceptedApps(before)[1]);
});

test('a record under another key is another app', () => {
  const [[, record] = []] = [...accepted()];
  if (record === undefined) throw new Error('nothing was accepted');
  const { api } = record.apps;
  if (api === undefined) throw new Error('no api');
  const moved: Projects = new Map([
    ['shop', record],
    ['store', { ...record, project: 'store', apps: { api } }],
  ]);
  expect(desiredApps(moved).map(({ key, project }) => [key, project])).toEqual([
    ['shop/api', 'shop'],
    ['shop/web', 'shop'],
    ['store/api', 'store'],
  ]);
  expect(acceptedApps(moved).map(({ key }) => key)).toEqual(['shop/api', 'shop/web', 'store/api']);
});
