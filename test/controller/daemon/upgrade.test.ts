import { existsSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DaemonUpgrade } from '../../../src/api/contract/wire/upgrade.ts';
import { currentBuild, Installation } from '../../support/builds.ts';
import { freePort } from '../../support/free-port.ts';
import { Host } from '../../support/host.ts';

const OTHER_BUILD = '0123456789ab';

const SERVER = `let count = 0;
setInterval(() => console.log('line ' + count++), 2);
process.on('message', (word) => console.log('was told ' + word));
require('node:http').createServer((request, response) => response.end('ok')).listen(Number(process.env.PORT), '127.0.0.1');
`;

/** An app in two processes, and one that writes, under whichever installation `host.commandFile` is of. */
async function served(host: Host): Promise<number> {
  const port = await freePort();
  host.write('server.js', SERVER);
  declare(host, port);
  await host.ok('apply');
  return port;
}

function declare(host: Host, port: number, version = '1'): void {
  const env = { PORT: String(port), VERSION: version };
  host.declare({ name: 'web', script: './server.js', exec_mode: 'cluster', instances: 2, code: 'off', env });
}

/** Asks again and again, each time over a connection of its own, until told to stop. */
function clients(
  port: number,
): () => Promise<{ readonly asked: number; readonly failed: readonly string[] }> {
  let over = false;
  let asked = 0;
  const failed: string[] = [];
  const one = async (): Promise<void> => {
    while (!over) {
      asked += 1;
      await new Promise<void>((resolve) => {
        const request = get({ port, host: '127.0.0.1', agent: false }, (response) => {
          response.resume().on('end', () => resolve());
        });
        request.on('error', (error) => {
          failed.push(error.message);
          resolve();
        });
      });
    }
  };
  const all = Promise.all(Array.from({ length: 4 }, one));
  return async () => {
    over = true;
    await all;
    return { asked, failed };
  };
}

async function upgraded(host: Host, ...flags: readonly string[]): Promise<DaemonUpgrade> {
  return JSON.parse((await host.ok('daemon', 'upgrade', '-o', 'json', ...flags)).stdout) as DaemonUpgrade;
}

describe('daemon upgrade', () => {
  it('brings both programs to what was installed in place, and no request, pid, line or message is lost', async () => {
    using installation = Installation.current();
    await using host = new Host();
    host.commandFile = installation.bin;
    const port = await served(host);
    const before = await host.pids();
    installation.install(OTHER_BUILD);
    const stop = clients(port);
    const { runner, controller } = await upgraded(host);
    expect(runner).toMatchObject({
      outcome: 'replaced',
      processes: 2,
      before: { build: currentBuild() },
      after: { build: OTHER_BUILD },
    });
    expect(controller).toMatchObject({ outcome: 'replaced', after: { build: OTHER_BUILD } });
    expect(await host.pids()).toEqual(before);
    expect((await host.ok('send', 'web', 'hello')).text).toContain('sent');
    declare(host, port, '2');
    expect((await host.run(['plan'])).stdout).toContain('start first');
    await host.ok('apply');
    const { asked, failed } = await stop();
    expect(failed).toEqual([]);
    expect(asked).toBeGreaterThan(20);
    const again = await host.ok('daemon', 'upgrade');
    expect(again.text).toContain('nothing to do: this build runs already');
    const status = await host.daemon();
    expect([status.controller?.build, status.runner?.build]).toEqual([OTHER_BUILD, OTHER_BUILD]);
  });

  it('says why it cannot be, with the end of its output, and all goes on as before', async () => {
    using installation = Installation.current();
    await using host = new Host();
    host.commandFile = installation.bin;
    await served(host);
    const before = [
      await host.pids(),
      (await host.daemon()).runner?.pid,
      (await host.daemon()).controller?.pid,
    ];
    installation.install(OTHER_BUILD);
    installation.damage('runner.cjs', 'throw new Error("half a file")');
    const noRunner = await host.run(['daemon', 'upgrade']);
    expect(noRunner.code).toBe(1);
    expect(noRunner.stderr).toContain('the new runner does not come up');
    expect(noRunner.stderr).toContain('half a file');
    installation.install(OTHER_BUILD);
    installation.damage('daemon.cjs', 'throw new Error("half a daemon")');
    const noController = await host.run(['daemon', 'upgrade']);
    expect(noController.code).toBe(1);
    expect([
      await host.pids(),
      (await host.daemon()).runner?.pid,
      (await host.daemon()).controller?.pid,
    ]).toEqual(before);
    installation.install(OTHER_BUILD);
    await upgraded(host);
  });

  it('of a daemon that was stopped upgrades the runner, and leaves it stopped', async () => {
    await using host = new Host();
    await served(host);
    const before = await host.pids();
    await host.ok('daemon', 'stop');
    const { runner, controller } = await upgraded(host, '--force');
    expect([runner?.outcome, controller]).toEqual(['replaced', null]);
    expect((await host.run(['daemon', 'status'])).code).toBe(69);
    await host.ok('daemon', 'start');
    expect(await host.pids()).toEqual(before);
  });

  it('ends with 69 where no daemon runs', async () => {
    await using host = new Host();
    const { code, stderr } = await host.run(['daemon', 'upgrade']);
    expect([code, stderr]).toEqual([69, expect.stringContaining('DAEMON_UNREACHABLE')]);
  });
});

