import { describe, expect, it } from 'vitest';
import { NodeCluster } from './support/cluster.ts';

const TICKS = `
  let count = 0;
  setInterval(() => console.log('tick ' + ++count), 200);
  process.on('SIGTERM', () => { console.log('told to end'); process.exit(0); });
`;

describe('logs', () => {
  it('follow what pods write, until Ctrl-C', async () => {
    await using cluster = await NodeCluster.start();
    cluster.write('worker.js', TICKS);
    cluster.declareMade({ name: 'worker', script: './worker.js', instances: 2 });
    expect((await cluster.there('apply')).code).toBe(0);
    const last = await cluster.there('logs', 'worker', '-n', '3', '--raw');
    expect(last.stdout.trim().split('\n')).toEqual(
      Array.from({ length: 3 }, () => expect.stringMatching(/^tick \d+$/) as string),
    );
    const following = cluster.begin('logs', 'worker', '-f', '-n', '0', '--raw');
    const lines = (): number => following.text.split('\n').length;
    await cluster.until(() => Promise.resolve(lines() > 20));
    expect(await following.interrupt()).toBe(130);
    expect(following.text.trim()).toMatch(/^(tick \d+\n?)+$/);
  });

  it('have what a schedule has run, and when it was', async () => {
    await using cluster = await NodeCluster.start();
    cluster.write('report.js', 'console.log("42 orders");');
    cluster.declareMade({ name: 'report', script: './report.js', schedule: '* * * * *' });
    expect((await cluster.there('apply')).code).toBe(0);
    await cluster.until(async () => (await cluster.there('logs', 'report')).stdout.includes('42 orders'));
    await cluster.until(async () => /report +Completed/.test((await cluster.there('get')).stdout));
  });
});
