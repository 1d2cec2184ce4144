import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileText } from '../../support/files.ts';
import { environmentOf, Host, isAlive } from '../../support/host.ts';

const SLEEPER = 'setInterval(() => {}, 1e6);';
/** Ready soon, so that tests need not wait for the second that is the default. */
const QUICK = { min_uptime: 100 };
/** What is to crash has to do so within it, on a busy host too. */
const CRASHES = { min_uptime: '20s' };

function five(env: Record<string, string> = {}): Record<string, unknown>[] {
  return ['a', 'b', 'c', 'd', 'e'].map((name) => ({
    name,
    script: './app.js',
    ...QUICK,
    env: { FIXED: 'yes', ...(name === 'c' ? env : {}) },
  }));
}

function newHost(): Host {
  const host = new Host();
  host.write('app.js', SLEEPER);
  return host;
}

describe('applying a file', () => {
  it('starts everything, and touches nothing when it is applied again', async () => {
    await using host = newHost();
    host.declare(...five());
    const first = await host.ok('apply');
    expect(first.text).toMatch(/5 to create/);
    const before = await host.pids();
    const second = await host.ok('apply');
    expect(second.text).toMatch(/\b0 processes touched/);
    expect(await host.pids()).toEqual(before);
  });

  it('remembers the commit that was checked out', async () => {
    await using host = newHost();
    const commit = '1a2b3c4d'.repeat(5);
    host.write('.git/HEAD', 'ref: refs/heads/main\n');
    host.write('.git/refs/heads/main', `${commit}\n`);
    host.declare({ name: 'a', script: './app.js', ...QUICK });
    await host.ok('apply');
    await host.ok('scale', 'a', '2');
    host.write('.git/HEAD', '');
    host.declare({ name: 'a', script: './app.js', ...QUICK, env: { LEVEL: 'debug' } });
    await host.ok('apply');
    const history = await host.ok('history', 'shop', '-o', 'json');
    expect(JSON.parse(history.stdout)).toMatchObject({ items: [{ commit: null }, { commit }] });
    expect((await host.ok('events')).text).toMatch(/apply -f ecosystem\.yaml \(by .+, commit 1a2b3c4\)/);
  });

  it('gives new processes only to the app whose environment was edited', async () => {
    await using host = newHost();
    host.declare(...five({ LEVEL: 'info' }));
    await host.ok('apply');
    const before = await host.pids();
    host.declare(...five({ LEVEL: 'debug' }));
    await host.ok('apply');
    const after = await host.pids();
    expect(after.c).not.toEqual(before.c);
    expect({ ...after, c: null }).toEqual({ ...before, c: null });
    expect(environmentOf(after.c?.[0] ?? 0).LEVEL).toBe('debug');
  });

  it('removes a key from the environment that the file does not have any more', async () => {
    await using host = newHost();
    host.declare(...five({ LEVEL: 'info', SECRET_TOKEN: 'x' }));
    await host.ok('apply');
    host.declare(...five({ LEVEL: 'info' }));
    await host.ok('apply');
    const [pid] = (await host.pids()).c ?? [];
    const environment = environmentOf(pid ?? 0);
    expect(environment).toMatchObject({ LEVEL: 'info', STATEWARD_APP: 'c', NODE_APP_INSTANCE: '0' });
    expect(environment).not.toHaveProperty('SECRET_TOKEN');
    expect(environment).not.toHaveProperty('STATEWARD_HOME');
  });

  it('takes away what left the file, also under its old name, and nothing else', async () => {
    await using host = newHost();
    host.declare(...five());
    await host.ok('apply');
    const before = await host.pids();
    const apps = five().filter(({ name }) => name !== 'e');
    host.declare(...apps.map((app) => (app.name === 'd' ? { ...app, name: 'renamed' } : app)));
    await host.ok('apply');
    const after = await host.pids();
    expect(Object.keys(after)).toEqual(['a', 'b', 'c', 'renamed']);
    expect(after.a).toEqual(before.a);
    expect([...(before.d ?? []), ...(before.e ?? [])].filter((pid) => isAlive(pid ?? 0))).toEqual([]);
  });

  it('ends when what is removed has ended, by apply and by delete', async () => {
    await using host = newHost();
    host.write('stubborn.js', "process.on('SIGINT', () => {}); setInterval(() => {}, 1e6);");
    const stubborn = { script: './stubborn.js', kill_timeout: 400, ...QUICK };
    host.declare(
      { name: 'a', script: './app.js', ...QUICK },
      { name: 'b', ...stubborn },
      { name: 'c', ...stubborn },
    );
    await host.ok('apply');
    const { b, c } = await host.pids();
    host.declare({ name: 'a', script: './app.js', ...QUICK }, { name: 'b', ...stubborn });
    const applied = await host.ok('apply');
    expect(applied.stderr).toMatch(/shop\/c {2}stopping \(process \d+/);
    expect(isAlive(c?.[0] ?? 0)).toBe(false);
    await host.ok('delete', 'b');
    expect(isAlive(b?.[0] ?? 0)).toBe(false);
    expect((await host.ok('get', '-o', 'name')).stdout).toBe('shop/a\n');
  });

  it('takes live edits over and scales by the difference', async () => {
    await using host = newHost();
    const app = { name: 'a', script: './app.js', exec_mode: 'fork', ...QUICK };
    host.declare({ ...app, instances: 2 });
    await host.ok('apply');
    const before = await host.pids();
    host.declare({
      ...app,
      instances: 2,
      kill_timeout: 700,
      max_restarts: 3,
      labels: { tier: 'x' },
      time: true,
    });
    const live = await host.ok('apply');
    expect(live.text).toMatch(/\b0 processes touched/);
    expect(await host.pids()).toEqual(before);
    host.declare({ ...app, instances: 3, kill_timeout: 700 });
    await host.ok('apply');
    const up = await host.pids();
    expect(up.a?.slice(0, 2)).toEqual(before.a);
    expect(up.a).toHaveLength(3);
    host.declare({ ...app, instances: 1, kill_timeout: 700 });
    await host.ok('apply');
    expect((await host.pids()).a).toEqual(before.a?.slice(0, 1));
  });

  it('ends with 1 and the last log lines when an app dies at once', async () => {
    await using host = newHost();
    host.write('dies.js', 'console.error("cannot find the database"); process.exit(3);');
    host.declare(
      { name: 'dies', script: './dies.js', ...CRASHES },
      { name: 'fine', script: './app.js', ...QUICK },
    );
    const ran = await host.run(['apply']);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('cannot find the database');
    expect(ran.stderr).toContain('shop/dies');
    const { items } = await host.apps();
    expect(items.find(({ name }) => name === 'fine')?.status.health).toBe('Healthy');
  });

  it('has all lines of an app that prints thousands and exits at once', async () => {
    await using host = newHost();
    host.write(
      'bursts.js',
      'for (let i = 1; i <= 3000; i++) console.log(`line ${i} ${"x".repeat(200)}`); process.exit(1);',
    );
    host.declare({ name: 'bursts', script: './bursts.js', max_restarts: 0, ...CRASHES });
    expect((await host.run(['apply'])).code).toBe(1);
    const { stdout } = await host.ok('logs', 'bursts', '--lines', '5000', '--out');
    const lines = stdout.split('\n').flatMap((line) => /line (\d+) x{200}/.exec(line)?.[1] ?? []);
    expect(lines.map(Number)).toEqual(Array.from({ length: 3000 }, (_, i) => i + 1));
  });

  it('honours values that are false or zero, and takes environment variables for nothing but that', async () => {
    await using host = newHost();
    host.write('fails.js', 'process.exit(1);');
    host.write('says.js', `console.log('hello');${SLEEPER}`);
    const env = { name: 'hijack', instances: 7, watch: true };
    host.declare(
      { name: 'fails', script: './fails.js', max_restarts: 0, ...CRASHES },
      {
        name: 'pair',
        script: './says.js',
        exec_mode: 'fork',
        instances: 2,
        merge_logs: false,
        ...QUICK,
        env,
      },
    );
    expect((await host.run(['apply'])).code).toBe(1);
    const { items } = await host.apps();
    expect(items.map(({ name }) => name)).toEqual(['fails', 'pair']);
    const [fails, pair] = items;
    expect(fails?.status).toMatchObject({
      health: 'Failed',
      instances: [{ restarts: 0, lastExit: { code: 1 } }],
    });
    expect(pair?.status.instances).toHaveLength(2);
    expect(environmentOf(pair?.status.instances[0]?.pid ?? 0)).toMatchObject({
      name: 'hijack',
      instances: '7',
    });
    await fileText(join(host.home, 'logs/shop/pair-out-1.log'), 'hello');
  });
});
