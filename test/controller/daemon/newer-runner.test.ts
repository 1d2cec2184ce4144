import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { DaemonStatus } from '../../../src/api/contract/wire/daemon.ts';
import { FakeRunner, WELCOME } from '../../support/runner/fake-runner.ts';
import { Host } from '../../support/host.ts';

test('a runner that is newer than the daemon: every command says so, and what to do', async () => {
  await using host = new Host();
  mkdirSync(join(host.home, 'run'), { recursive: true, mode: 0o700 });
  await using runner = new FakeRunner(join(host.home, 'run', 'runner.sock'), {
    welcome: { ...WELCOME, protocol: 99, version: '99.0.0' },
  });
  await runner.listen();
  host.write('app.js', 'setInterval(() => {}, 1e6);');
  host.declare({ name: 'api', script: './app.js' });

  const offline = await host.run(['plan', '-f', 'ecosystem.yaml']);
  expect([offline.code, offline.stderr]).toEqual([
    69,
    expect.stringContaining('version 99.0.0, protocol 99'),
  ]);

  await host.run(['daemon', 'start']);
  const commands = [
    ['get'],
    ['get', '-o', 'json'],
    ['why', 'shop/api'],
    ['apply', '-f', 'ecosystem.yaml'],
    ['restart', 'all'],
    ['daemon', 'stop', '--all'],
  ];
  for (const command of commands) {
    const { code, text } = await host.run(command);
    expect([command, code]).toEqual([command, 69]);
    expect(text).toContain('RUNNER_NEWER');
    expect(text).toContain('version 99.0.0, protocol 99');
    expect(text).toContain('stateward daemon stop');
  }
  const status = JSON.parse((await host.run(['daemon', 'status', '-o', 'json'])).stdout) as DaemonStatus;
  expect(status).toMatchObject({ runner: null, problem: { code: 'RUNNER_NEWER' } });
  const doctor = await host.run(['doctor']);
  expect([doctor.code, doctor.stdout]).toEqual([1, expect.stringContaining('version 99.0.0, protocol 99')]);
  const log = readFileSync(join(host.home, 'daemon.log'), 'utf8');
  expect(log.match(/version 99\.0\.0, protocol 99/g)).toHaveLength(1);
  // The daemon itself can be stopped, for the newer one to be started.
  expect((await host.run(['daemon', 'stop'])).code).toBe(0);
});
