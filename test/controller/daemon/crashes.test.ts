import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { EventInfo } from '../../../src/api/contract/wire/events.ts';
import { eventually } from '../../support/eventually.ts';
import { Host } from '../../support/host.ts';

const BIN = fileURLToPath(new URL('../../../dist/bin.cjs', import.meta.url));

async function statusOf(host: Host, name: string) {
  const ran = await host.run(['get', '-o', 'json']);
  if (ran.code !== 0) return undefined;
  const { items } = JSON.parse(ran.stdout) as Awaited<ReturnType<Host['apps']>>;
  return items.find((app) => app.name === name)?.status;
}

/** A restart that is known to fail says why, and ends no process that serves. */
async function keepsWhatServes(host: Host, why: RegExp): Promise<void> {
  const before = await host.pids();
  const ran = await host.run(['restart', 'app']);
  expect(ran.code).toBe(3);
  expect(ran.stderr).toMatch(why);
  expect(await host.pids()).toEqual(before);
}

describe('an app that cannot stay up', () => {
  it('is given up after max_restarts also when the controller was killed in between', async () => {
    await using host = new Host();
    host.write('app.cjs', 'console.error("no database"); setTimeout(() => process.exit(3), 50);');
    host.declare({ name: 'app', script: './app.cjs', max_restarts: 4, restart_delay: 300, min_uptime: '1m' });
    await host.ok('apply', '--no-wait');
    await eventually(async () => ((await statusOf(host, 'app'))?.instances[0]?.restarts ?? 0) >= 2);
    process.kill((await host.daemon()).controller?.pid ?? 0, 'SIGKILL');
    const failed = await eventually(async () => {
      const status = await statusOf(host, 'app');
      return status?.health === 'Failed' ? status : undefined;
    });
    // 4 restarts are allowed; the fifth unstable exit is the last.
    expect(failed.instances[0]?.restarts).toBe(4);
    const why = (await host.ok('why', 'app')).stdout;
    expect(why).toMatch(/is Failed/);
    expect(why).toMatch(/max_restarts is 4/);
    expect(why).toMatch(/err \| no database/);
    expect((await host.ok('describe', 'app')).stdout).toMatch(/Last output:[^]*err \| no database/);
  });

  it('for want of its folder serves until its process ends, and is Failed then', async () => {
    await using host = new Host();
    const script = host.write('app.cjs', host.sleeper());
    host.write('work/keep', '');
    host.declare({ name: 'app', script, cwd: './work', min_uptime: 50 });
    await host.ok('apply');
    await host.loaded();
    rmSync(join(host.folder, 'work'), { recursive: true });
    await keepsWhatServes(host, /cannot use the folder .*work/);
    process.kill((await host.pids())['app']?.[0] ?? 0, 'SIGKILL');
    await eventually(async () => (await statusOf(host, 'app'))?.health === 'Failed');
    expect((await host.ok('why', 'app')).stdout).toMatch(/cannot use the folder .*StartFailed/);
  });

  it('for want of its script serves until its process ends, and is Failed then', async () => {
    await using host = new Host();
    const script = host.write('app.cjs', host.sleeper());
    host.declare({ name: 'app', script, min_uptime: 50 });
    await host.ok('apply');
    await host.loaded();
    rmSync(script);
    await keepsWhatServes(host, /there is no file .*app\.cjs/);
    process.kill((await host.pids())['app']?.[0] ?? 0, 'SIGKILL');
    await eventually(async () => (await statusOf(host, 'app'))?.health === 'Failed');
    expect((await host.ok('why', 'app')).stdout).toMatch(/there is no file .*app\.cjs.*StartFailed/);
  });

  it('for want of its user is refused where it is declared, and nothing runs', async () => {
    await using host = new Host();
    host.write('app.cjs', 'setInterval(() => {}, 1e6);');
    host.declare({ name: 'app', script: './app.cjs', uid: 'no-such-user' });
    const ran = await host.run(['apply', '--timeout', '20s']);
    expect(ran.code).toBe(65);
    expect(ran.stderr).toMatch(/ecosystem\.yaml:\d+:\d+[^]*no-such-user/);
    expect((await host.run(['get'])).code).toBe(69);
  });
});

describe('events -w', () => {
  it('goes on when the controller is killed, and loses nothing', async () => {
    await using host = new Host();
    host.write('app.cjs', 'setInterval(() => {}, 1e6);');
    host.declare({ name: 'app', script: './app.cjs', min_uptime: 50 });
    await host.ok('apply');
    const child = spawn(process.execPath, [BIN, 'events', '-w', '-o', 'json'], {
      env: { ...process.env, STATEWARD_HOME: host.home },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const seen: EventInfo[] = [];
    await using _ended = { [Symbol.asyncDispose]: () => Promise.resolve(void child.kill()) };
    createInterface(child.stdout).on('line', (line) => seen.push(JSON.parse(line) as EventInfo));
    await eventually(() => seen.some(({ reason }) => reason === 'ProjectApplied'));
    process.kill((await host.daemon()).controller?.pid ?? 0, 'SIGKILL');
    await eventually(() => seen.some(({ reason, seq }) => reason === 'ControllerStarted' && seq > 1));
    await host.ok('restart', 'app');
    await eventually(() => seen.some(({ reason }) => reason === 'RestartRequested'));
    const numbers = seen.map(({ seq }) => seq);
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
  });
});

describe('why', () => {
  it('ends with 69 without a daemon, and with 1 for an app that is not there', async () => {
    await using host = new Host();
    expect((await host.run(['why', 'app'])).code).toBe(69);
    await host.ok('daemon', 'start');
    expect((await host.run(['why', 'app'])).code).toBe(1);
  });
});
