import { describe, expect, it } from 'vitest';
import type { App } from '../../../src/api/contract/wire/apps.ts';
import { eventually } from '../../support/eventually.ts';
import { Host } from '../../support/host.ts';

const EVERY_SECOND = '* * * * * *';

async function appOf(host: Host, name: string): Promise<App | undefined> {
  return (await host.apps()).items.find((app) => app.name === name);
}

describe('schedules', () => {
  it('run a job at its times, keep how its runs ended, and leave it alone when it is stopped', async () => {
    await using host = new Host();
    host.write('job.js', 'console.log("done");');
    host.declare(
      { name: 'job', script: './job.js', schedule: '0 0 1 1 *' },
      { name: 'later', script: './job.js', cron_restart: '0 0 1 1 *', autostart: false },
    );
    const plan = await host.ok('plan');
    expect(plan.stdout.match(/next run at .*/g)).toEqual([
      expect.stringMatching(/next run at \d{4}-(?:01-01|12-31)T/),
    ]);
    await host.ok('apply');
    expect((await appOf(host, 'job'))?.status).toMatchObject({ health: 'Completed', runs: [] });
    host.declare({ name: 'job', script: './job.js', schedule: EVERY_SECOND });
    await host.ok('apply');
    const { status } = await eventually(async () => {
      const app = await appOf(host, 'job');
      return (app?.status.runs?.filter(({ outcome }) => outcome === 'succeeded').length ?? 0) > 1 && app;
    });
    expect(status.nextRun).toMatch(/^\d{4}-/);
    expect((await host.ok('describe', 'job')).stdout).toMatch(/Next run:[^]*Runs:[^]*succeeded/);
    await host.ok('stop', 'job');
    expect((await appOf(host, 'job'))?.status).toMatchObject({ health: 'Stopped', nextRun: null });
  });

  it('restart a service with its reason on record', async () => {
    await using host = new Host();
    host.write('app.js', 'setInterval(() => {}, 1e6);');
    host.declare({ name: 'web', script: './app.js', min_uptime: 0, cron_restart: '*/2 * * * * *' });
    await host.ok('apply');
    const first = (await host.pids())['web']?.[0];
    await eventually(async () => {
      const pid = (await host.pids())['web']?.[0];
      return pid !== null && pid !== first;
    });
    expect((await host.ok('events')).stdout).toContain('cron_restart "*/2 * * * * *" came due at');
  });
});
