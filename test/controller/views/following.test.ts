import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { Host } from '../../support/host.ts';

const BIN = fileURLToPath(new URL('../../../dist/bin.cjs', import.meta.url));
const STOPPED = 'error[DAEMON_STOPPED]: the daemon was stopped; stateward daemon start starts it again\n';

/** Counts, into files that rotate every few hundred bytes. */
const COUNTER = `let count = 0;
setInterval(() => console.log('count ' + ++count), 5);
`;

class Follower {
  readonly child: ChildProcess;
  out = '';
  err = '';

  constructor(host: Host, ...args: readonly string[]) {
    this.child = spawn(process.execPath, [BIN, ...args], {
      cwd: host.folder,
      env: { ...process.env, NO_COLOR: '1', STATEWARD_HOME: host.home },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (chunk: Buffer) => (this.out += chunk.toString()));
    this.child.stderr?.on('data', (chunk: Buffer) => (this.err += chunk.toString()));
  }

  async end(): Promise<number | null> {
    if (this.child.exitCode === null) await once(this.child, 'close');
    return this.child.exitCode;
  }

  get counts(): readonly number[] {
    return [...this.out.matchAll(/count (\d+)\n/g)].map(([, count]) => Number(count));
  }
}

async function counting({ compress = false } = {}): Promise<Host> {
  const host = new Host();
  host.write('count.js', COUNTER);
  host.declare({
    ...{ name: 'count', script: './count.js', min_uptime: 50, out_file: './count.log' },
    log_rotate: { size: 500, keep: 90, compress },
  });
  await host.ok('apply');
  return host;
}

async function killController(host: Host): Promise<void> {
  const { controller } = await host.daemon();
  process.kill(controller?.pid ?? 0, 'SIGKILL');
}

describe('what follows something', () => {
  test.each([
    ['rotated', false],
    ['rotated and compressed', true],
  ])(
    'goes on after a crash of the controller: each line once, whatever was %s meanwhile',
    async (_, compress) => {
      await using host = await counting({ compress });
      const logs = new Follower(host, 'logs', 'count', '-f', '-n', '1');
      const events = new Follower(host, 'events', '-w');
      const list = new Follower(host, 'get', '-w', '-o', 'json');
      await eventually(() => logs.counts.length > 20 && list.out !== '' && events.out !== '');
      await killController(host);
      const before = logs.counts.length;
      await eventually(() => logs.counts.length > before + 300);
      await host.ok('restart', 'count');
      await eventually(
        () => events.out.includes('RestartRequested') && /"restarts":0.*\n.*\n/.test(list.out),
      );
      const first = logs.counts[0] ?? 0;
      const counted = logs.counts.slice(0, before + 300);
      expect(counted).toEqual(counted.map((_, index) => first + index));
      const told = events.out.split('\n').filter((line) => line.includes('ProjectApplied'));
      expect(told).toHaveLength(1);
      for (const follower of [logs, events, list]) {
        follower.child.kill('SIGINT');
        await follower.end();
        expect(follower.err).toBe('');
      }
    },
    60_000,
  );

  test('ends with one line and 69 when the daemon is told to stop, and does not start it again', async () => {
    await using host = await counting();
    const followers = [
      ['logs', '-f'],
      ['events', '-w'],
      ['get', '-w'],
    ].map((args) => new Follower(host, ...args));
    await eventually(() => followers.every(({ out }) => out !== ''));
    await host.ok('daemon', 'stop');
    for (const follower of followers) {
      expect(await follower.end()).toBe(69);
      expect(follower.err).toBe(STOPPED);
    }
    expect((await host.run(['daemon', 'status'])).code).toBe(69);
  }, 60_000);

  test('as an apply that waits, ends too when the daemon is told to stop', async () => {
    await using host = new Host();
    host.write('count.js', COUNTER);
    host.declare({ name: 'slow', script: './count.js', readiness: { tcp: { port: 1 }, period: '100ms' } });
    const apply = new Follower(host, 'apply');
    await eventually(() => apply.err.includes('shop/slow'));
    await host.ok('daemon', 'stop');
    expect(await apply.end()).toBe(69);
    expect(apply.err.endsWith(STOPPED)).toBe(true);
    expect((await host.run(['daemon', 'status'])).code).toBe(69);
  }, 60_000);
});

test('a selector that means nothing is an error of logs, with and without apps', async () => {
  await using host = new Host();
  await host.ok('daemon', 'start');
  const none = await host.run(['logs', 'nope']);
  expect(none.code).toBe(1);
  expect(none.stderr).toContain('error[SELECTOR_NOT_FOUND]');
  expect((await host.ok('logs')).stdout).toBe('');
}, 60_000);

test('logs shows the file for both streams where an app has no other', async () => {
  await using host = new Host();
  host.declare({
    ...{ name: 'both', script: 'echo out; echo err >&2; sleep 1000', shell: true, log_file: './both.log' },
    ...{ out_file: '/dev/null', error_file: '/dev/null', merge_logs: true },
  });
  await host.ok('apply');
  const lines = await eventually(async () => {
    const { stdout } = await host.ok('logs', 'both');
    return stdout.includes('out') && stdout.includes('err') && stdout;
  });
  expect(lines.split('\n').sort()).toEqual(['', 'shop/both err | err', 'shop/both | out']);
  expect((await host.ok('logs', 'both', '--err')).stdout).toBe('shop/both err | err\n');
  expect((await host.ok('logs', 'both', '--out')).stdout).toBe('shop/both | out\n');
}, 60_000);

test('a home that others can access is refused by what reads too, whether a daemon answers or not', async () => {
  await using host = new Host();
  await host.ok('daemon', 'start');
  chmodSync(host.home, 0o755);
  try {
    for (const args of [['get'], ['get', '-w'], ['logs'], ['why', 'x'], ['daemon', 'status']]) {
      const ran = await host.run(args);
      expect(ran.code, args.join(' ')).toBe(77);
      expect(ran.stderr).toContain('error[HOME_UNSAFE]');
    }
  } finally {
    chmodSync(host.home, 0o700);
  }
}, 60_000);
