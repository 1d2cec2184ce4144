import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { DaemonStatus } from '../../../src/api/contract/wire/daemon.ts';
import { procProcesses } from '../../../src/runner/processes/proc-processes.ts';
import { eventually } from '../../support/eventually.ts';
import { Host, isAlive } from '../../support/host.ts';

const BIN = fileURLToPath(new URL('../../../dist/bin.cjs', import.meta.url));

/** Says in a file when it is asked to end, and ends a moment later. */
const APP = `const { appendFileSync } = require('node:fs');
process.on('SIGINT', () => {
  appendFileSync('ends', process.env.STATEWARD_APP + '\\n');
  setTimeout(() => process.exit(0), 100);
});
setInterval(() => {}, 1e6);
`;
/** Does not end when it is asked to. */
const STUBBORN = `process.on('SIGINT', () => require('node:fs').appendFileSync('ends', 'asked\\n'));
setInterval(() => {}, 1e6);
`;

function prepared(): Host {
  const host = new Host();
  host.write('app.js', APP);
  host.write('stubborn.js', STUBBORN);
  host.declare(
    { name: 'db', script: './app.js', min_uptime: 50 },
    { name: 'api', script: './app.js', min_uptime: 50, depends_on: ['db'] },
  );
  return host;
}

/** `daemon run` in the foreground, once it answers. */
async function foreground(host: Host, ...flags: string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, [BIN, 'daemon', 'run', ...flags], {
    env: { ...process.env, STATEWARD_HOME: host.home },
    stdio: 'ignore',
  });
  await eventually(async () => (await host.run(['daemon', 'status'])).code === 0);
  return child;
}

async function statusOf(host: Host): Promise<DaemonStatus> {
  return JSON.parse((await host.run(['daemon', 'status', '-o', 'json'])).stdout) as DaemonStatus;
}

