import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { Host, isAlive } from '../../support/host.ts';

const APPS = ['a', 'b'].map((name) => ({ name, script: './app.js', min_uptime: 100 }));

/** Begins an answer, and ends it when nobody can connect any more. */
const SLOW_SERVER = `const { createServer } = require('node:http');
const { connect } = require('node:net');
createServer((request, response) => {
  response.write('be');
  const look = () => {
    const socket = connect('app.sock');
    socket.on('connect', () => { socket.destroy(); setTimeout(look, 5); });
    socket.on('error', () => response.end('gun'));
  };
  look();
}).listen('app.sock', () => process.send('ready'));
`;

async function applied(): Promise<Host> {
  const host = new Host();
  host.write('app.js', 'console.log("up"); setInterval(() => {}, 1e6);');
  host.declare(...APPS);
  await host.ok('apply');
  return host;
}

/** The status of the daemon once `accept` likes it: what is waited for happens by itself. */
function until<T>(look: () => Promise<T>, accept: (value: T) => boolean): Promise<T> {
  return eventually(async () => {
    const value = await look();
    return accept(value) && value;
  });
}

function commandLineOf(pid: number | undefined): string {
  return readFileSync(`/proc/${pid ?? 0}/cmdline`, 'utf8');
}

async function statusOrNull(host: Host) {
  const ran = await host.run(['daemon', 'status', '-o', 'json']);
  return ran.code === 0 ? (JSON.parse(ran.stdout) as Awaited<ReturnType<Host['daemon']>>) : null;
}

describe('survival', () => {
  it('keeps every process when the controller is killed, and has another one at once', async () => {
    await using host = await applied();
    const before = await host.pids();
    const { controller } = await host.daemon();
    const commandLine = commandLineOf(controller?.pid);
    process.kill(controller?.pid ?? 0, 'SIGKILL');
    const after = await until(
      () => statusOrNull(host),
      (status) => status?.controller != null && status.controller.pid !== controller?.pid,
    );
    expect(after?.runner).not.toBeNull();
    expect(commandLineOf(after?.controller?.pid)).toBe(commandLine);
    expect(commandLine).toContain('--max-semi-space-size');
    expect(await host.pids()).toEqual(before);
    expect((await host.ok('apply')).text).toMatch(/\b0 processes touched/);
  });

  it('keeps every process when the runner is killed, and adopts them', async () => {
    await using host = await applied();
    const before = await host.pids();
    const { runner } = await host.daemon();
    process.kill(runner?.pid ?? 0, 'SIGKILL');
    await until(
      () => statusOrNull(host),
      (status) => status?.runner != null && status.runner.pid !== runner?.pid,
    );
    expect(await host.pids()).toEqual(before);
    expect((await host.ok('apply')).text).toMatch(/\b0 processes touched/);
    const [pid] = before.a ?? [];
    process.kill(pid ?? 0, 'SIGKILL');
    const pids = await until(
      () => host.pids(),
      ({ a }) => a?.[0] != null && a[0] !== pid,
    );
    expect(pids.b).toEqual(before.b);
  });

  it('keeps every process when controller and runner are killed together', async () => {
    await using host = await applied();
    const before = await host.pids();
    const { controller, runner } = await host.daemon();
    process.kill(runner?.pid ?? 0, 'SIGKILL');
    process.kill(controller?.pid ?? 0, 'SIGKILL');
    await host.ok('daemon', 'start');
    expect(await host.pids()).toEqual(before);
  });

  it('leaves apps running on daemon stop, and takes them over on daemon start', async () => {
    await using host = await applied();
    const before = await host.pids();
    await host.ok('daemon', 'stop');
    expect((await host.run(['get'])).code).toBe(69);
    expect(
      Object.values(before)
        .flat()
        .every((pid) => isAlive(pid ?? 0)),
    ).toBe(true);
    expect((await host.ok('plan')).stdout).toMatch(/No changes/);
    await host.ok('daemon', 'start');
    expect(await host.pids()).toEqual(before);
  });

  it('ends everything on daemon stop --all, and brings it back on daemon start', async () => {
    await using host = await applied();
    const before = await host.pids();
    const { controller, runner } = await host.daemon();
    await host.ok('daemon', 'stop', '--all');
    const left = [...Object.values(before).flat(), controller?.pid, runner?.pid].filter((pid) =>
      isAlive(pid ?? 0),
    );
    expect(left).toEqual([]);
    await host.ok('daemon', 'start');
    const back = await until(
      () => host.apps(),
      ({ items }) => items.every(({ status }) => status.health === 'Healthy'),
    );
    expect(back.items.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it('has requests in flight answered on daemon stop --all', async () => {
    await using host = new Host();
    host.write('server.js', SLOW_SERVER);
    host.declare({ name: 'web', script: './server.js', wait_ready: true });
    await host.ok('apply');
    const request = get({ socketPath: join(host.folder, 'app.sock'), agent: false });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const [body] = await Promise.all([text(response), host.ok('daemon', 'stop', '--all')]);
    expect(body).toBe('begun');
  });

  it('comes up once when many commands start it at the same time', async () => {
    await using host = new Host();
    host.write('app.js', 'setInterval(() => {}, 1e6);');
    host.declare(...APPS);
    const ran = await Promise.all(Array.from({ length: 6 }, () => host.run(['apply'])));
    expect(ran.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0, 0]);
    expect((await host.apps()).items.flatMap(({ status }) => status.instances)).toHaveLength(2);
  });

  it('uses the state before a damaged one, says so, and ends nothing that the damaged one had added', async () => {
    await using host = await applied();
    host.declare(...APPS, { name: 'c', script: './app.js', min_uptime: 100 });
    await host.ok('apply');
    const before = await host.pids();
    await host.ok('daemon', 'stop');
    host.write('home/state/projects/shop.json', 'damaged');
    await host.ok('daemon', 'start');
    expect((await host.ok('events')).stdout).toContain('StateRepaired');
    expect(isAlive(before.c?.[0] ?? 0)).toBe(true);
    await host.ok('apply');
    expect(await host.pids()).toEqual(before);
  });
});
