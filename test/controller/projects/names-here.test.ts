import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { Host, type Ran, type RunOptions } from '../../support/host.ts';

/** Two projects that both have an `api`, each declared in a folder of its own. */
async function twoProjects(): Promise<Host> {
  const host = new Host();
  for (const project of ['shop', 'blog']) {
    host.write(`${project}/api.js`, `console.log('${project} speaks'); setInterval(() => {}, 1e6);`);
    host.write(
      `${project}/ecosystem.yaml`,
      `project: ${project}\napps: [{ name: api, script: ./api.js, min_uptime: 100 }]\n`,
    );
    await host.ok('apply', '-f', `${project}/ecosystem.yaml`);
  }
  mkdirSync(join(host.folder, 'shop/src'));
  return host;
}

/** Runs what reads. An app may have written nothing yet: it is ready once it is up, loaded or not. */
function read(host: Host, args: readonly string[], options?: RunOptions): Promise<Ran> {
  return eventually(async () => {
    const ran = await host.run(args, options);
    return (args[0] !== 'logs' || ran.code !== 0 || ran.stdout !== '') && ran;
  });
}

describe('a name that several projects have', () => {
  it('is the app of the project that is declared in this folder, or above it, and that is said', async () => {
    await using host = await twoProjects();
    const pids = async () =>
      Object.fromEntries(
        (await host.apps()).items.map(({ project, status }) => [project, status.instances[0]?.pid]),
      );
    const before = await pids();
    for (const cwd of ['shop', 'shop/src']) {
      const ran = await host.run(['restart', 'api'], { cwd: join(host.folder, cwd) });
      expect(ran).toMatchObject({ code: 0, stdout: 'shop/api  restarted\n' });
      expect(ran.stderr).toContain(
        'api is shop/api here, the project of this folder (there is blog/api too)',
      );
    }
    const after = await pids();
    expect(after.blog).toBe(before.blog);
    expect(after.shop).not.toBe(before.shop);
    const stopped = await host.run(['stop', 'api:0'], { cwd: join(host.folder, 'blog') });
    expect(stopped.stdout).toBe('blog/api  stopped\n');
    expect((await host.run(['start', 'api'], { cwd: join(host.folder, 'blog') })).stdout).toBe(
      'blog/api  started\n',
    );
    expect((await host.run(['scale', 'api', '2'], { cwd: join(host.folder, 'blog') })).stdout).toContain(
      'blog/api',
    );
  });

  it('is so for what reads, too', async () => {
    await using host = await twoProjects();
    for (const [args, text] of [
      [['get', 'api', '-o', 'name'], 'shop/api\n'],
      [['why', 'api'], 'shop/api'],
      [['describe', 'api'], 'shop/api'],
      [['logs', 'api'], 'shop speaks'],
      [['history', 'api'], 'apply'],
      [['events', 'api'], 'shop/api'],
    ] as const) {
      const ran = await read(host, args, { cwd: join(host.folder, 'shop') });
      expect([args, ran.code]).toEqual([args, 0]);
      expect(ran.stdout).toContain(text);
      expect(ran.text).not.toContain('blog speaks');
    }
  });

  it('needs no name where a project is gone back to', async () => {
    await using host = await twoProjects();
    host.write(
      'shop/ecosystem.yaml',
      'project: shop\napps: [{ name: api, script: ./api.js, env: { A: 1 }, min_uptime: 100 }]\n',
    );
    await host.ok('apply', '-f', 'shop/ecosystem.yaml');
    const ran = await host.run(['rollback'], { cwd: join(host.folder, 'shop') });
    expect(ran.code).toBe(0);
    expect(ran.stderr).toContain('the project of this folder is shop');
    expect((await host.run(['rollback'])).code).toBe(64);
  });

  it('is ambiguous elsewhere, and everywhere to what deletes', async () => {
    await using host = await twoProjects();
    const elsewhere = mkdtempSync(join(tmpdir(), 'stw-elsewhere-'));
    try {
      expect((await host.run(['restart', 'api'], { cwd: elsewhere })).code).toBe(64);
    } finally {
      rmSync(elsewhere, { recursive: true });
    }
    const deleted = await host.run(['delete', 'api'], { cwd: join(host.folder, 'shop') });
    expect(deleted.code).toBe(64);
    expect(deleted.stderr).toContain('the one of this folder is shop/api');
    expect((await host.apps()).items).toHaveLength(2);
  });
});

describe('what reads', () => {
  it.each([
    ['get', 'shop/ecosystem.yaml', '-o', 'name'],
    ['logs', 'shop/ecosystem.yaml'],
    ['describe', './shop'],
    ['why', 'shop/ecosystem.yaml'],
    ['events', 'shop/ecosystem.yaml'],
    ['history', 'shop/ecosystem.yaml'],
  ])('%s %s is about the apps of the file', async (...args) => {
    await using host = await twoProjects();
    const ran = await read(host, args);
    expect([ran.code, ran.stderr]).toEqual([0, '']);
    expect(ran.stdout).toContain('shop');
    expect(ran.stdout).not.toContain('blog');
  });
});
