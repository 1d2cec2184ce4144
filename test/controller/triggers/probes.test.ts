import { describe, expect, it } from 'vitest';
import { freePort } from '../../support/free-port.ts';
import { Host } from '../../support/host.ts';

const STEADY = 'setInterval(() => {}, 1e6);';

async function until<T>(look: () => Promise<T>, accept: (value: T) => boolean): Promise<T> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const value = await look();
    if (accept(value)) return value;
    if (performance.now() > deadline) throw new Error(`never came about: ${JSON.stringify(value)}`);
  }
}

describe('readiness by message', () => {
  it('is what apply waits for, and survives the death of the runner and of the controller', async () => {
    await using host = new Host();
    host.write(
      'app.js',
      `process.on('disconnect', () => process.exit(9)); setTimeout(() => process.send('ready'), 300); setInterval(() => process.send?.('tick'), 50);`,
    );
    host.declare({ name: 'a', script: './app.js', wait_ready: true, min_uptime: 0 });
    await host.ok('apply');
    const before = await host.pids();
    const { controller, runner } = await host.daemon();
    process.kill(runner?.pid ?? 0, 'SIGKILL');
    process.kill(controller?.pid ?? 0, 'SIGKILL');
    await host.ok('daemon', 'start');
    const { items } = await until(
      () => host.apps(),
      ({ items }) => items[0]?.status.health === 'Healthy',
    );
    expect(items[0]?.status.readyInstances).toBe(1);
    expect(await host.pids()).toEqual(before);
  });

  it('that does not come in time is a failure of the apply, which says so', async () => {
    await using host = new Host();
    host.write('app.js', STEADY);
    host.declare({ name: 'a', script: './app.js', wait_ready: true, listen_timeout: 300 });
    const ran = await host.run(['apply']);
    expect(ran.text).toMatch(/listen_timeout is over: has not called process\.send\('ready'\)/);
    expect(ran.code).toBe(1);
  });
});

describe('a heartbeat', () => {
  it('finds a frozen process, and has it replaced', async () => {
    await using host = new Host();
    host.write('app.js', STEADY);
    const heartbeat = { interval: '200ms', misses: 3 };
    host.declare({ name: 'a', script: './app.js', min_uptime: 100, kill_timeout: 500, heartbeat });
    await host.ok('apply');
    const { a: [pid] = [] } = await host.pids();
    process.kill(pid ?? 0, 'SIGSTOP');
    await until(
      () => host.pids(),
      ({ a }) => a?.[0] != null && a[0] !== pid,
    );
    expect((await host.ok('events', 'a')).stdout).toContain('HeartbeatMissed');
  });
});

describe('a liveness probe', () => {
  it('that fails has the instance replaced, and describe shows what it said', async () => {
    await using host = new Host();
    host.write('app.js', STEADY);
    const liveness = {
      exec: { command: ['test', '!', '-e', './broken'] },
      period: '100ms',
      failure_threshold: 2,
    };
    host.declare({ name: 'a', script: './app.js', min_uptime: 100, liveness });
    await host.ok('apply');
    const { a: [pid] = [] } = await host.pids();
    host.write('broken', '');
    await until(
      () => host.pids(),
      ({ a }) => a?.[0] != null && a[0] !== pid,
    );
    expect((await host.ok('events', 'a')).stdout).toContain(
      'liveness probe failed 2 times in a row: test ended with code 1',
    );
    expect((await host.ok('describe', 'a')).stdout).toMatch(/liveness/);
  });
});

describe('probes of a port that instances share', () => {
  it('judge each instance alone: a bad version is not taken for ready because a good one answers', async () => {
    await using host = new Host();
    const port = await freePort();
    host.write(
      'web.cjs',
      `require('node:http').createServer((request, response) => {
         response.statusCode = process.env.VERSION === 'bad' ? 503 : 200;
         response.end();
       }).listen(Number(process.env.PORT), '127.0.0.1');`,
    );
    const probe = { http: { port }, period: '100ms' };
    const web = { name: 'web', script: './web.cjs', instances: 2, listen_timeout: '2s', readiness: probe };
    host.declare({ ...web, env: { PORT: port, VERSION: 'good' }, liveness: probe });
    await host.ok('apply');
    const before = await host.pids();
    // Without the liveness: that would end the rollout as well.
    host.declare({ ...web, env: { PORT: port, VERSION: 'bad' } });
    const ran = await host.run(['apply']);
    expect(ran.text).toContain('answered 503');
    expect(ran.code).toBe(3);
    expect(await host.pids()).toEqual(before);
    expect((await host.ok('events', 'web')).stdout).not.toContain('LivenessFailed');
  });
});
