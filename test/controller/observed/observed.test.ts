import { once } from 'node:events';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppList } from '../../../src/api/contract/wire/apps.ts';
import type { ActionResponse } from '../../../src/api/contract/wire/custom/custom.ts';
import type { Family, MetricsDocument } from '../../../src/api/contract/wire/metrics.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { Host } from '../../support/host.ts';
import { IO_APP, PLAIN_APP } from './apps.ts';
import { boardQueries, findPrometheus, Prometheus } from './prometheus.ts';

const host = new Host();
let port: number;
const prometheus = findPrometheus();
const missing = prometheus === null ? ' (skipped: there is no prometheus here)' : '';

async function instance(name: string) {
  const { items } = JSON.parse((await host.ok('describe', name, '-o', 'json')).stdout) as AppList;
  return items[0]?.status.instances[0];
}

async function act(...args: readonly string[]) {
  const ran = await host.run(['trigger', ...args, '-o', 'json']);
  const { results } = JSON.parse(ran.stdout) as ActionResponse;
  return { code: ran.code, ...results[0] };
}

async function get(path: string): Promise<void> {
  const [response] = (await once(request({ port, path, host: '127.0.0.1' }).end(), 'response')) as [
    NodeJS.ReadableStream,
  ];
  await once(response.resume(), 'end');
}

async function samples(app: string): Promise<(name: string) => Family['samples']> {
  const { families } = JSON.parse((await host.ok('metrics', '-o', 'json')).stdout) as MetricsDocument;
  return (name) =>
    (families.find((family) => family.name === name)?.samples ?? []).filter(
      ({ labels }) => labels['app'] === app,
    );
}

beforeAll(async () => {
  port = await freePort();
  host.write('io.js', IO_APP);
  host.write('plain.js', PLAIN_APP);
  host.write('mute.js', 'setInterval(() => undefined, 1e6)');
  host.write('bad.js', 'process.exit(3)');
  host.declare(
    { name: 'io', script: './io.js' },
    { name: 'plain', script: './plain.js', wait_ready: true, env: { PORT: String(port) } },
    { name: 'mute', script: './mute.js', agent: false },
    { name: 'bad', script: './bad.js', autorestart: false },
  );
  await host.run(['apply', '--timeout', '60s']);
}, 120_000);
afterAll(() => host[Symbol.asyncDispose]());

