import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { AppList } from '../../../src/api/contract/wire/apps.ts';
import type { DaemonStatus } from '../../../src/api/contract/wire/daemon.ts';
import type { EventList } from '../../../src/api/contract/wire/events.ts';
import type { RevisionList } from '../../../src/api/contract/wire/revisions.ts';
import { eventually } from '../../support/eventually.ts';
import { Host } from '../../support/host.ts';

const file = (host: Host): string => join(host.home, 'config.yaml');

async function status(host: Host): Promise<DaemonStatus> {
  return JSON.parse((await host.run(['daemon', 'status', '-o', 'json'])).stdout) as DaemonStatus;
}

async function said(host: Host): Promise<readonly string[]> {
  const { items } = JSON.parse((await host.ok('events', '-o', 'json')).stdout) as EventList;
  return items
    .filter(({ reason }) => reason.startsWith('Home'))
    .map(({ reason, message }) => `${reason} ${message}`);
}

describe('settings of a home', () => {
  test('are taken over while the daemon runs, and a broken file changes nothing but what is said', async () => {
    await using host = new Host();
    host.write('app.js', 'setInterval(() => {}, 1e6);');
    host.declare({ name: 'web', script: './app.js', min_uptime: 50 });
    await host.ok('apply');
    writeFileSync(file(host), 'limits:\n  builds: 2\n');
    await eventually(async () => (await said(host)).includes('HomeSettingsChanged limits.builds: 4 → 2'));
    writeFileSync(`${file(host)}~`, 'limits:\n  builds: two\n');
    renameSync(`${file(host)}~`, file(host));
    const { settings } = await eventually(async () => {
      const now = await status(host);
      return now.settings === undefined ? undefined : now;
    });
    const place = { file: file(host), line: 2, column: 11 };
    expect(settings).toMatchObject({
      broken: [{ code: 'CONFIG_WRONG_TYPE', position: place }],
      unfollowed: [],
    });
    const line = `${file(host)}:2:11: limits.builds: "two" is not an integer`;
    expect((await host.ok('daemon', 'status')).stdout).toContain(line);
    expect((await host.ok('get')).stdout).toContain(line);
    const list = JSON.parse((await host.ok('get', '-o', 'json')).stdout) as AppList;
    expect(list.settings?.broken).toHaveLength(1);
    const doctor = await host.run(['doctor']);
    expect(doctor.stdout).toContain(line);
    writeFileSync(file(host), 'limits:\n  builds: 3\n');
    await eventually(async () => (await status(host)).settings === undefined);
    expect(await said(host)).toEqual([
      'HomeSettingsChanged limits.builds: 4 → 2',
      expect.stringContaining(`HomeSettingsBroken ${line}`),
      `HomeSettingsMended ${file(host)} can be used again`,
      'HomeSettingsChanged limits.builds: 2 → 3',
    ]);
  }, 60_000);

  test('say how much is kept, to the daemon that runs', async () => {
    await using host = new Host();
    host.write('app.js', 'setInterval(() => {}, 1e6);');
    const apply = async (number: number): Promise<void> => {
      host.declare({ name: 'web', script: './app.js', instances: 0, kill_timeout: 1_000 + number });
      await host.ok('apply');
    };
    for (let number = 1; number <= 3; number++) await apply(number);
    await host.ok('config', 'set', 'limits.revisions', '5');
    for (let number = 4; number <= 7; number++) await apply(number);
    const { items } = JSON.parse((await host.ok('history', 'shop', '-o', 'json')).stdout) as RevisionList;
    expect(items.map(({ revision }) => revision)).toEqual([7, 6, 5, 4, 3]);
    const low = await host.run(['config', 'set', 'limits.revisions', '4']);
    expect([low.code, low.stderr]).toEqual([65, expect.stringContaining('4 is less than 5')]);
  }, 120_000);

  test('hold over kill -9 with a broken file, and are told of by the next controller too', async () => {
    await using host = new Host();
    await host.ok('daemon', 'start');
    writeFileSync(file(host), 'mcp: { protect: [shop/db] }\n');
    await eventually(async () => (await said(host)).length > 0);
    writeFileSync(file(host), 'mcp: [\n');
    const before = await eventually(async () => {
      const now = await status(host);
      return now.settings === undefined ? undefined : now;
    });
    process.kill(before.controller?.pid ?? 0, 'SIGKILL');
    const after = await eventually(async () => {
      const now = await status(host);
      const isNext = now.controller !== null && now.controller.pid !== before.controller?.pid;
      return isNext ? now : undefined;
    });
    expect(after.settings?.broken).toMatchObject([{ code: 'CONFIG_SYNTAX' }]);
    // What held before holds: to take the list out again is a change from it.
    writeFileSync(file(host), '');
    await eventually(async () =>
      (await said(host)).includes('HomeSettingsChanged mcp.protect: shop/db → none'),
    );
  }, 60_000);

  test('of a broken file that was never whole are the defaults, and the daemon starts', async () => {
    await using host = new Host();
    await host.ok('daemon', 'start');
    await host.ok('daemon', 'stop');
    writeFileSync(file(host), 'limits: { builds: 0 }\n');
    await host.ok('daemon', 'start');
    expect((await status(host)).settings?.broken).toMatchObject([
      { message: 'limits.builds: 0 is less than 1' },
    ]);
    expect((await said(host)).at(-1)).toContain('HomeSettingsBroken');
  }, 60_000);
});
