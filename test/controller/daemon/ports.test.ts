import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { PlanDocument } from '../../../src/api/contract/wire/plan.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { Host } from '../../support/host.ts';

const SERVER = `require('http').createServer((_, answer) => answer.end('ok')).listen(process.env.PORT, '127.0.0.1');`;

/** By app and slot: the ports that its processes were told. */
async function told(host: Host): Promise<Readonly<Record<string, number | null>>> {
  const { items } = await host.apps();
  const found = items.flatMap(({ name, status }) =>
    status.instances.map(
      ({ slot, declaredPorts = [] }) => [`${name}:${slot}`, declaredPorts[0]?.port ?? null] as const,
    ),
  );
  return Object.fromEntries(found);
}

async function occupy(port: number): Promise<Server> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

describe('port: auto', () => {
  test('is a port for each slot that outlives restarts, crashes, the daemon and the runner', async () => {
    await using host = new Host();
    host.write('srv.js', SERVER);
    const readiness = { http: { path: '/' }, period: '100ms' };
    const fork = { exec_mode: 'fork', instances: 2 };
    host.declare(
      { name: 'api', script: './srv.js', port: 'auto', readiness, min_uptime: 50, ...fork },
      { name: 'surge', script: './srv.js', port: 'auto', readiness, rollout: { max_surge: 1, min_ready: 0 } },
      { name: 'files', serve: { path: '.' }, ports: [{ name: 'http', port: 'auto' }], instances: 2 },
    );
    await host.ok('apply');
    const first = await told(host);
    const { 'files:0': files, 'files:1': shared, ...own } = first;
    expect(shared).toBe(files);
    expect(new Set([...Object.values(own), files]).size).toBe(4);
    for (const port of Object.values(first)) {
      expect(port).toBeGreaterThanOrEqual(20_000);
      expect((await fetch(`http://127.0.0.1:${port ?? 0}/srv.js`)).status).toBe(200);
    }

    const [pid = null] = (await host.pids())['api'] ?? [];
    process.kill(pid ?? 0, 'SIGKILL');
    await eventually(async () => {
      const now = (await host.pids())['api']?.[0] ?? null;
      return now !== null && now !== pid;
    });
    await host.ok('restart', 'api', 'files');
    expect(await told(host)).toEqual(first);

    // Two processes of a slot take turns with two ports.
    await host.ok('reload', 'surge');
    const turned = await told(host);
    expect(turned['surge:0']).not.toBe(first['surge:0']);
    await host.ok('reload', 'surge');
    expect(await told(host)).toEqual(first);

    const { controller, runner } = await host.daemon();
    process.kill(runner?.pid ?? 0, 'SIGKILL');
    process.kill(controller?.pid ?? 0, 'SIGKILL');
    await eventually(async () => {
      const ran = await host.run(['daemon', 'start']);
      return ran.code === 0;
    });
    expect(await told(host)).toEqual(first);
    await host.ok('restart', 'api');
    expect(await told(host)).toEqual(first);

    // It belongs to the slot: nobody else gets it while it is scaled away, and it comes back.
    await host.ok('scale', 'api', '1');
    await host.ok('scale', 'api', '2');
    expect(await told(host)).toEqual(first);
  }, 60_000);

  test('comes from the range that the daemon is told of, and one that is none is refused at its start', async () => {
    await using host = new Host();
    host.write('srv.js', SERVER);
    host.declare({ name: 'api', script: './srv.js', port: 'auto', readiness: { http: {} }, min_uptime: 50 });
    const refused = await host.run(['apply'], { env: { STATEWARD_PORT_RANGE: '41000' } });
    expect([refused.code, refused.stderr]).toEqual([
      69,
      expect.stringContaining('STATEWARD_PORT_RANGE is "41000", which is no range of ports') as string,
    ]);
    const applied = await host.run(['apply'], { env: { STATEWARD_PORT_RANGE: '41000-41099' } });
    expect(applied.code).toBe(0);
    const { 'api:0': port } = await told(host);
    expect(port).toBeGreaterThanOrEqual(41_000);
    expect(port).toBeLessThan(41_100);
  }, 60_000);

  test('is another port when somebody has taken it, and the process works', async () => {
    await using host = new Host();
    host.write('srv.js', SERVER);
    host.declare({ name: 'api', script: './srv.js', port: 'auto', readiness: { http: {} }, min_uptime: 50 });
    await host.ok('apply');
    const port = (await told(host))['api:0'] ?? 0;
    await host.ok('stop', 'api');
    const server = await occupy(port);
    await host.ok('start', 'api');
    expect((await told(host))['api:0']).not.toBe(port);
    expect((await host.ok('events', 'api')).stdout).toMatch(
      /PortMoved: port main was \d+, which process \d+/,
    );
    server.close();
  }, 60_000);
});