describe('with the version before', () => {
  it('a daemon is upgraded when told to, as after a crash: its runner cannot hand over', async () => {
    using old = Installation.previous();
    using current = Installation.current();
    await using host = new Host();
    host.commandFile = old.bin;
    const port = await served(host);
    const before = await host.pids();
    const stop = clients(port);
    host.commandFile = current.bin;
    const refused = await host.run(['daemon', 'upgrade']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('too old to hand over; nothing was changed');
    expect(refused.stderr).toContain('--force');
    const { runner, controller } = await upgraded(host, '--force');
    expect([runner?.outcome, controller?.outcome]).toEqual(['killed', 'replaced']);
    expect([runner?.after.build, controller?.after.build]).toEqual([currentBuild(), currentBuild()]);
    expect(await host.pids()).toEqual(before);
    declare(host, port, '2');
    await host.ok('apply');
    expect((await stop()).failed).toEqual([]);
  });

  it('an app that needs what its runner does not know says so, and comes up once that is replaced', async () => {
    using old = Installation.previous();
    await using host = new Host();
    const current = host.commandFile;
    const app = { script: 'sleep', args: '1000', min_uptime: 0 };
    host.commandFile = old.bin;
    host.declare({ ...app, name: 'plain' }, { ...app, name: 'db' });
    await host.ok('apply');
    const { plain: before } = await host.pids();
    await host.ok('daemon', 'stop');
    host.commandFile = current;
    await host.ok('daemon', 'start');
    const sockets = [{ name: 'http', listen: './http.sock' }];
    const shutdown = { command: ['sh', '-c', 'echo asked > asked; kill $MAINPID'] };
    host.declare(
      { ...app, name: 'plain' },
      { ...app, name: 'db', shutdown },
      { ...app, name: 'web', sockets },
    );
    const applied = await host.run(['apply']);
    expect([applied.code, applied.stderr]).toEqual([1, expect.stringContaining('passes no sockets')]);
    expect(applied.stderr).toContain('stateward daemon upgrade');
    expect((await host.run(['why', 'web'])).stdout).toContain('RunnerTooOld');
    const stopped = await host.run(['stop', 'db']);
    expect([stopped.code, stopped.stderr]).toEqual([1, expect.stringContaining('its `shutdown` command')]);
    expect((await host.ok('events', 'db')).stdout.match(/RunnerTooOld|Mended/g)).toEqual(['RunnerTooOld']);
    await host.ok('daemon', 'upgrade', '--force');
    await host.ok('wait', 'db', '--for', 'stopped');
    await host.ok('apply');
    expect((await host.pids())['plain']).toEqual(before);
    expect((await host.ok('why', 'web')).stdout).not.toContain('RunnerTooOld');
    expect(existsSync(join(host.folder, 'asked'))).toBe(true);
  });

  it('its commands work with this daemon, and these with its daemon', async () => {
    using old = Installation.previous();
    using current = Installation.current();
    await using host = new Host();
    const port = await served(host);
    host.commandFile = old.bin;
    await worksWith(host, port, '2');
    await host.ok('daemon', 'stop', '--all');
    await host.ok('daemon', 'start');
    host.commandFile = current.bin;
    await worksWith(host, port, '3');
  });

  it('its controller drives this runner, and this one its runner; and back again', async () => {
    using old = Installation.previous();
    await using host = new Host();
    const port = await served(host);
    const before = await host.pids();
    const current = host.commandFile;
    for (const [index, bin] of [old.bin, current, old.bin].entries()) {
      await host.ok('daemon', 'stop');
      host.commandFile = bin;
      await host.ok('daemon', 'start');
      if (index === 0) expect(await host.pids()).toEqual(before);
      await worksWith(host, port, `v${index}`);
    }
    host.commandFile = current;
    await host.ok('daemon', 'stop', '--all');
    host.commandFile = old.bin;
    await host.ok('daemon', 'start');
    await host.ok('daemon', 'stop');
    host.commandFile = current;
    await host.ok('daemon', 'start');
    await worksWith(host, port, 'last');
    expect((await host.daemon()).runner?.build).toBeUndefined();
  });
});

async function worksWith(host: Host, port: number, version: string): Promise<void> {
  declare(host, port, version);
  await host.ok('apply');
  await host.ok('get');
  await host.ok('restart', 'web');
  expect((await host.ok('send', 'web', 'hello')).text).toContain('sent');
  const { items } = await host.apps();
  expect(items.map(({ status }) => [status.health, status.readyInstances])).toEqual([['Healthy', 2]]);
}
