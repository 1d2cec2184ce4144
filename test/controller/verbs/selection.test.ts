import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { Host } from '../../support/host.ts';

async function applied(): Promise<Host> {
  const host = new Host();
  host.write('app.js', host.sleeper('console.log("up")'));
  const common = { script: './app.js', min_uptime: 50 };
  host.declare(
    { ...common, name: 'api', namespace: 'billing', labels: { tier: 'web', env: 'prod' } },
    { ...common, name: 'job', labels: { tier: 'job', env: 'dev' } },
    { ...common, name: 'plain' },
  );
  await host.ok('apply');
  await host.loaded();
  return host;
}

describe('a selection by labels or namespace', () => {
  it('is what verbs are about, and nothing else', async () => {
    await using host = await applied();
    const before = await host.pids();
    await host.ok('restart', '-l', 'tier=web');
    const after = await host.pids();
    expect(after.api).not.toEqual(before.api);
    expect([after.job, after.plain]).toEqual([before.job, before.plain]);
    const health = async () =>
      (await host.apps()).items.map(({ name, status }) => `${name} ${status.health}`).sort();
    await host.ok('stop', '-n', 'default', '-l', 'tier');
    expect(await health()).toEqual(['api Healthy', 'job Stopped', 'plain Healthy']);
    await host.ok('start', '--selector', 'env=dev');
    expect(await health()).toEqual(['api Healthy', 'job Healthy', 'plain Healthy']);
    await host.ok('stop', '-n', 'billing');
    await host.ok('start', '--namespace', 'billing');
    expect(await health()).toEqual(['api Healthy', 'job Healthy', 'plain Healthy']);
    await host.ok('scale', '-l', 'tier=job', '2');
    expect((await host.pids()).job).toHaveLength(2);
    await host.ok('delete', '-l', '!tier');
    expect(await health()).toEqual(['api Healthy', 'job Healthy']);
    expect((await host.ok('events', '--limit', '200')).stdout).toContain('ScaledByOperator');
  });

  it('that nothing passes does nothing and says what there is', async () => {
    await using host = await applied();
    const before = await host.pids();
    for (const verb of [
      'restart',
      'stop',
      'delete',
      'reload',
      'reset',
      'get',
      'logs',
      'events',
      'top',
      'history',
    ]) {
      const ran = await host.run([verb, '-l', 'tier=wbe']);
      expect(ran, verb).toMatchObject({ code: 1, stdout: '' });
      expect(ran.stderr).toContain('did you mean tier=web?');
    }
    expect((await host.run(['stop', '-l', 'tier=web,'])).code).toBe(64);
    expect((await host.run(['stop', 'ecosystem.yaml', '-l', 'tier=web'])).code).toBe(64);
    const logFile = await host.run(['start', '-l', 'tier=web']);
    expect(logFile).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('--selector tier=web') as string,
    });
    expect(await host.pids()).toEqual(before);
  });

  it('is what reads show, with labels as columns and in JSON', async () => {
    await using host = await applied();
    expect((await host.ok('get', '-l', 'tier', '-o', 'name')).stdout).toBe('shop/api\nshop/job\n');
    const table = (await host.ok('get', '-n', 'billing', '-L', 'tier', '--show-labels')).stdout;
    expect(table).toMatch(/ TIER +LABELS\n.* web +env=prod,tier=web\n$/);
    expect((await host.ok('get', '-o', 'wide', '-L', 'tier,env')).stdout).toMatch(/ job +dev$/m);
    const { items } = await host.apps();
    expect(items.map(({ namespace, labels }) => [namespace, labels?.['tier']])).toEqual([
      ['billing', 'web'],
      ['default', 'job'],
      ['default', undefined],
    ]);
    // What was said is on its way to the file.
    await eventually(async () => (await host.ok('logs', '-l', 'tier=web', '-n', '5')).stdout.includes('up'));
    expect((await host.ok('logs', '--namespace', 'billing')).stdout).toMatch(/up/);
    expect((await host.ok('events', '-l', 'tier=job')).stdout).not.toContain('shop/api');
    expect((await host.ok('history', '-l', 'tier=job')).stdout).toMatch(/\+ job +succeeded/);
    expect((await host.ok('why', '-n', 'billing')).stderr).toContain('everything is as it should be');
    expect((await host.ok('top', '-l', 'tier=job')).stdout).not.toContain('shop/api');
  });
});
