import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MetricsDocument } from '../../../src/api/contract/wire/metrics.ts';
import { eventually } from '../../support/eventually.ts';
import { Host } from '../../support/host.ts';

const host = new Host();
const PROMTOOL = ['/usr/bin/promtool', '/usr/local/bin/promtool'].find((path) => existsSync(path));
const SUFFIX = { counter: '_total', info: '_info', gauge: '', histogram: '', stateset: '' };

async function families(): Promise<MetricsDocument['families']> {
  return (JSON.parse((await host.ok('metrics', '-o', 'json')).stdout) as MetricsDocument).families;
}

beforeAll(async () => {
  host.write('web.js', 'setInterval(() => undefined, 1e6)');
  host.declare(
    { name: 'web', script: './web.js', instances: 2 },
    { name: 'job', script: './web.js', schedule: '0 3 * * *' },
    { name: 'bad', script: './bad.js', autorestart: false },
  );
  host.write('bad.js', 'process.exit(3)');
  await host.run(['apply', '--no-wait']);
  const follow = host.write('site.yaml', 'project: site\napps: []\n');
  await host.ok('source', 'add', 'site', '--follow', follow, '--sync', 'manual');
  const command = [process.execPath, '--version'];
  host.write('notify.yaml', JSON.stringify({ receivers: [{ name: 'ops', exec: { command } }] }));
  await host.ok('notify', 'apply', '-f', 'notify.yaml');
}, 60_000);
afterAll(() => host[Symbol.asyncDispose]());

describe('metrics of a host', () => {
  it('say what runs, and how what does not run has ended', { timeout: 60_000 }, async () => {
    const found = await eventually(async () => {
      const all = await families();
      const of = (name: string) => all.find((family) => family.name === name)?.samples ?? [];
      return of('stateward_instance_last_exit_code').length > 0 && of;
    });
    const up = found('stateward_instance_up').filter(({ labels }) => labels['app'] === 'web');
    expect(up.map(({ labels, value }) => [labels['slot'], value])).toEqual([
      ['0', 1],
      ['1', 1],
    ]);
    const [exit] = found('stateward_instance_last_exit_code');
    expect(exit).toMatchObject({ labels: { app: 'bad', slot: '0' }, value: 3 });
    expect(found('stateward_app_next_run_timestamp_seconds')[0]?.labels['app']).toBe('job');
    expect(found('stateward_source')[0]?.labels['source']).toBe('site');
    expect(found('stateward_receiver_failing')).toEqual([{ labels: { receiver: 'ops' }, value: 0 }]);
    const memory = found('stateward_process_resident_memory_bytes');
    expect(memory.map(({ labels }) => labels['process'])).toEqual(['controller', 'runner']);
  });

  it('are all in the docs, and no others', { timeout: 60_000 }, async () => {
    const page = readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');
    const listed = [...page.matchAll(/^\| `(stateward_\w+)` +\| (\w+)/gm)].map(([, name, type]) => [
      name,
      type,
    ]);
    const given = (await families()).map(({ name, type }) => [`${name}${SUFFIX[type]}`, type]);
    expect(listed.toSorted()).toEqual(given.toSorted());
  });

  const why = PROMTOOL === undefined ? ' (skipped: there is no promtool here)' : '';
  it.skipIf(PROMTOOL === undefined)(`are what promtool takes${why}`, { timeout: 60_000 }, async () => {
    const { stdout } = await host.ok('metrics');
    const checked = spawnSync(PROMTOOL ?? '', ['check', 'metrics'], { input: stdout, encoding: 'utf8' });
    expect(checked).toMatchObject({ status: 0, stdout: '', stderr: '' });
  });

  it.each([
    ['application/openmetrics-text; version=1.0.0', 'application/openmetrics-text', /\n# EOF\n$/],
    ['*/*', 'text/plain', /^# HELP stateward_info /],
  ])('are answered on the socket to who accepts %s', async (accept, type, pattern) => {
    const socketPath = join(host.home, 'run/api.sock');
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get({ socketPath, path: '/metrics', headers: { accept } }, resolve).on('error', reject);
    });
    expect(response.headers['content-type']).toContain(type);
    expect(await text(response)).toMatch(pattern);
  });

  it('need a daemon', async () => {
    const ran = await host.run(['metrics'], { env: { STATEWARD_HOME: join(host.folder, 'nobody') } });
    expect(ran.code).toBe(69);
  });
});
