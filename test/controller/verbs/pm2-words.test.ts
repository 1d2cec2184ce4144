import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pm2Process } from '../../../src/cli/views/apps/pm2-list.ts';
import { eventually } from '../../support/eventually.ts';
import { Host } from '../../support/host.ts';

const host = new Host();

beforeAll(async () => {
  host.write(
    'web.js',
    `for (const signal of ['SIGUSR2', 'SIGHUP']) process.on(signal, () => console.log('got ' + signal));
     require('node:http').createServer((_, answer) => answer.end()).listen(0);`,
  );
  host.write('bad.js', 'process.exit(3)');
  host.declare(
    { name: 'web', script: './web.js', instances: 2, env: { LOG_LEVEL: 'debug', API_TOKEN: 'hush' } },
    { name: 'bad', script: './bad.js', max_restarts: 1, min_uptime: '1m' },
  );
  await host.run(['apply']);
}, 60_000);
afterAll(() => host[Symbol.asyncDispose]());

async function say(
  ...words: readonly string[]
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await host.run(words);
  return { code, stdout, stderr };
}

describe('words of PM2 that read', () => {
  it('have its meaning: pid, id and ping', async () => {
    const pids = (await host.pids())['web'] ?? [];
    expect(await say('pid', 'web')).toEqual({ code: 0, stdout: `${pids.join('\n')}\n`, stderr: '' });
    expect((await say('pid', 'web:1')).stdout).toBe(`${pids[1] ?? ''}\n`);
    const web = (await host.apps()).items.find(({ name }) => name === 'web');
    const id = web?.status.instances[1]?.id ?? -1;
    expect((await say('pid', String(id))).stdout).toBe(`${pids[1] ?? ''}\n`);
    expect((await say('pid')).stdout).toBe(`${pids.join('\n')}\n`);
    expect(await say('pid', 'bad')).toEqual({ code: 1, stdout: '', stderr: 'no processes\n' });
    expect((await say('id', 'web')).stdout).toMatch(/^\[ \d, \d \]\n$/);
    expect(await say('ping')).toEqual({ code: 0, stdout: 'pong\n', stderr: '' });
    for (const alias of ['show', 'desc', 'info'])
      expect((await say(alias, 'web')).stdout).toMatch(/^App: +shop\/web/);
    expect((await say('l', '--no-headers')).stdout).toMatch(/ web /);
  });

  it('print what an app is declared with, and its secrets on request', async () => {
    expect((await say('env', 'web')).stdout).toBe('API_TOKEN=<redacted>\nLOG_LEVEL=debug\n');
    expect((await say('env', 'web', '--show-secrets')).stdout).toContain('API_TOKEN=hush\n');
    expect(JSON.parse((await say('env', 'web', '-o', 'json')).stdout)).toMatchObject({ LOG_LEVEL: 'debug' });
    expect(await say('env', 'bad')).toEqual({ code: 0, stdout: '', stderr: 'no variables are declared\n' });
    expect((await say('env')).code).toBe(64);
  });

  it('print processes in the shape of jlist', async () => {
    const list = JSON.parse((await say('jlist')).stdout) as Pm2Process[];
    expect(list.map(({ pm_id }) => pm_id)).toEqual([0, 1, 2]);
    const web = list.find(({ name }) => name === 'web');
    const pids = (await host.pids())['web'] ?? [];
    expect(web).toMatchObject({
      pid: pids[0],
      monit: { memory: expect.any(Number) as number, cpu: expect.any(Number) as number },
      pm2_env: {
        ...{ name: 'web', status: 'online', exec_mode: 'cluster_mode', instances: 2, restart_time: 0 },
        pm_exec_path: `${host.folder}/web.js`,
        pm_cwd: host.folder,
        pm_out_log_path: `${host.home}/logs/shop/web-out-0.log`,
        env: { LOG_LEVEL: 'debug', API_TOKEN: '<redacted>' },
      },
    });
    expect(web?.monit.memory).toBeGreaterThan(1_000_000);
    expect(list.find(({ name }) => name === 'bad')).toMatchObject({
      pid: 0,
      pm2_env: { status: 'errored', exit_code: 3, restart_time: 1 },
    });
    expect((await say('prettylist')).stdout).toContain("status: 'errored'");
  });
});

describe('signal', () => {
  const file = `${host.home}/logs/shop/web-out-1.log`;
  const log = (): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');

  it('reaches the processes that are named, by name, short name and number', async () => {
    expect((await say('signal', 'SIGUSR2', 'web')).stdout).toBe('shop/web:0  sent\nshop/web:1  sent\n');
    await eventually(() => log().includes('got SIGUSR2\n'));
    expect((await say('sendSignal', 'hup', 'web:1')).stdout).toBe('shop/web:1  sent\n');
    await eventually(() => log().includes('got SIGHUP\n'));
    const events = (await say('events', 'web')).stdout;
    expect(events).toMatch(/shop\/web:1 {2}SignalSent: \S+ sent SIGHUP/);
  });

  it('says when there is nobody to get it, and what is no signal', async () => {
    expect(await say('signal', 'USR2', 'bad')).toMatchObject({
      code: 1,
      stdout: 'shop/bad:0  not sent: it does not run\n',
    });
    const swapped = await say('signal', 'web', 'SIGUSR2');
    expect(swapped.code).toBe(64);
    expect(swapped.stderr).toContain('first the signal, then the app');
    expect((await say('signal', 'USR2')).code).toBe(64);
    expect((await say('signal', 'USR2', 'nobody')).code).toBe(1);
  });
});

describe('reset', () => {
  it('counts restarts from 0 again, and changes nothing else', async () => {
    const before = (await host.apps()).items.find(({ name }) => name === 'bad');
    expect(before?.status.instances[0]).toMatchObject({ restarts: 1, restartsByReason: { Exited: 1 } });
    expect((await say('reset', 'bad')).stdout).toBe('shop/bad  counted from 0 again, after 1 restart\n');
    const after = (await host.apps()).items.find(({ name }) => name === 'bad');
    expect(after?.status).toMatchObject({
      health: 'Failed',
      instances: [{ restarts: 0, restartsByReason: {}, lastRestartAt: null }],
    });
    expect((await say('reset', 'web')).stdout).toBe('shop/web  counted from 0 again\n');
  });
});

describe('update', () => {
  it('is daemon upgrade, and leaves a daemon of the installed build alone', async () => {
    const pids = await host.pids();
    expect(await say('update')).toMatchObject({
      code: 0,
      stderr: 'nothing to do: this build runs already\n',
    });
    expect(await host.pids()).toEqual(pids);
  });
});

describe('kill', () => {
  it('ends the daemon and every app, as daemon stop --all does', async () => {
    await using host = new Host();
    host.write('app.js', 'setInterval(() => {}, 1e6)');
    host.declare({ name: 'app', script: './app.js' });
    await host.ok('apply');
    expect(await host.run(['kill'])).toMatchObject({ code: 0, stderr: 'stopped the daemon and every app\n' });
    expect(await host.run(['ping'])).toMatchObject({ code: 69, stdout: '' });
  });
});