async function endOf(child: ChildProcess): Promise<number | null> {
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

const ends = (host: Host): string => readFileSync(join(host.folder, 'ends'), 'utf8');

describe('daemon run', () => {
  test('leaves the apps running on SIGTERM, and ends with 0', async () => {
    await using host = prepared();
    const daemon = await foreground(host);
    await host.ok('apply');
    daemon.kill('SIGTERM');
    expect(await endOf(daemon)).toBe(0);
    expect(await statusOf(host)).toMatchObject({ controller: null, apps: { count: 2, processes: 2 } });
  }, 60_000);

  test('with --stop-apps stops them first, dependents before what they depend on', async () => {
    await using host = prepared();
    const daemon = await foreground(host, '--stop-apps');
    await host.ok('apply');
    daemon.kill('SIGTERM');
    daemon.kill('SIGINT');
    expect(await endOf(daemon)).toBe(0);
    expect(ends(host)).toBe('api\ndb\n');
    expect(await statusOf(host)).toMatchObject({ runner: null, apps: { count: 0, processes: 0 } });
  }, 60_000);

  test('kills what does not end when it is asked again later', async () => {
    await using host = prepared();
    host.declare({ name: 'stubborn', script: './stubborn.js', min_uptime: 50, kill_timeout: '10m' });
    const daemon = await foreground(host, '--stop-apps');
    await host.ok('apply');
    daemon.kill('SIGTERM');
    await eventually(() => isWritten(host));
    // Twice within a second is once: what wraps a command hands its signals on.
    const ended = endOf(daemon);
    const again = setInterval(() => daemon.kill('SIGTERM'), 500);
    expect(await ended).toBe(0);
    clearInterval(again);
    expect(await statusOf(host)).toMatchObject({ runner: null, apps: { count: 0 } });
  }, 60_000);

  test('goes on when its controller is killed, with another one that is its own', async () => {
    await using host = prepared();
    const daemon = await foreground(host);
    await host.ok('apply');
    const before = await host.pids();
    const { controller } = await statusOf(host);
    process.kill(controller?.pid ?? 0, 'SIGKILL');
    const next = await eventually(async () => {
      const status = await statusOf(host);
      return status.controller !== null && status.controller.pid !== controller?.pid && status;
    });
    expect(parentOf(next.controller?.pid ?? 0)).toBe(daemon.pid);
    expect(await host.pids()).toEqual(before);
    daemon.kill('SIGTERM');
    expect(await endOf(daemon)).toBe(0);
  }, 60_000);

  test('shows what apps log to - and /dev/stdout, through a link too, and the default files have it', async () => {
    await using host = prepared();
    const say =
      "console.log(process.env.STATEWARD_APP + ' out'); console.error('err'); setInterval(() => {}, 1e6);";
    host.write('say.js', say);
    symlinkSync('/dev/stdout', join(host.folder, 'link.log'));
    host.declare(
      ...[
        { name: 'dash', out_file: '-', error_file: '-', instances: 2, exec_mode: 'fork' },
        { name: 'device', out_file: '/dev/stdout', error_file: '/dev/stderr' },
        { name: 'link', out_file: './link.log', error_file: '/dev/null', merge_logs: true },
      ].map((app) => ({ ...app, script: './say.js', min_uptime: 50 })),
    );
    const daemon = spawn(process.execPath, [BIN, 'daemon', 'run', '--stop-apps'], {
      env: { ...process.env, STATEWARD_HOME: host.home },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const shown = { out: '', err: '' };
    daemon.stdout.on('data', (chunk: Buffer) => (shown.out += chunk.toString()));
    daemon.stderr.on('data', (chunk: Buffer) => (shown.err += chunk.toString()));
    await eventually(async () => (await host.run(['daemon', 'status'])).code === 0);
    await host.ok('apply');
    const lines = ['dash out', 'dash out', 'device out', 'link out'];
    await eventually(() => shown.out.split('\n').length > lines.length);
    expect(shown.out.split('\n').filter(Boolean).sort()).toEqual(lines);
    await eventually(() => shown.err.split('\n').filter((line) => line === 'err').length === 3);
    expect((await host.ok('logs', 'dash:1', '--out')).stdout).toBe('shop/dash:1 | dash out\n');
    expect((await host.ok('logs', 'device', '--err')).stdout).toContain('| err\n');
    daemon.kill('SIGTERM');
    expect(await endOf(daemon)).toBe(0);
    expect(readlinkSync(join(host.folder, 'link.log'))).toBe('/dev/stdout');
  }, 60_000);

  test('takes the place of a daemon that runs, however that was started, and leaves the apps alone', async () => {
    await using host = prepared();
    await host.ok('apply');
    const background = (await statusOf(host)).controller?.pid;
    const first = await foreground(host, '--replace', '--stop-apps');
    await eventually(async () => ((await statusOf(host)).controller?.pid ?? background) !== background);
    const before = await statusOf(host);
    // As a service manager finds it that lost its process: the controller below it has lived on.
    first.kill('SIGKILL');
    await endOf(first);
    const second = await foreground(host, '--replace');
    await eventually(async () => {
      const { controller } = await statusOf(host);
      return controller !== null && controller.pid !== before.controller?.pid;
    });
    expect(await statusOf(host)).toMatchObject({ apps: { count: 2, processes: 2 } });
    expect(() => ends(host)).toThrow('ENOENT');
    second.kill('SIGTERM');
    expect(await endOf(second)).toBe(0);
  }, 60_000);

  test('is refused where the daemon runs, and ends with 0 when that is stopped by a command', async () => {
    await using host = prepared();
    const daemon = await foreground(host);
    const second = await host.run(['daemon', 'run']);
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/^error\[CONFLICT\]: the daemon of .* runs already \(pid \d+\)$/m);
    const ended = endOf(daemon);
    await host.ok('daemon', 'stop');
    expect(await ended).toBe(0);
  }, 60_000);
});

function isWritten(host: Host): boolean {
  try {
    return ends(host).length > 0;
  } catch {
    return false;
  }
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

describe('the apps of a daemon whose controller does not run', () => {
  test('are seen by status and named by stop', async () => {
    await using host = prepared();
    await host.ok('apply');
    await host.ok('daemon', 'stop');
    const status = await host.run(['daemon', 'status']);
    expect(status.code).toBe(69);
    expect(status.stdout).toMatch(/^controller: +not running$/m);
    expect(status.stdout).toMatch(/^runner: +pid \d+/m);
    expect(status.stdout).toMatch(/^apps: +2 run \(2 processes\)$/m);
    expect((await host.ok('daemon', 'stop')).stderr).toBe(
      'the daemon does not run; 2 apps run on: stateward daemon stop --all stops them\n',
    );
  }, 60_000);

  test('are stopped by stop --all, in order, with their runner', async () => {
    await using host = prepared();
    await host.ok('apply');
    const { runner } = await host.daemon();
    await host.ok('daemon', 'stop');
    expect((await host.ok('daemon', 'stop', '--all')).stderr).toBe(
      'no controller ran; stopped the runner and 2 apps\n',
    );
    expect(ends(host)).toBe('api\ndb\n');
    expect(isAlive(runner?.pid ?? 0)).toBe(false);
    expect((await host.ok('daemon', 'stop', '--all')).stderr).toBe('the daemon does not run\n');
  }, 60_000);

  test('are left alone by stop --all where they cannot be proven to be ours, and it says which and why', async () => {
    await using host = prepared();
    await host.ok('apply');
    const pids = await host.pids();
    const { controller, runner } = await host.daemon();
    // Stopped first, so that none sees another end.
    for (const signal of ['SIGSTOP', 'SIGKILL'] as const) {
      for (const pid of [runner?.pid, controller?.pid, ...Object.values(pids).flat()]) {
        process.kill(pid ?? 0, signal);
      }
    }
    const stranger = spawn('sleep', ['1000'], { stdio: 'ignore' });
    try {
      const startTime = procProcesses().stat(stranger.pid ?? 0)?.startTime ?? '';
      const ledger = join(host.home, 'run', 'ledger.ndjson');
      const recorded = new RegExp(`"pid":${pids['db']?.[0] ?? 0},"startTime":"\\d+"`);
      const taken = `"pid":${stranger.pid},"startTime":"${startTime}"`;
      writeFileSync(ledger, readFileSync(ledger, 'utf8').replace(recorded, taken));
      await host.ok('daemon', 'start');
      for (const _ of ['with a controller', 'without']) {
        const stopped = await host.run(['daemon', 'stop', '--all']);
        expect(stopped.code).toBe(1);
        expect(stopped.stderr).toContain(`stopped all but process ${stranger.pid} (`);
        expect(stopped.stderr).toContain('it cannot be proven to be stateward');
      }
      expect(stranger.signalCode).toBeNull();
    } finally {
      stranger.kill('SIGKILL');
      await once(stranger, 'exit');
    }
    await host.ok('daemon', 'stop', '--all');
  }, 60_000);

  test('are stopped by stop --all when the runner was killed too', async () => {
    await using host = prepared();
    await host.ok('apply');
    const pids = Object.values(await host.pids()).flat();
    const { controller, runner } = await host.daemon();
    process.kill(runner?.pid ?? 0, 'SIGSTOP');
    process.kill(controller?.pid ?? 0, 'SIGKILL');
    process.kill(runner?.pid ?? 0, 'SIGKILL');
    expect(await statusOf(host)).toMatchObject({ controller: null, runner: null, apps: { processes: 2 } });
    await host.ok('daemon', 'stop', '--all');
    expect(ends(host)).toBe('api\ndb\n');
    expect(pids.filter((pid) => isAlive(pid ?? 0))).toEqual([]);
  }, 60_000);
});