describe('an app with @pm2/io', () => {
  it('reports what it measures, and it is shown', { timeout: 60_000 }, async () => {
    const metrics = await eventually(async () => {
      const found = (await instance('io'))?.metrics ?? [];
      return found.some(({ name }) => name === 'size') && found;
    });
    const of = (name: string) => metrics.find((metric) => metric.name === name);
    expect(of('queue depth')).toEqual({ name: 'queue depth', value: 7, unit: 'jobs' });
    expect(of('orders')?.value).toBe(3);
    expect(typeof of('orders/min')?.value).toBe('number');
    expect(of('size')?.value).toBe(20);
    expect(of('state')?.value).toBe('warm');
    const { stdout } = await host.ok('describe', 'io');
    expect(stdout).toMatch(/queue depth +7 jobs/);
    expect(stdout).toMatch(/level +yes +-/);
    // What does not answer soon enough is left out.
    const custom = await eventually(async () => {
      const found = (await samples('io'))('stateward_custom_metric');
      return found.length > 0 && found;
    });
    expect(custom.find(({ labels }) => labels['name'] === 'queue depth')).toEqual({
      labels: { project: 'shop', app: 'io', slot: '0', name: 'queue depth', unit: 'jobs' },
      value: 7,
    });
    expect(custom.some(({ labels }) => labels['name'] === 'state')).toBe(false);
  });

  it('does what it offers, with and without a parameter', { timeout: 60_000 }, async () => {
    expect(await act('io', 'flush')).toMatchObject({ code: 0, state: 'replied', reply: { flushed: 7 } });
    expect((await host.ok('trigger', 'io:0', 'level', '42')).stdout).toMatch(/^shop\/io:0 +level 42\n$/);
  });

  it('has an error that it reports as an event', { timeout: 60_000 }, async () => {
    expect(await act('io', 'fail', '--timeout', '200ms')).toMatchObject({ code: 4, state: 'timedOut' });
    const stdout = await eventually(async () => {
      const events = await host.ok('events', 'io');
      return events.stdout.includes('ErrorReported') && events.stdout;
    });
    expect(stdout).toMatch(/shop\/io:0 +ErrorReported: TypeError: no orders \(at .*io\.js:/);
    expect(stdout).not.toContain('MessageReceived');
  });
});

describe('an app that sends plain messages', () => {
  it('does what it offers, refuses, and is named what it offers', { timeout: 60_000 }, async () => {
    expect(await act('plain', 'double', '21', '--json')).toMatchObject({ code: 0, reply: 42 });
    expect(await act('plain', 'refuse')).toMatchObject({ code: 1, state: 'failed', message: 'not today' });
    expect(await act('plain', 'hang', '--timeout', '100ms')).toMatchObject({ code: 4, state: 'timedOut' });
    const unknown = await host.run(['trigger', 'plain', 'flsh']);
    expect([unknown.code, unknown.stdout]).toEqual([
      1,
      'shop/plain:0  not offered: it offers no such action, but double, refuse, hang\n',
    ]);
    expect(await act('mute', 'flush')).toMatchObject({ code: 1, state: 'notSent' });
    expect((await host.run(['trigger', 'plain'])).code).toBe(64);
  });

  it('offers it to a controller that comes later too', { timeout: 60_000 }, async () => {
    const { controller } = await host.daemon();
    process.kill(controller?.pid ?? 0, 'SIGKILL');
    await eventually(async () => (await host.run(['trigger', 'plain', 'double', '2', '--json'])).code === 0);
    expect(await act('io', 'flush')).toMatchObject({ state: 'replied' });
  });
});

it('what an app serves is counted by its agent', { timeout: 60_000 }, async () => {
  for (const path of ['/', '/', '/broken', '/slow']) await get(path);
  // What does not answer soon enough is left out.
  const of = await eventually(async () => {
    const found = await samples('plain');
    return found('stateward_instance_http_requests').length > 0 && found;
  });
  expect(of('stateward_instance_http_requests')[0]?.value).toBe(4);
  const classes = of('stateward_instance_http_responses').map(({ labels, value }) => [
    labels['class'],
    value,
  ]);
  expect(Object.fromEntries(classes)).toEqual({ '1xx': 0, '2xx': 3, '3xx': 0, '4xx': 0, '5xx': 1 });
  const durations = of('stateward_instance_http_response_duration_seconds');
  const upTo = (le: string) => durations.find(({ labels }) => labels['le'] === le)?.value;
  // Far apart: on a busy host what answers at once may take a while too.
  expect([upTo('5.0'), upTo('+Inf')]).toEqual([3, 4]);
  expect(durations.find(({ suffix }) => suffix === '_sum')?.value).toBeGreaterThan(5);
  for (const name of [
    'heap_used_bytes',
    'heap_total_bytes',
    'event_loop_active_seconds',
    'event_loop_idle_seconds',
  ]) {
    expect(of(`stateward_instance_${name}`)[0]?.value, name).toBeGreaterThan(0);
  }
  expect((await samples('mute'))('stateward_instance_heap_used_bytes')).toEqual([]);
});

it.skipIf(prometheus === null)(
  `the alerts and the board are what Prometheus makes sense of${missing}`,
  { timeout: 120_000 },
  async () => {
    await using server = await Prometheus.start(prometheus ?? '', host);
    await eventually(
      async () => (await server.query('count(stateward_instance_http_requests_total)')).length > 0,
    );
    await eventually(
      async () => (await server.query('rate(stateward_process_cpu_seconds_total[1m])')).length > 0,
    );
    const rules = await server.rules();
    expect(rules.map(({ name }) => name)).toContain('StatewardAppUnhealthy');
    await eventually(async () => (await server.rules()).every(({ health }) => health === 'ok'));
    const alerts = await eventually(async () => {
      const found = (await server.rules()).find(({ name }) => name === 'StatewardAppUnhealthy');
      return found?.state === 'pending' && found.alerts;
    });
    expect(alerts.map(({ labels }) => labels['app'])).toEqual(['bad']);
    // A second request has rates of what is counted by agents.
    await get('/');
    const empty = new Map(
      boardQueries((await host.ok('metrics', '--board')).stdout).map((one) => [one.expr, one.title]),
    );
    const until = Date.now() + 60_000;
    await eventually(async () => {
      for (const expr of [...empty.keys()]) if ((await server.query(expr)).length > 0) empty.delete(expr);
      return empty.size === 0 || Date.now() > until;
    });
    expect(Object.fromEntries(empty)).toEqual({});
  },
);
