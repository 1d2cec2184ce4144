import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { freePort } from '../../support/free-port.ts';
import { Host } from '../../support/host.ts';

/** An app of two instances behind one socket, and one in fork mode. */
async function applied(): Promise<{ readonly host: Host; readonly port: number }> {
  const host = new Host();
  const port = await freePort();
  host.write('web.js', "require('http').createServer((_, res) => res.end('ok')).listen(process.env.PORT);");
  host.write('job.js', 'setInterval(() => {}, 1e6);');
  declare(host, port);
  await host.ok('apply');
  return { host, port };
}

function declare(host: Host, port: number, fields: Record<string, unknown> = {}): void {
  const web = { name: 'web', script: './web.js', instances: 2, exec_mode: 'cluster' };
  host.declare(
    { ...web, env: { PORT: String(port) }, env_production: { NODE_ENV: 'production' }, ...fields },
    { name: 'job', script: './job.js', min_uptime: 100 },
  );
}

/** How often each slot of an app was started since the last apply of a first version. */
async function starts(host: Host, app: string): Promise<number> {
  const { stdout } = await host.ok('events', app, '--limit', '1000', '-o', 'json');
  const { items } = JSON.parse(stdout) as { items: { message: string }[] };
  return items.filter(({ message }) => message.startsWith('started slot')).length;
}

