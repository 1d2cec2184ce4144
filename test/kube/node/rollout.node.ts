import { describe, expect, it } from 'vitest';
import { at, listAt, textAt } from '../../../src/targets/kubernetes/live/fields.ts';
import { NodeCluster } from './support/cluster.ts';
import { Load } from './support/load.ts';

const API = {
  ...{ name: 'api', script: './api.js', instances: 2, port: 3000, agent: false },
  readiness: { http: { path: '/healthz' }, period: 1000 },
};

/** A server that says which version it is, and takes its time. */
function server(version: string): string {
  return `
    const answer = (request, response) => setTimeout(() => response.end('${version}'), 20);
    const server = require('node:http').createServer(answer).listen(3000, () => console.log('${version} listens'));
    process.on('SIGTERM', () => server.close(() => process.exit(0)));
  `;
}

describe('under requests that come through the Service', () => {
  it('a rollout loses none, nor does a release that ends at once and is taken back, nor a rollback', async () => {
    await using cluster = await NodeCluster.start();
    cluster.write('api.js', server('one'));
    cluster.declareMade(API);
    const first = await cluster.there('apply');
    expect([first.code, first.stderr]).toEqual([0, expect.stringContaining('shop/api: applied')]);
    const load = new Load(`http://${await cluster.addressOf('api')}:3000/`);
    const count = (version: string): number => load.seen().texts.get(version) ?? 0;
    await cluster.until(() => Promise.resolve(count('one') > 50));

    cluster.write('api.js', server('two'));
    const second = await cluster.there('apply');
    expect([second.code, second.stderr]).toEqual([0, expect.stringContaining('shop/api: applied')]);
    const before = count('one');
    await cluster.until(() => Promise.resolve(count('two') > 50));
    // Those of the old version are gone when the rollout is done.
    expect(count('one')).toBe(before);

    cluster.write('api.js', 'console.log("no such database: shop"); process.exitCode = 7;');
    const failed = await cluster.there('apply');
    expect([failed.code, failed.stderr]).toEqual([3, expect.stringContaining('exit code 7')]);
    expect(failed.stderr).toContain('no such database: shop');
    expect(failed.stderr).toContain('what ran before runs again');
    const after = count('two');
    await cluster.until(() => Promise.resolve(count('two') > after + 50));
    expect((await cluster.there('get')).stdout).toMatch(/api +OutOfSync +Healthy +2\/2/);

    const back = await cluster.there('rollback', 'api');
    expect([back.code, back.stdout]).toEqual([0, 'shop/api  back at revision 1\n']);
    const again = count('one');
    await cluster.until(() => Promise.resolve(count('one') > again + 50));
    const { failed: lost, texts } = await load.end();
    expect(lost).toEqual([]);
    expect([...texts.keys()].toSorted()).toEqual(['one', 'two']);
    console.log(`requests: ${JSON.stringify(Object.fromEntries(texts))}, lost: ${lost.length}`);
  });
});

describe('an image that is made of a folder', () => {
  it('is pushed once, pulled by its digest, and is run until it is deleted', async () => {
    await using cluster = await NodeCluster.start();
    cluster.write('api.js', `${server('one')}\nrequire('left-pad');`);
    cluster.write('node_modules/left-pad/index.js', 'console.log("from its packages");');
    cluster.declareMade({ ...API, instances: 1 });
    expect((await cluster.there('apply')).code).toBe(0);
    const pods = listAt(await cluster.api.ok('GET', cluster.pathOf('pods')), 'items');
    const image = textAt(listAt(pods[0], 'spec', 'containers')[0], 'image') ?? '';
    expect(image).toMatch(new RegExp(`^${cluster.images}@sha256:[0-9a-f]{64}$`));
    expect(textAt(listAt(pods[0], 'status', 'containerStatuses')[0], 'imageID')).toBe(image);
    const { tags } = (await (await fetch(`${cluster.registryUrl}/tags/list`)).json()) as { tags: string[] };
    expect(tags).toHaveLength(1);
    const plan = await cluster.there('plan', '--detailed-exitcode');
    expect([plan.code, plan.stdout]).toEqual([0, expect.stringContaining('No changes.')]);
    const logs = await cluster.there('logs', 'api', '--raw');
    expect(logs.stdout.trim().split('\n').toSorted()).toEqual(['from its packages', 'one listens']);
    const deleted = await cluster.there('delete', 'api');
    expect([deleted.code, deleted.stdout]).toEqual([0, 'shop/api  removed\n']);
    await cluster.until(async () => (await cluster.names('pods')).length === 0);
    expect(at(await cluster.find('services', 'api'), 'spec')).toBeUndefined();
  });
});
