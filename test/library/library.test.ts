import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import type * as Library from '../../src/library/index.ts';
import { Host } from '../support/host.ts';

const { connect, loadEcosystem, plan, StatewardError } = createRequire(import.meta.url)(
  '../../dist/index.cjs',
) as typeof Library;

const FILE = `project: shop
apps:
  - { name: api, script: app.js, min_uptime: 50, wait_ready: true, instances: 2, exec_mode: fork, labels: { tier: web } }
  - { name: job, script: app.js, min_uptime: 50 }
`;

function declared(): Host {
  const host = new Host();
  // A version that crashes does not say that it is ready, however late it is.
  host.write(
    'app.js',
    "process.on('message', (m) => console.log('got', m)); process.send('ready'); setInterval(() => {}, 1e6);",
  );
  host.write('ecosystem.yaml', FILE);
  return host;
}

async function failure(work: Promise<unknown>): Promise<Library.StatewardError> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof StatewardError) return error;
  throw new Error(`not a failure of stateward: ${String(error)}`);
}

describe('the library', () => {
  it('plans, applies and asks as the command line does', async () => {
    await using host = declared();
    const { home } = host;
    const ecosystem = await loadEcosystem(host.folder, { environment: process.env });
    expect(ecosystem.projects[0]?.apps.map(({ name }) => name)).toEqual(['api', 'job']);
    expect((await plan(ecosystem, { home })).summary).toMatchObject({ create: 2, processesTouched: 3 });
    const stateward = await connect({ home, start: true });
    const steps: string[] = [];
    const applied = await stateward.apply(ecosystem, {
      onProgress: (app, text) => steps.push(`${app} ${text}`),
    });
    expect(applied.summary.create).toBe(2);
    expect(steps.join('\n')).toContain('shop/job Healthy, 1/1 ready');
    expect(await host.ok('apply')).toMatchObject({
      stderr: expect.stringContaining('Nothing to do') as string,
    });
    expect((await stateward.list({ labels: 'tier=web' })).map(({ name }) => name)).toEqual(['api']);
    expect(await stateward.scale('api', '+1')).toMatchObject([{ app: 'shop/api', changed: true }]);
    expect((await stateward.get('api')).status.readyInstances).toBe(3);
    await stateward.reload('shop/', { timeoutMs: 60_000 });
    expect(await stateward.send('job', { a: 1 })).toMatchObject([{ app: 'shop/job', sent: true }]);
    expect((await stateward.apply(ecosystem, { reload: true, only: ['job'] })).summary.restart).toBe(1);
    await stateward.stop({ apps: 'job' });
    expect((await stateward.get('job')).status.health).toBe('Stopped');
    await stateward.delete('all', { allowWipe: true });
    expect(await stateward.list()).toEqual([]);
  }, 60_000);

  it('rejects with the code and the hint that a command would print', async () => {
    await using host = declared();
    const { home } = host;
    expect(await failure(connect({ home }))).toMatchObject({ code: 'DAEMON_UNREACHABLE', exitCode: 69 });
    host.write('bad.yaml', 'apps: [{ script: ./app.js, instances: many, nmae: x }]');
    const wrong = await failure(loadEcosystem(`${host.folder}/bad.yaml`));
    expect(wrong.failures.map(({ code }) => code)).toContain('CONFIG_UNKNOWN_KEY');
    expect(wrong.position).toMatchObject({ line: 1 });
    const stateward = await connect({ home, start: true });
    await stateward.apply(`${host.folder}/ecosystem.yaml`);
    expect(await failure(stateward.restart('apii'))).toMatchObject({
      code: 'SELECTOR_NOT_FOUND',
      hint: 'did you mean api?',
    });
    expect((await failure(stateward.stop({}))).code).toBe('USAGE');
    expect((await failure(stateward.get('shop'))).code).toBe('SELECTOR_AMBIGUOUS');
    host.write('app.js', 'process.exit(1)');
    const failed = await failure(stateward.apply(`${host.folder}/ecosystem.yaml`, { only: ['api'] }));
    expect(failed.exitCode).toBe(failed.code === 'ROLLOUT_FAILED' ? 3 : 1);
    expect(failed.message).toContain('shop/api');
  }, 60_000);

  it('gives every event once and in order, over a controller that is killed', async () => {
    await using host = declared();
    const stateward = await connect({ home: host.home, start: true });
    await stateward.apply(`${host.folder}/ecosystem.yaml`);
    const seen: number[] = [];
    const ended = (async () => {
      for await (const { seq } of stateward.events({ after: 0 })) seen.push(seq);
    })();
    process.kill((await host.daemon()).controller?.pid ?? 0, 'SIGKILL');
    await host.ok('restart', 'job');
    const [last] = await stateward.list('job');
    expect(last?.status.health).toBe('Healthy');
    const { items } = JSON.parse((await host.ok('events', '--limit', '500', '-o', 'json')).stdout) as {
      items: { seq: number }[];
    };
    const all = items.map(({ seq }) => seq);
    while (seen.length < all.length) await new Promise((resume) => setImmediate(resume));
    stateward.close();
    await ended;
    expect(seen.slice(0, all.length)).toEqual(all);
  }, 60_000);

  it('ends at once when its signal is aborted: streams quietly, calls with its reason', async () => {
    await using host = declared();
    const stateward = await connect({ home: host.home, start: true });
    await stateward.apply(`${host.folder}/ecosystem.yaml`);
    const abort = new AbortController();
    const lists: number[] = [];
    for await (const apps of stateward.watch('all', { signal: abort.signal })) {
      lists.push(apps.length);
      abort.abort();
    }
    expect(lists).toEqual([2]);
    const { signal } = abort;
    await expect(stateward.restart('api', { signal })).rejects.toBe(signal.reason);
    const later = new AbortController();
    const restarting = stateward.restart('api', {
      signal: later.signal,
      onProgress: () => later.abort(new Error('enough')),
    });
    await expect(restarting).rejects.toThrow('enough');
  }, 60_000);
});
