// `wait`, and `apply --exit-code-from`: what scripts and CI do with the exit code.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { BIN, Host } from '../../support/host.ts';

let host: Host;
/** Ends with the code that the file says, when it says one. */
const JOB = `const { existsSync, readFileSync } = require('node:fs');
console.log('up');
setInterval(() => existsSync('code') && process.exit(Number(readFileSync('code', 'utf8'))), 10);`;

const service = { script: './service.js', min_uptime: 10 };
const job = { script: './job.js', autorestart: false, min_uptime: 10 };

beforeAll(async () => {
  host = new Host();
  host.write('service.js', 'setInterval(() => undefined, 1e6)');
  host.write('job.js', JOB);
  host.declare(
    { name: 'web', ...service },
    { name: 'web:2', ...service },
    { name: 'idle', ...service, autostart: false },
    { name: 'job', ...job },
  );
  await host.ok('apply', '--no-wait');
});
afterAll(() => host[Symbol.asyncDispose]());

describe('wait', () => {
  it('ends when the apps are as named, and names them', async () => {
    expect((await host.ok('wait', 'web', 'job')).stdout).toBe('shop/job ready\nshop/web ready\n');
    expect((await host.ok('wait', 'idle', '--for', 'stopped')).stdout).toBe('shop/idle stopped\n');
  });

  it('takes a name that ends as a slot does', async () => {
    expect((await host.ok('wait', 'web:2', 'shop/web:2')).stdout).toBe('shop/web:2 ready\n');
  });

  it('says what has not come about in time, with exit 4', async () => {
    const ran = await host.run(['wait', 'job', '--for', 'completed', '--timeout', '100ms']);
    expect(ran).toMatchObject({ code: 4, stdout: '' });
    expect(ran.stderr).toContain('shop/job not completed after 100ms');
  });

  it('ends at once where waiting is in vain', async () => {
    const ran = await host.run(['wait', 'all']);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('WAIT_IN_VAIN');
    expect(ran.stderr).toContain(
      'shop/idle: Stopped, 0/0 ready: it does not start by itself; stateward start shop/idle',
    );
  });

  it('sees a change that comes while it waits', async () => {
    const completed = host.run(['wait', 'job', '--for', 'completed']);
    const gone = spawn(process.execPath, [BIN, 'wait', 'idle', '--for', 'gone'], {
      env: { ...process.env, STATEWARD_HOME: host.home },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const shown = { out: '', err: '' };
    gone.stdout.on('data', (chunk: Buffer) => (shown.out += chunk.toString()));
    gone.stderr.on('data', (chunk: Buffer) => (shown.err += chunk.toString()));
    const closed = once(gone, 'close');
    // One that comes to look when the app has gone has nothing to name.
    await eventually(() => shown.err.includes('shop/idle'));
    host.write('code', '0');
    expect(await completed).toMatchObject({ code: 0, stdout: 'shop/job completed\n' });
    await host.ok('delete', 'idle');
    expect(await closed).toEqual([0, null]);
    expect(shown.out).toBe('shop/idle gone\n');
    expect(await host.run(['wait', 'idle', '--for', 'gone'])).toMatchObject({ code: 0, stdout: '' });
    expect(await host.run(['wait', 'idle'])).toMatchObject({ code: 1 });
  });

  it.each([
    [['wait'], 'name an app, or all'],
    [['wait', 'web', '--for', 'redy'], 'ready, completed, stopped, gone'],
    [['wait', 'web:0'], 'leave the slot out'],
    [['wait', 'shop/web:0'], 'leave the slot out'],
    [['wait', 'web', '--timeout', 'soon'], 'is not a duration'],
  ])('tells wrong use apart: %j', async (args, said) => {
    const ran = await host.run(args);
    expect(ran.code).toBe(64);
    expect(ran.stderr).toContain(said);
  });
});

describe('apply --exit-code-from', () => {
  const from = ['apply', '--exit-code-from', 'job'];

  it('ends with the code of the app as soon as that has failed, whoever waits for it', async () => {
    host.write('code', '7');
    host.declare(
      { name: 'job', ...job, env: { RUN: '1' } },
      { name: 'web', ...service, depends_on: { job: 'completed' } },
    );
    const ran = await host.run(from);
    expect(ran.code).toBe(7);
    expect(ran.stderr).toContain('shop/job has ended with exit code 7');
  });

  it('waits for the others when it has ended well, and says when nothing has run', async () => {
    host.write('code', '0');
    host.declare(
      { name: 'job', ...job, env: { RUN: '2' } },
      { name: 'web', ...service, depends_on: { job: 'completed' } },
    );
    expect(await host.run(from)).toMatchObject({ code: 0 });
    expect((await host.run(['get', 'web', '-o', 'json'])).stdout).toContain('"health": "Healthy"');
    const again = await host.run(from);
    expect(again.code).toBe(0);
    expect(again.stderr).toContain('nothing has changed since');
  });

  it('gives the code of a signal as a shell does, and a failed start is none', async () => {
    host.write('killed.js', "process.kill(process.pid, 'SIGKILL')");
    host.declare({ name: 'job', ...job, script: './killed.js' });
    expect(await host.run(from)).toMatchObject({ code: 137 });
    chmodSync(host.write('broken', '#!/no/such/program\n'), 0o755);
    host.declare({ name: 'job', ...job, script: './broken', interpreter: 'none' });
    const ran = await host.run(from);
    expect(ran).toMatchObject({ code: 1 });
    expect(ran.stderr).toContain('APP_FAILED');
  });

  it.each([
    ['nope', [], 'no app nope'],
    ['web', [], 'is started again whenever it ends'],
    ['nightly', [], 'runs by its schedule'],
    ['job', ['--no-wait'], '--no-wait'],
  ])('refuses what never ends: %s %j', async (name, more, said) => {
    host.declare(
      { name: 'job', ...job },
      { name: 'web', ...service },
      { name: 'nightly', ...service, schedule: '0 3 * * *' },
    );
    const ran = await host.run(['apply', '--exit-code-from', name, ...more]);
    expect(ran.code).toBe(64);
    expect(ran.stderr).toContain(said);
  });
});
