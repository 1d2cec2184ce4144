import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { Host } from '../../support/host.ts';

const BIN = fileURLToPath(new URL('../../../dist/bin.cjs', import.meta.url));

/** Says that it is up, and that it ends; ends when asked to. */
const SERVER = `const { appendFileSync } = require('node:fs');
process.on('SIGINT', () => {
  appendFileSync('ends', process.env.STATEWARD_APP + '\\n');
  console.log('bye');
  process.exit(0);
});
console.log('first');
console.error('to err');
setInterval(() => {}, 1e6);
process.send?.('ready');
`;
const STUBBORN = `process.on('SIGINT', () => console.log('no'));
console.log('first');
setInterval(() => {}, 1e6);
process.send?.('ready');
`;

interface Running {
  readonly child: ChildProcess;
  readonly shown: { out: string; err: string };
  /** Its exit code, when everything that it wrote is here. */
  readonly ended: Promise<number | null>;
}

function run(host: Host, ...args: readonly string[]): Running {
  const child = spawn(process.execPath, [BIN, 'run', ...args], {
    cwd: host.folder,
    env: { ...process.env, NO_COLOR: '1', STATEWARD_HOME: host.home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const shown = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (shown.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (shown.err += chunk.toString()));
  return { child, shown, ended: once(child, 'close').then(([code]) => code as number | null) };
}

function prepared(): Host {
  const host = new Host();
  host.write('server.js', SERVER);
  host.write('stubborn.js', STUBBORN);
  return host;
}

const app = (name: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  name,
  script: './server.js',
  wait_ready: true,
  min_uptime: 50,
  ...more,
});
const once0 = (name: string, code: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  ...{ name, script: code, shell: true, autorestart: false },
  ...more,
});
const linesOf = (text: string, prefix: string): readonly string[] =>
  text.split('\n').filter((line) => line.startsWith(prefix));

describe('run', () => {
  test('that is killed with kill -9 takes its apps along in order, and leaves the home', async () => {
    await using host = prepared();
    host.declare(app('db'), app('api', { depends_on: ['db'] }));
    const { child, shown, ended } = run(host, '-f', 'ecosystem.yaml');
    await eventually(() => shown.err.includes('api: healthy'));
    child.kill('SIGKILL');
    await ended;
    const ends = join(host.folder, 'ends');
    await eventually(() => existsSync(ends) && readFileSync(ends, 'utf8') === 'api\ndb\n');
    await eventually(async () =>
      (await host.run(['daemon', 'status', '-o', 'json'])).stdout.includes('"runner": null'),
    );
    expect(existsSync(join(host.home, 'state'))).toBe(true);
  });

  test('shows what apps write from the first line to the last, and stops them in order on SIGTERM', async () => {
    await using host = prepared();
    host.declare(app('db'), app('api', { depends_on: ['db'], instances: 2, exec_mode: 'fork' }));
    const { child, shown, ended } = run(host, '-f', 'ecosystem.yaml');
    await eventually(() => shown.err.includes('api: healthy: 2 ready'));
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    for (const name of ['db:0     ', 'api:0    ', 'api:1    ']) {
      expect(linesOf(shown.out, name)).toEqual([`${name} | first`, `${name} | bye`]);
      expect(linesOf(shown.err, name)).toEqual([`${name} | to err`]);
    }
    expect(readFileSync(join(host.folder, 'ends'), 'utf8')).toBe('api\napi\ndb\n');
    expect((await host.run(['daemon', 'status', '-o', 'json'])).stdout).toContain('"runner": null');
  }, 60_000);

  test('loses no line of a burst, of files that rotate, of none, over restarts and the death of a controller', async () => {
    await using host = prepared();
    host.declare(
      once0('burst', 'i=0; while [ $i -lt 20000 ]; do echo "line $i"; i=$((i+1)); done', {
        log_rotate: { size: '1K', keep: 1 },
      }),
      once0('nowhere', 'echo one; echo two >&2', { out_file: '/dev/null', error_file: '/dev/null' }),
      once0('again', 'echo once; exit 1', { autorestart: true, restart_delay: 50, max_restarts: 1000 }),
      app('stays'),
    );
    const { child, shown, ended } = run(host);
    await eventually(() => shown.out.includes('line 100'));
    const { controller } = await host.daemon();
    process.kill(controller?.pid ?? 0, 'SIGKILL');
    await eventually(() => shown.out.includes('line 19999'));
    await eventually(() => linesOf(shown.out, 'again:0').length > 3);
    await eventually(async () => (await host.run(['daemon', 'status'])).code === 0);
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    const burst = linesOf(shown.out, 'burst:0').map((line) => line.split(' | ')[1]);
    expect(burst).toEqual(Array.from({ length: 20_000 }, (_, i) => `line ${i}`));
    expect(linesOf(shown.out, 'nowhere:0')).toEqual(['nowhere:0 | one']);
    expect(linesOf(shown.err, 'nowhere:0')).toEqual(['nowhere:0 | two']);
    expect(shown.err).toContain('the controller ended (SIGKILL); starting another');
  }, 60_000);

  test('prints one object a line with --format json', async () => {
    await using host = prepared();
    host.declare(once0('job', 'echo out; echo err >&2'));
    const { shown, ended } = run(host, 'ecosystem.yaml', '--format', 'json');
    expect(await ended).toBe(0);
    const records = (text: string): Record<string, unknown>[] =>
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    const time = expect.stringMatching(/^\d{4}-.*Z$/) as string;
    expect(records(shown.out)).toEqual([{ time, app: 'shop/job', slot: 0, stream: 'out', line: 'out' }]);
    expect(records(shown.err)).toContainEqual({
      ...{ time, app: 'shop/job', slot: 0, stream: 'err', line: 'err' },
    });
    expect(records(shown.err)).toContainEqual(
      expect.objectContaining({ app: 'shop/job', slot: 0, event: 'Exited' }),
    );
  }, 60_000);

  test('ends with 0 when every app has completed, with 1 and the reason when one has failed', async () => {
    await using host = prepared();
    host.declare(once0('migrate', 'echo done'), once0('seed', 'sleep 0.1'));
    expect(await run(host).ended).toBe(0);
    host.declare(once0('migrate', 'exit 3'), app('api', { depends_on: { migrate: 'completed' } }));
    const failed = run(host);
    expect(await failed.ended).toBe(1);
    expect(failed.shown.err).toMatch(/shop\/migrate is given up: .*exited with code 3/);
  }, 60_000);

  test('ends with 1 and the reason when an app is restarted no more', async () => {
    await using host = prepared();
    host.declare(
      app('web'),
      once0('bad', 'exit 5', { autorestart: true, max_restarts: 2, depends_on: ['web'] }),
    );
    const { shown, ended } = run(host);
    expect(await ended).toBe(1);
    expect(shown.err).toMatch(/shop\/bad is given up: .*code 5/);
    expect(readFileSync(join(host.folder, 'ends'), 'utf8')).toBe('web\n');
  }, 60_000);

  test.each([
    ['exit 7', 7],
    ['exit 0', 0],
    ['kill -9 $$', 137],
  ])(
    'with --exit-with an app that does `%s` ends with %i, after the others',
    async (script, code) => {
      await using host = prepared();
      host.declare(app('web'), once0('tests', script, { depends_on: ['web'] }));
      const { ended } = run(host, '--exit-with', 'tests');
      expect(await ended).toBe(code);
      expect(readFileSync(join(host.folder, 'ends'), 'utf8')).toBe('web\n');
    },
    60_000,
  );

  test('is hurried by a second signal', async () => {
    await using host = prepared();
    host.declare({ ...app('stubborn', { kill_timeout: '10m' }), script: './stubborn.js' });
    const { child, shown, ended } = run(host);
    await eventually(() => shown.out.includes('first'));
    child.kill('SIGTERM');
    await eventually(() => shown.out.includes('no'));
    const again = setInterval(() => child.kill('SIGTERM'), 500);
    expect(await ended).toBe(0);
    clearInterval(again);
  }, 60_000);

  test('hears SIGQUIT as SIGTERM, and nothing in SIGHUP, SIGUSR1 and SIGUSR2 without a terminal', async () => {
    await using host = prepared();
    host.declare(app('web'));
    const { child, shown, ended } = run(host);
    await eventually(() => shown.err.includes('web: healthy'));
    for (const signal of ['SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const) child.kill(signal);
    await host.ok('health');
    child.kill('SIGQUIT');
    expect(await ended).toBe(0);
    expect(shown.err).not.toContain('Debugger');
    expect(readFileSync(join(host.folder, 'ends'), 'utf8')).toBe('web\n');
  }, 60_000);

  test('stops the apps too where somebody stops the daemon alone', async () => {
    await using host = prepared();
    host.declare(app('web'));
    const { shown, ended } = run(host);
    await eventually(() => shown.err.includes('web: healthy'));
    await host.ok('daemon', 'stop');
    expect(await ended).toBe(0);
    expect(readFileSync(join(host.folder, 'ends'), 'utf8')).toBe('web\n');
  }, 60_000);

  test('starts nothing of before that the file does not want any more', async () => {
    await using host = prepared();
    host.declare(app('old'), app('web'));
    const first = run(host);
    await eventually(
      () => first.shown.err.includes('web: healthy') && first.shown.err.includes('old: healthy'),
    );
    first.child.kill('SIGTERM');
    expect(await first.ended).toBe(0);
    host.declare(app('web', { env: { NEW: '1' } }));
    const second = run(host);
    await eventually(() => second.shown.err.includes('web: healthy'));
    second.child.kill('SIGTERM');
    expect(await second.ended).toBe(0);
    expect(linesOf(second.shown.out, 'old')).toEqual([]);
    expect(linesOf(second.shown.out, 'web').filter((line) => line.endsWith('first'))).toHaveLength(1);
  }, 60_000);

  test('stops when nobody reads it any more', async () => {
    await using host = prepared();
    host.declare(app('web'), once0('loud', 'while :; do echo x; sleep 0.01; done'));
    const { child, shown, ended } = run(host);
    await eventually(() => shown.err.includes('web: healthy'));
    child.stdout?.destroy();
    expect(await ended).toBe(1);
    expect(shown.err).toContain('nobody reads the output any more');
    expect(readFileSync(join(host.folder, 'ends'), 'utf8')).toBe('web\n');
  }, 60_000);
});

describe('run refuses', () => {
  test('what a guard refuses with 6, and starts nothing', async () => {
    await using host = prepared();
    const file = 'apps: [{ name: web, script: ../server.js, min_uptime: 50 }]';
    host.write('one/shop/ecosystem.yaml', file.replace('../', '../../'));
    host.write('two/shop/ecosystem.yaml', file.replace('../', '../../'));
    const first = run(host, '-f', 'one/shop');
    await eventually(() => first.shown.err.includes('web: healthy'));
    first.child.kill('SIGTERM');
    expect(await first.ended).toBe(0);
    const second = run(host, '-f', 'two/shop');
    expect(await second.ended).toBe(6);
    expect(second.shown.err).toContain('OTHER_ORIGIN');
    expect(second.shown.out).toBe('');
  }, 60_000);

  test('a home whose daemon runs, with the ways out', async () => {
    await using host = prepared();
    host.declare(app('web'));
    const first = run(host);
    await eventually(() => first.shown.err.includes('web: healthy'));
    const second = await host.run(['run']);
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/error\[CONFLICT\]: the daemon of .* runs already/);
    expect(second.stderr).toContain('stateward apply -f FILE');
    first.child.kill('SIGTERM');
    expect(await first.ended).toBe(0);
  }, 60_000);

  test.each([
    [['--exit-with', 'wbe'], 64, 'did you mean web?'],
    [['--format', 'xml'], 64, '--format'],
    [['server.js'], 64, 'is no ecosystem file'],
    [['-f', 'bad.yaml'], 65, 'instances'],
    [['-f', 'none.yaml'], 65, 'none.yaml'],
  ])(
    '%j',
    async (args, code, says) => {
      await using host = prepared();
      host.declare(app('web'));
      host.write('bad.yaml', 'apps: [{ script: ./server.js, instances: many }]');
      const ran = await host.run(['run', ...args]);
      expect(ran.stderr).toContain(says);
      expect(ran.code).toBe(code);
      expect((await host.run(['daemon', 'status'])).code).toBe(69);
    },
    60_000,
  );
});
