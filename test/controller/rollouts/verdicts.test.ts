import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LedgerRecord } from '../../../src/runner/ledger/ledger-record.ts';
import { eventually } from '../../support/eventually.ts';
import { Host, isAlive } from '../../support/host.ts';

const SLEEPER = 'setInterval(() => {}, 1e6);';
/** Ends at once until the file `ok` is there. */
const FLAKY =
  "if (!require('fs').existsSync('ok')) process.exit(1); setInterval(() => {}, 1e6); process.send('ready');";
const QUICK = { min_uptime: 100 };
/** Ready when it says so, for which a busy host may need longer than it is to be up. */
const FLAKY_APP = { name: 'web', script: './flaky.js', wait_ready: true, min_uptime: '20s' };

function newHost(): Host {
  const host = new Host();
  host.write('app.js', SLEEPER);
  host.write('flaky.js', FLAKY);
  return host;
}

/** Every process that the runner of a home has started. */
function startedPids(host: Host): readonly number[] {
  return readFileSync(join(host.home, 'run', 'ledger.ndjson'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LedgerRecord)
    .flatMap((record) => (record.kind === 'started' ? [record.pid] : []));
}

async function killed(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  await eventually(() => !isAlive(pid));
}

const NOT_RUNNING = /↑ web +start +\(not running\)/;

describe('without a daemon', () => {
  it('a plan counts what does not run, and the apply that starts the daemon counts the same', async () => {
    await using host = newHost();
    host.declare({ name: 'web', script: './app.js', instances: 2, exec_mode: 'fork', ...QUICK });
    await host.ok('apply');
    await host.ok('daemon', 'stop', '--all');
    const planned = await host.run(['plan', '--detailed-exitcode']);
    expect(planned.code).toBe(2);
    expect(planned.stdout).toMatch(NOT_RUNNING);
    host.write('plan.json', (await host.ok('plan', '-o', 'json')).stdout);
    const applied = await host.ok('apply', 'plan.json');
    expect(applied.stderr).toContain('1 started, 0 unchanged. 2 processes touched');
    const again = await host.run(['plan', '--detailed-exitcode']);
    expect(again.stdout).toContain('0 processes touched');
    expect(again.code).toBe(0);
  });

  it('a plan sees the apps that have outlived their runner, and those that have not', async () => {
    await using host = newHost();
    host.declare({ name: 'web', script: './app.js', ...QUICK });
    await host.ok('apply');
    const { runner } = await host.daemon();
    await host.ok('daemon', 'stop');
    await killed(runner?.pid ?? 0);
    const alive = await host.run(['plan', '--detailed-exitcode']);
    expect(alive.text).toContain('What runs is what is declared');
    expect(alive.code).toBe(0);
    for (const pid of startedPids(host)) await killed(pid);
    const dead = await host.run(['plan', '--detailed-exitcode']);
    expect(dead.stdout).toMatch(NOT_RUNNING);
    expect(dead.code).toBe(2);
    expect((await host.ok('apply')).stderr).toContain('1 process touched');
  });

  it('a plan says that it cannot see the processes of a runner that does not answer', async () => {
    await using host = newHost();
    host.declare({ name: 'web', script: './app.js', ...QUICK });
    await host.ok('apply');
    const runner = (await host.daemon()).runner?.pid ?? 0;
    await host.ok('daemon', 'stop');
    process.kill(runner, 'SIGSTOP');
    try {
      const planned = await host.run(['plan', '--detailed-exitcode']);
      expect(planned.stdout).toContain('cannot see the processes');
      expect(planned.stdout).not.toMatch(/no changes/i);
      expect(planned.code).toBe(69);
    } finally {
      process.kill(runner, 'SIGCONT');
      await host.run(['daemon', 'start']);
    }
  });
});

describe('an app that has crashed before', () => {
  it('is begun afresh by an apply of the same file, in back-off and after daemon stop --all', async () => {
    await using host = newHost();
    host.declare({ ...FLAKY_APP, max_restarts: 1 });
    const failed = await host.run(['apply']);
    expect(failed.stderr).toContain('Failed: exited with code 1');
    expect(failed.code).toBe(1);
    expect((await host.apps()).items[0]?.status).toMatchObject({ sync: 'OutOfSync', health: 'Failed' });
    host.write('ok', '');
    expect((await host.run(['plan', '--detailed-exitcode'])).code).toBe(2);
    expect((await host.ok('apply')).stderr).toContain('✓ shop/web  Healthy, 1/1 ready');
    expect((await host.ok('apply')).stderr).toContain('0 processes touched');
  });

  it('is begun afresh by the apply that also ends a stop by hand', async () => {
    await using host = newHost();
    host.declare({ ...FLAKY_APP, max_restarts: 1 });
    expect((await host.run(['apply'])).code).toBe(1);
    await host.ok('stop', 'web');
    host.write('ok', '');
    const applied = await host.ok('apply');
    expect(applied.stderr).not.toMatch(/CrashLoop|Failed/);
    expect(applied.stderr).toContain('✓ shop/web  Healthy, 1/1 ready');
  });

  it('heals within the patience of its first apply', async () => {
    await using host = newHost();
    host.declare(FLAKY_APP);
    const applying = host.run(['apply']);
    await eventually(async () => {
      const listed = await host.run(['get', '-o', 'json']);
      return listed.code === 0 && listed.stdout.includes('"CrashLoop"');
    });
    host.write('ok', '');
    const applied = await applying;
    expect(applied.stderr).toContain('depends_on');
    expect(applied.code).toBe(0);
  });
});

describe('only what was asked for decides', () => {
  it('when a script is started beside a broken app of the same project', async () => {
    await using host = newHost();
    await host.run(['start', 'flaky.js', '--max-restarts', '0']);
    const good = await host.run(['start', 'app.js']);
    expect(good.code).toBe(0);
    expect(good.stderr).toContain('✓ default/app  Healthy, 1/1 ready');
    expect(good.text).not.toContain('flaky');
  });

  it('and what became of every other is told before an apply fails', async () => {
    await using host = newHost();
    host.declare(
      { name: 'bad', script: './flaky.js', max_restarts: 0 },
      { name: 'good', script: './app.js', min_uptime: 2_000 },
    );
    const applied = await host.run(['apply']);
    expect(applied.code).toBe(1);
    expect(applied.stderr).toContain('✓ shop/good  Healthy, 1/1 ready');
    expect(applied.stderr).toContain('shop/bad failed');
  });
});

it('min_uptime of a minute is not waited for', async () => {
  await using host = newHost();
  host.declare({ name: 'web', script: './app.js', min_uptime: '60s' });
  expect((await host.ok('apply', '--timeout', '20s')).stderr).toContain('Healthy, 1/1 ready');
});

it('a process that outlives its kill_timeout is told of with the time that it took', async () => {
  await using host = newHost();
  const deaf =
    "for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => {}); setInterval(() => {}, 1e6);";
  host.write('deaf.js', deaf);
  host.declare({ name: 'web', script: './deaf.js', kill_timeout: 300, ...QUICK });
  await host.ok('apply');
  await host.ok('stop', 'web');
  expect((await host.ok('events')).stdout).toMatch(
    /warning +shop\/web:0 +KillTimeout: slot 0 did not end within its kill_timeout and was killed 0\.\ds after/,
  );
});

it('a restart that nobody asked for counts as one, and waits like one', async () => {
  await using host = newHost();
  const liveness = { tcp: { port: 1 }, period: 100, failure_threshold: 1 };
  // Whatever a busy host makes of the 100 ms, no process lives so long that the count begins anew.
  host.declare({ name: 'web', script: './app.js', listen_timeout: 300, liveness, min_uptime: '60s' });
  await host.run(['apply', '--no-wait']);
  const status = await eventually(async () => {
    const [app] = (await host.apps()).items;
    return (app?.status.instances[0]?.restarts ?? 0) >= 3 ? app?.status : undefined;
  });
  expect(status.instances[0]).toMatchObject({ lastExit: { reason: 'LivenessFailed' } });
  expect(status.health).toBe('CrashLoop');
  expect(status.sync).toBe('OutOfSync');
});