describe('a declared port', () => {
  test('that a ready app does not listen on is a condition, with the one that it takes', async () => {
    await using host = new Host();
    const port = await freePort();
    host.write('srv.js', `process.env.PORT = '${port}'; ${SERVER}`);
    host.declare({
      ...{ name: 'api', script: './srv.js', ports: [{ name: 'http', port: 'auto' }], min_uptime: 50 },
      readiness: { tcp: { port }, period: '100ms' },
    });
    await host.ok('apply');
    await eventually(async () => {
      const [app] = (await host.apps()).items;
      return app?.status.problems?.some(({ reason }) => reason === 'PortNotOpen') === true;
    });
    expect((await host.ok('get', '-o', 'wide')).stdout).toMatch(
      new RegExp(`${port},http:\\d+ \\(not open\\)`),
    );
    expect((await host.ok('describe', 'api')).stdout).toMatch(
      new RegExp(
        `PortsOpen +False +PortNotOpen .*slot 0 listens on ${port}, and declares port \\d+ \\(http\\)`,
      ),
    );
  }, 60_000);

  test('that another project or a stranger has is named by the plan, and refuses nothing', async () => {
    await using host = new Host();
    const [port, other] = [await freePort(), await freePort()];
    const server = await occupy(other);
    host.write('srv.js', SERVER);
    host.write('idle.js', 'setInterval(() => {}, 1e6);');
    host.declare({ name: 'api', script: './srv.js', port, readiness: { http: {} }, min_uptime: 50 });
    await host.ok('apply');
    const blog = { name: 'web', script: './idle.js', port, min_uptime: 50 };
    const apps = [blog, { name: 'admin', script: './idle.js', ports: [{ name: 'a', port: other }] }];
    host.write(
      'blog/ecosystem.json',
      JSON.stringify({ project: 'blog', apps: apps.map((app) => ({ ...app, cwd: '..' })) }),
    );
    const planned = await host.ok('plan', '-f', 'blog');
    expect(planned.stdout).toContain(`! blog/web: port ${port} is that of shop/api as well`);
    expect(planned.stdout).toMatch(
      new RegExp(`! blog/admin: port ${other} is held by process ${process.pid} \\(.*\\): end it`),
    );
    const { portWarnings } = JSON.parse(
      (await host.ok('plan', '-f', 'blog', '-o', 'json')).stdout,
    ) as PlanDocument;
    expect(portWarnings).toMatchObject([
      { app: 'blog/web', port, owner: 'shop/api', pid: null },
      { app: 'blog/admin', port: other, owner: null, pid: process.pid },
    ]);
    // What is bound for an app is wanted as well.
    const sockets = [port, other].map((listen) => ({
      ...{ name: `s${listen}`, script: './idle.js', cwd: '..' },
      sockets: [{ name: 'web', listen }],
    }));
    host.write('bound/ecosystem.json', JSON.stringify({ project: 'bound', apps: sockets }));
    const bound = await host.ok('plan', '-f', 'bound');
    expect(bound.stdout).toContain(`! bound/s${port}: port ${port} is that of shop/api as well`);
    expect(bound.stdout).toContain(`! bound/s${other}: port ${other} is held by process ${process.pid} `);
    // Its own process is no stranger, and where nothing is started nobody is in the way.
    expect((await host.ok('plan')).stdout).not.toContain('port');
    expect((await host.ok('plan', '--reload')).stdout).not.toContain('is held');
    expect((await host.ok('apply', '-f', 'blog')).stdout).toContain(
      `blog/web: port ${port} is that of shop/api`,
    );
    server.close();
  }, 60_000);
});
