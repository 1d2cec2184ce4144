import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { Host } from '../../support/host.ts';

const SLEEPER = 'setInterval(() => {}, 1e6);';

/** A user's folder with releases and a `current` link to one of them. */
function release(host: Host, user: string, name: string, fields: Record<string, unknown> = {}): string {
  const apps = [{ name: 'web', script: './app.js', min_uptime: 50 }];
  host.write(`${user}/releases/${name}/ecosystem.yaml`, stringify({ apps, ...fields }));
  host.write(`${user}/releases/${name}/app.js`, SLEEPER);
  const link = join(host.folder, user, 'current');
  rmSync(link, { force: true });
  symlinkSync(`releases/${name}`, link);
  return link;
}

/** As from a shell whose working folder is this one. */
function inFolder(folder: string, ...args: readonly string[]) {
  return { args, options: { cwd: folder, env: { PWD: folder } } };
}

describe('two folders of one name', () => {
  it('are not one project: plan and apply of the second refuse with 6 and touch nothing', async () => {
    await using host = new Host();
    const [x, y] = [release(host, 'x', '1'), release(host, 'y', '1')];
    const apply = (folder: string, ...args: readonly string[]) => {
      const call = inFolder(folder, ...args);
      return host.run(call.args, call.options);
    };
    expect((await apply(x, 'apply')).code).toBe(0);
    const before = await host.pids();
    const plan = await apply(y, 'plan', '-o', 'json');
    expect(plan.code).toBe(6);
    for (const ran of [
      await apply(y, 'plan'),
      await apply(y, 'plan', '--detailed-exitcode'),
      await apply(y, 'apply', '--dry-run'),
      await apply(y, 'apply'),
      await apply(y, 'start', 'ecosystem.yaml'),
      await apply(y, 'apply', host.write('plan.json', plan.stdout)),
    ]) {
      expect(ran.code).toBe(6);
      expect(ran.stderr).toContain(join(x, 'ecosystem.yaml'));
      expect(ran.stderr).toContain(join(y, 'ecosystem.yaml'));
      expect(ran.stderr).toMatch(/project: NAME.*--take-over/);
    }
    expect(await host.pids()).toEqual(before);
    const approved = await apply(y, 'plan', '--take-over', '-o', 'json');
    expect(approved.code).toBe(0);
    expect((await apply(y, 'apply', host.write('plan.json', approved.stdout))).code).toBe(0);
    expect((await apply(x, 'apply')).code).toBe(6);
  });

  it('name the project after the link that one stands in, whichever release it leads to', async () => {
    await using host = new Host();
    const at = async (folder: string) => {
      const call = inFolder(folder, 'apply');
      return host.run(call.args, call.options);
    };
    await at(release(host, 'x', '1'));
    expect((await host.apps()).items.map(({ project }) => project)).toEqual(['current']);
    expect((await at(release(host, 'x', '2'))).code).toBe(0);
    const direct = await at(join(host.folder, 'x/releases/2'));
    expect(direct.code).toBe(6);
    expect(direct.stderr).toContain('current');
    expect((await host.apps()).items).toHaveLength(1);
  });

  it('are one project that moves when both name it', async () => {
    await using host = new Host();
    for (const build of ['17', '18']) {
      const folder = release(host, build, '1', { project: 'shop' });
      const ran = await host.run(['apply', '-f', folder]);
      expect(ran.code).toBe(0);
      if (build === '18') expect(ran.stdout).toMatch(/declared by .*17.current.ecosystem\.yaml.* before/);
    }
    const folder = join(host.folder, '19');
    mkdirSync(folder);
    host.write('19/ecosystem.yaml', stringify({ project: 'shop', apps: [] }));
    const emptied = await host.run(['apply', '-f', folder]);
    expect(emptied.code).toBe(6);
    expect(emptied.stderr).toContain('shop/web');
  });
});

describe('an apply that starts the daemon', () => {
  it('says which apps of other projects come up by that, and nothing of those that run', async () => {
    await using host = new Host();
    for (const project of ['shop', 'blog']) {
      const apps = [{ name: 'web', script: './app.js', min_uptime: 50 }];
      host.write(`${project}/ecosystem.yaml`, stringify({ project, apps }));
      host.write(`${project}/app.js`, SLEEPER);
      await host.ok('apply', '-f', project);
    }
    const says = /the daemon also starts what was declared before: blog\/web\n/;
    await host.ok('daemon', 'stop');
    expect((await host.ok('apply', '-f', 'shop')).stderr).not.toMatch(/also starts/);
    await host.ok('daemon', 'stop', '--all');
    expect((await host.ok('apply', '-f', 'shop')).stderr).toMatch(says);
    await host.ok('stop', 'blog/web');
    await host.ok('daemon', 'stop', '--all');
    expect((await host.ok('apply', '-f', 'shop')).stderr).not.toMatch(/also starts/);
    await host.ok('start', 'blog/web');
    await host.ok('daemon', 'stop', '--all');
    expect((await host.ok('restart', 'shop/web')).stderr).toMatch(says);
  });
});
