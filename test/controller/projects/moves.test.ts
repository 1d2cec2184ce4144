import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { freePort } from '../../support/free-port.ts';
import { Host } from '../../support/host.ts';

const QUICK = { min_uptime: 50 };

function declare(
  host: Host,
  root: Record<string, unknown>,
  ...apps: readonly Record<string, unknown>[]
): void {
  host.write('ecosystem.yaml', stringify({ ...root, apps }));
}

async function listed(host: Host) {
  const { items } = await host.apps();
  return items.map(({ project, name, status }) => ({
    app: `${project}/${name}`,
    ids: status.instances.map(({ id }) => id),
    pids: status.instances.map(({ pid }) => pid),
  }));
}

describe('a project that has another name now', () => {
  it('keeps its processes, numbers, revisions and shared sockets, over a restart of the controller too', async () => {
    await using host = new Host();
    const port = await freePort();
    host.write('app.js', 'setInterval(() => {}, 1e6);');
    host.write('web.js', `require('http').createServer((q, r) => r.end('ok')).listen(${port});`);
    const web = { name: 'web', script: './web.js', instances: 2, ...QUICK };
    const api = { name: 'api', script: './app.js', ...QUICK };
    declare(host, { project: 'shopa' }, web, api);
    await host.ok('apply');
    const before = await listed(host);
    declare(host, { project: 'shopb' }, web, api);
    const unsaid = await host.ok('plan');
    expect(unsaid.stdout).toMatch(
      /declared project shopa before.*moved: \{ from: shopa \}.*stateward delete shopa/,
    );
    declare(host, { project: 'shopb', moved: { from: 'shopa' } }, web, api);
    const plan = await host.ok('plan');
    expect(plan.stdout).toMatch(/shopb +\(revision 1 → 2/);
    expect(plan.stdout).toMatch(/moved from shopa\/api/);
    expect(plan.stdout).toMatch(/STATEWARD_PROJECT/);
    await host.ok('apply');
    expect(await listed(host)).toEqual(
      before.map((one) => ({ ...one, app: one.app.replace('shopa', 'shopb') })),
    );
    expect((await host.ok('apply')).text).toMatch(/Nothing to do.*0 processes touched/);
    await host.ok('daemon', 'stop');
    await host.ok('daemon', 'start');
    expect((await listed(host)).map(({ pids }) => pids)).toEqual(before.map(({ pids }) => pids));
    // The new instance gets the socket that the old ones have.
    await host.ok('reload', 'web');
    const history = JSON.parse((await host.ok('history', 'shopb', '-o', 'json')).stdout) as {
      items: { revision: number }[];
    };
    expect(history.items.map(({ revision }) => revision)).toEqual([2, 1]);
  });

  it('is refused where both have apps', async () => {
    await using host = new Host();
    host.write('app.js', 'setInterval(() => {}, 1e6);');
    const api = { name: 'api', script: './app.js', ...QUICK };
    for (const project of ['shopa', 'shopb']) {
      declare(host, { project }, api);
      await host.ok('apply');
    }
    declare(host, { project: 'shopb', moved: { from: 'shopa' } }, api);
    const ran = await host.run(['apply']);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(/cannot move project shopa to shopb: both have apps/);
  });
});

describe('an app that has another name now', () => {
  it('keeps its processes, and gets its name back by a rollback', async () => {
    await using host = new Host();
    host.write('app.js', 'setInterval(() => {}, 1e6);');
    const api = { name: 'api', script: './app.js', ...QUICK };
    declare(host, { project: 'shop' }, api);
    await host.ok('apply');
    const [before] = await listed(host);
    declare(host, { project: 'shop' }, { ...api, name: 'worker' });
    expect((await host.ok('plan')).stdout).toMatch(
      /worker is like api but for its name: `moved: \{ from: api \}`/,
    );
    declare(
      host,
      { project: 'shop' },
      { ...api, name: 'worker', kill_timeout: '3s', moved: { from: 'api' } },
    );
    await host.ok('apply');
    expect(await listed(host)).toEqual([{ ...before, app: 'shop/worker' }]);
    await host.ok('rollback', 'shop', '--to', '1');
    expect(await listed(host)).toEqual([before]);
  });

  it('cannot have the name of one that is declared', async () => {
    await using host = new Host();
    host.write('app.js', '');
    const api = { name: 'api', script: './app.js' };
    declare(host, { project: 'shop' }, api, { ...api, name: 'worker', moved: { from: 'api' } });
    const ran = await host.run(['validate']);
    expect(ran.code).toBe(65);
    expect(ran.stderr).toMatch(/moved\.from.*the file still declares an app "api"/);
  });

  it('is taken over by one app alone', async () => {
    await using host = new Host();
    host.write('app.js', '');
    const moved = { script: './app.js', moved: { from: 'api' } };
    declare(host, { project: 'shop' }, { ...moved, name: 'one' }, { ...moved, name: 'two' });
    const ran = await host.run(['validate']);
    expect(ran.code).toBe(65);
    expect(ran.stderr).toMatch(/moved\.from \(app "two"\): "one" takes over the processes of "api" already/);
  });
});
