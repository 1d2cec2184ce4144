import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { WhyDocument } from '../../../src/api/contract/wire/why.ts';
import type { EventList } from '../../../src/api/contract/wire/events.ts';
import { eventually } from '../../support/eventually.ts';
import { Host } from '../../support/host.ts';

const sleeper = { name: 'quiet', script: 'sleep 1000', shell: true } as const;

describe('an app whose log cannot be written', () => {
  test('is not healthy, apply says so, and it is mended when the place is', async () => {
    await using host = new Host();
    const place = join(host.folder, 'out.log');
    mkdirSync(place);
    host.declare({ ...sleeper, out_file: './out.log' });
    const said = `cannot write ${place}: it is a folder: name a file in it (EISDIR)`;

    const applied = await host.run(['apply']);
    expect(applied.code).toBe(1);
    expect(applied.stderr).toContain(`shop/quiet: Degraded, 1/1 ready: ${said}`);
    expect((await host.run(['apply'])).code).toBe(1);

    const [app] = (await host.apps()).items;
    expect(app?.status).toMatchObject({ sync: 'Synced', health: 'Degraded', readyInstances: 1 });
    expect(app?.status.conditions.find(({ type }) => type === 'Logging')).toMatchObject({
      status: 'False',
      reason: 'LogWriteFailed',
      message: said,
    });
    expect((await host.ok('get')).stdout).toContain(`! quiet: ${said} (LogWriteFailed)\n`);
    expect((await host.ok('get', '--no-headers')).stdout).not.toContain('!');
    const why = JSON.parse((await host.ok('why', 'quiet', '-o', 'json')).stdout) as WhyDocument;
    expect(why.problems).toMatchObject([{ reason: 'LogWriteFailed', message: said }]);
    expect((await host.ok('why', 'quiet')).stdout).toContain(`problem: ${said}`);
    const events = JSON.parse((await host.ok('events', '-o', 'json')).stdout) as EventList;
    const told = events.items.filter(({ reason }) => reason === 'LogWriteFailed');
    expect(told).toMatchObject([{ key: 'shop/quiet', level: 'warning', message: said }]);

    rmSync(place, { recursive: true });
    await eventually(async () => (await host.apps()).items[0]?.status.health === 'Healthy');
    const [mended] = (await host.apps()).items;
    expect(mended?.status.problems).toBeUndefined();
    expect((await host.ok('get')).stdout).not.toContain('!');
    expect((await host.ok('apply')).text).toContain('0 processes touched');
  }, 60_000);
});
