import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { DaemonStatus } from '../../../src/api/contract/wire/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { Host } from '../../support/host.ts';

const UNITS = '/etc/systemd/system';

describe('startup and unstartup', () => {
  test('with --print show what they would do, and do nothing', async () => {
    await using host = new Host();
    const name = `stateward-test-${process.pid}`;
    const isRoot = process.getuid?.() === 0;
    const printed = await host.run(['startup', 'systemd', '--service-name', name, '--print']);
    expect(printed.code).toBe(0);
    expect(printed.stdout).toContain(`STATEWARD_HOME=${host.home}`);
    expect(printed.stdout).toMatch(/^ExecStart=.* daemon run --replace --stop-apps$/m);
    expect(printed.stderr).toMatch(new RegExp(`^ {2}systemctl .*enable ${name}\\.service$`, 'm'));
    const undone = await host.run(['unstartup', 'systemd', '--service-name', name, '--print']);
    expect(undone.stdout).toMatch(new RegExp(`^rm .*/${name}\\.service$`, 'm'));
    if (isRoot) expect(existsSync(`${UNITS}/${name}.service`)).toBe(false);
  });

  test('say which init systems they know, and that one of two owners is meant', async () => {
    await using host = new Host();
    const unknown = await host.run(['startup', 'upstart']);
    expect([unknown.code, unknown.stderr]).toEqual([
      64,
      expect.stringContaining('known are systemd, openrc, launchd') as string,
    ]);
    expect((await host.run(['startup', 'systemd', '--user', 'root', '--system'])).code).toBe(64);
  });
});

describe('words of PM2 that have nothing to do', () => {
  test.each([[['save']], [['save', '--force']], [['dump']]])('%j says why, and is fine', async (words) => {
    await using host = new Host();
    const { code, stdout } = await host.run(words);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^nothing to save: /) as string]);
  });

  test('resurrect brings up the daemon, and with it what was applied', async () => {
    await using host = new Host();
    host.write('app.js', 'setInterval(() => {}, 1e6);');
    host.declare({ name: 'web', script: './app.js', min_uptime: 50 });
    await host.ok('apply');
    await host.ok('daemon', 'stop', '--all');
    expect((await host.ok('resurrect')).stdout).toMatch(/^nothing to resurrect: /);
    await eventually(async () => {
      const { stdout } = await host.ok('daemon', 'status', '-o', 'json');
      return (JSON.parse(stdout) as DaemonStatus).apps?.processes === 1;
    });
  }, 60_000);
});
