import { describe, expect, it } from 'vitest';
import { Host } from '../../support/host.ts';

const PAIR = { name: 'pair', script: './app.js', exec_mode: 'fork', instances: 2, min_uptime: 100 };

async function applied(): Promise<Host> {
  const host = new Host();
  host.write('app.js', 'setInterval(() => {}, 1e6);');
  host.declare({ ...PAIR, name: 'one', instances: 1 }, PAIR);
  await host.ok('apply');
  return host;
}

describe('operating by hand', () => {
  it('stops an app and starts it again by the number that get shows for it, stopped or not', async () => {
    await using host = await applied();
    const { items } = await host.apps();
    const id = String(items.find(({ name }) => name === 'one')?.status.instances[0]?.id);
    await host.ok('stop', id);
    const stopped = (await host.apps()).items.find(({ name }) => name === 'one');
    expect(stopped?.status).toMatchObject({
      health: 'Stopped',
      desiredInstances: 0,
      override: { run: 'stopped' },
      instances: [{ id: Number(id), pid: null, state: 'exited' }],
    });
    await host.ok('start', id);
    expect((await host.apps()).items.find(({ name }) => name === 'one')?.status.health).toBe('Healthy');
  });

  it('restarts one of several instances, and leaves the others', async () => {
    await using host = await applied();
    const before = await host.pids();
    await host.ok('restart', 'pair:1');
    const after = await host.pids();
    expect(after.pair?.[0]).toBe(before.pair?.[0]);
    expect(after.pair?.[1]).not.toBe(before.pair?.[1]);
    expect((await host.run(['stop', 'pair:1'])).code).toBe(64);
  });

  it('shows what was done by hand in the plan, and has apply put back what the file says', async () => {
    await using host = await applied();
    await host.ok('scale', 'pair', '3');
    await host.ok('stop', 'one');
    const plan = await host.run(['plan', '--detailed-exitcode']);
    expect(plan.code).toBe(2);
    expect(plan.stdout).toContain('instances: 3 → 2');
    await host.ok('apply');
    const { items } = await host.apps();
    expect(items.map(({ status }) => [status.override, status.readyInstances])).toEqual([
      [null, 1],
      [null, 2],
    ]);
  });
});