describe('a verb with an ecosystem file', () => {
  it('reload makes every process a new one, once, also where nothing has changed', async () => {
    const { host } = await applied();
    await using _ = host;
    const before = await host.pids();
    const ran = await host.ok('reload', 'ecosystem.yaml');
    expect(ran.stdout).toContain('2 processes, 1 at a time, start first');
    const after = await host.pids();
    for (const name of ['web', 'job']) {
      expect(after[name]).toHaveLength(before[name]?.length ?? 0);
      expect(after[name]?.filter((pid) => before[name]?.includes(pid))).toEqual([]);
    }
    expect(await starts(host, 'web')).toBe(4);
    expect(await starts(host, 'job')).toBe(2);
  });

  it('reload --env applies what has changed with it, in one rollout without a failed request', async () => {
    const { host, port } = await applied();
    await using _ = host;
    const failures: unknown[] = [];
    const over = new AbortController();
    const load = (async () => {
      while (!over.signal.aborted)
        await fetch(`http://127.0.0.1:${port}`).catch((error: unknown) => failures.push(error));
    })();
    await host.ok('startOrReload', 'ecosystem.yaml', '--env', 'production', '--only', 'web');
    over.abort();
    await load;
    expect(failures).toEqual([]);
    expect(await starts(host, 'web')).toBe(4);
    expect(await starts(host, 'job')).toBe(1);
    const { items } = await host.apps();
    expect(items.find(({ name }) => name === 'web')?.spec?.env).toMatchObject({ NODE_ENV: 'production' });
  });

  it('reload after the code has changed is one rollout too', async () => {
    const { host } = await applied();
    await using _ = host;
    host.write('web.js', `// newer\n${readFileSync(`${host.folder}/web.js`, 'utf8')}`);
    await host.ok('reload', 'ecosystem.yaml');
    expect(await starts(host, 'web')).toBe(4);
    expect(await starts(host, 'job')).toBe(2);
    expect((await host.ok('plan')).stdout).toContain('No changes.');
  });

  it('apply --reload is the same, once, and plan --reload shows it', async () => {
    const { host } = await applied();
    await using _ = host;
    const before = await host.pids();
    const plan = await host.ok('plan', '--reload', '--only', 'web');
    expect(plan.stdout).toMatch(/± web +restart +an operator asked for a reload +2 processes, 1 at a time/);
    expect(plan.stdout).toContain('Plan: 1 to restart, 0 unchanged. 2 processes touched, 1 not.');
    const ran = await host.ok('apply', '--reload', '--only', 'web');
    expect(ran.stdout).toBe(plan.stdout);
    const after = await host.pids();
    expect(after['web']?.filter((pid) => before['web']?.includes(pid))).toEqual([]);
    expect(after['job']).toEqual(before['job']);
    expect((await host.run(['plan', '--detailed-exitcode'])).code).toBe(0);
    expect((await host.ok('apply')).text).toContain('Nothing to do');
    expect((await host.ok('events', 'web')).stdout).toContain(
      'ReloadRequested: apply -f ecosystem.yaml --reload',
    );
  });

  it('a saved plan --reload is applied as such, and only once', async () => {
    const { host } = await applied();
    await using _ = host;
    const before = await host.pids();
    host.write('plan.json', (await host.ok('plan', '--reload', '-o', 'json')).stdout);
    const refused = await host.run(['apply', 'plan.json', '--reload']);
    expect(refused).toMatchObject({ code: 64, stderr: expect.stringContaining('--reload') as string });
    await host.ok('apply', 'plan.json');
    const after = await host.pids();
    expect(
      [...Object.values(after).flat()].filter((pid) => Object.values(before).flat().includes(pid)),
    ).toEqual([]);
    expect((await host.run(['apply', 'plan.json'])).code).toBe(5);
    expect(await host.pids()).toEqual(after);
  });

  it('apply --reload of what no longer starts keeps the old processes and ends with 3', async () => {
    const { host } = await applied();
    await using _ = host;
    const before = await host.pids();
    const web = readFileSync(`${host.folder}/web.js`, 'utf8');
    host.write('web.js', 'process.exit(1);');
    expect((await host.run(['apply', '--reload', '--only', 'web'])).code).toBe(3);
    expect((await host.pids())['web']).toEqual(before['web']);
    host.write('web.js', web);
  });

  it('restart of a file that nobody has applied starts its apps, as startOrRestart', async () => {
    await using host = new Host();
    host.write('job.js', 'setInterval(() => {}, 1e6);');
    host.declare({ name: 'job', script: './job.js', min_uptime: 100 });
    await host.ok('startOrRestart', 'ecosystem.yaml');
    expect((await host.apps()).items.map(({ status }) => status.health)).toEqual(['Healthy']);
  });

  it('stop and delete take the apps of the file, and leave those of others', async () => {
    const { host } = await applied();
    await using _ = host;
    await host.ok('start', './job.js', '--name', 'other');
    const health = async () =>
      Object.fromEntries((await host.apps()).items.map(({ name, status }) => [name, status.health]));
    await host.ok('stop', 'ecosystem.yaml', '--only', 'job');
    expect(await health()).toEqual({ web: 'Healthy', job: 'Stopped', other: 'Healthy' });
    await host.ok('delete', '.');
    expect(await health()).toEqual({ other: 'Healthy' });
    expect(await host.run(['delete', 'ecosystem.yaml'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('there is no app of ecosystem.yaml here') as string,
    });
  });

  it('touches nothing that another file of the same project name declares', async () => {
    await using host = new Host();
    for (const folder of ['x/current', 'y/current']) {
      host.write(`${folder}/job.js`, 'setInterval(() => {}, 1e6);');
      host.write(`${folder}/ecosystem.yaml`, 'apps: [{ name: job, script: ./job.js, min_uptime: 100 }]\n');
    }
    await host.ok('apply', '-f', 'x/current/ecosystem.yaml');
    const before = await host.pids();
    for (const verb of ['reload', 'restart', 'start', 'stop', 'delete']) {
      const ran = await host.run([verb, 'y/current/ecosystem.yaml']);
      expect([verb, ran.code]).toEqual([verb, 6]);
    }
    for (const verb of ['stop', 'delete', 'logs']) {
      const { code, stderr } = await host.run([verb, 'y/current/ecosystem.yaml']);
      expect([verb, code]).toEqual([verb, 6]);
      expect(stderr).toContain('the apps of current here are not those of this file');
      expect(stderr).not.toContain('cannot apply');
    }
    expect(await host.pids()).toEqual(before);
  });

  it('is refused by what refuses an apply', async () => {
    const { host } = await applied();
    await using _ = host;
    host.declare();
    host.write('ecosystem.yaml', 'project: shop\napps: []\n');
    expect((await host.run(['reload', 'ecosystem.yaml'])).code).toBe(6);
    host.write('ecosystem.yaml', 'project: shop\napps: [{ nmae: x }]\n');
    expect((await host.run(['reload', 'ecosystem.yaml'])).code).toBe(65);
    expect((await host.run(['reload', 'ecosystem.yaml', 'web'])).code).toBe(64);
  });
});

describe('a verb with a script', () => {
  it('is about the apps that run it, as with PM2', async () => {
    await using host = new Host();
    for (const name of ['job.js', 'idle.js']) host.write(name, 'setInterval(() => {}, 1e6);');
    await host.ok('start', 'job.js', '--name', 'worker');
    expect((await host.ok('stop', './job.js')).stdout).toBe('default/worker  stopped\n');
    const idle = await host.run(['stop', 'idle.js']);
    expect(idle.code).toBe(1);
    expect(idle.stderr).toContain('it is a file, and no app runs it');
    expect((await host.run(['restart', './nope'])).stderr).toContain('there is no file ./nope');
    expect((await host.ok('delete', 'job.js')).stdout).toBe('default/worker  deleted\n');
  });
});
