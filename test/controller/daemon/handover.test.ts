import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { Host } from '../../support/host.ts';

/** Answers, until it is told that it is sick, or to hang. */
const serverOf = (host: Host): string => `let status = 200;
process.on('message', (word) => {
  if (word === 'hang') for (;;);
  if (word === 'sick') status = 503;
  if (word === 'shutdown') { console.log('was told to go'); process.exit(0); }
});
require('node:http').createServer((request, response) => {
  response.statusCode = request.url === '/health' ? status : 200;
  response.end(String(process.pid));
}).listen(Number(process.env.PORT), '127.0.0.1', () => { ${host.saysUp()} });
`;

async function served(
  fields: (port: number) => Record<string, unknown>,
): Promise<{ readonly host: Host; readonly port: number }> {
  const host = new Host();
  const port = await freePort();
  host.write('server.js', serverOf(host));
  declare(host, { ...fields(port), env: { PORT: String(port) } });
  await host.ok('apply');
  await host.loaded();
  return { host, port };
}

function declare(host: Host, fields: Record<string, unknown>): void {
  host.declare({ name: 'web', script: './server.js', min_uptime: 100, code: 'off', ...fields });
}

/** Kills the runner, and waits until another one is there. */
async function replaceRunner(host: Host): Promise<void> {
  const { runner } = await host.daemon();
  process.kill(runner?.pid ?? 0, 'SIGKILL');
  await eventually(async () => {
    const ran = await host.run(['daemon', 'status', '-o', 'json']);
    if (ran.code !== 0) return false;
    const after = JSON.parse(ran.stdout) as Awaited<ReturnType<Host['daemon']>>;
    return after.runner !== null && after.runner.pid !== runner?.pid;
  });
}

async function statusOf(host: Host) {
  const { items } = await host.apps();
  const status = items[0]?.status;
  if (status === undefined) throw new Error('no app');
  return status;
}

async function sharingLost(host: Host): Promise<string | undefined> {
  const { conditions } = await statusOf(host);
  return conditions.find(({ type, status }) => type === 'SocketSharing' && status === 'False')?.message;
}

const CLUSTER = { exec_mode: 'cluster', instances: 2 };

describe('after the runner was killed', () => {
  it('messages reach an app in fork mode, and the one that stops it does', async () => {
    const { host } = await served(() => ({ shutdown_with_message: true }));
    await using _host = host;
    await replaceRunner(host);
    expect((await host.ok('send', 'web', 'hello')).text).toContain('sent');
    await host.ok('stop', 'web');
    expect((await host.ok('logs', 'web')).stdout).toContain('was told to go');
  });

  it('a heartbeat finds a process that hangs', async () => {
    const { host } = await served(() => ({
      heartbeat: { interval: '200ms', misses: 3 },
      listen_timeout: '5s',
      kill_timeout: 200,
    }));
    await using _host = host;
    const [pid] = (await host.pids()).web ?? [];
    await replaceRunner(host);
    await host.ok('send', 'web', 'hang');
    await eventually(async () => {
      const [now] = (await host.pids()).web ?? [];
      return now != null && now !== pid;
    });
    expect((await host.ok('events')).stdout).toContain('HeartbeatMissed');
  });

  it('a probe asks each instance by itself', async () => {
    const { host } = await served((port) => ({
      ...CLUSTER,
      readiness: { http: { port, path: '/health' }, period: '100ms' },
    }));
    await using _host = host;
    await replaceRunner(host);
    await host.ok('send', 'web:1', 'sick');
    const ready = await eventually(async () => {
      const { instances } = await statusOf(host);
      return instances.some((instance) => !instance.ready) && instances.map((instance) => instance.ready);
    });
    expect(ready).toEqual([true, false]);
  });

  it('an app that was frozen has lost its sockets until it goes on, and the plan says so', async () => {
    const { host, port } = await served(() => CLUSTER);
    await using _host = host;
    const pids = ((await host.pids()).web ?? []).filter((pid) => pid !== null);
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    await replaceRunner(host);
    // It may be said of one slot before the other.
    const message = await eventually(async () => {
      const said = await sharingLost(host);
      return said?.includes('slot 0, 1') && said;
    });
    expect(message).toContain('slot 0, 1');
    declare(host, { ...CLUSTER, env: { PORT: String(port), VERSION: '2' } });
    expect((await host.run(['plan'])).stdout).toContain('2 processes, all at once, stop first (a gap)');
    for (const pid of pids) process.kill(pid, 'SIGCONT');
    await eventually(async () => (await sharingLost(host)) === undefined);
    expect((await host.run(['plan'])).stdout).toContain('2 processes, 1 at a time, start first');
    await host.ok('apply');
    expect((await host.pids()).web).toHaveLength(2);
  });
});
