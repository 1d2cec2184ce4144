import type { PlanDocument } from '../../../src/api/contract/wire/plan.ts';
import { describe, expect, it } from 'vitest';
import { Host, isAlive } from '../../support/host.ts';

const QUICK = { min_uptime: 100 };
const APPS = ['a', 'b', 'c', 'd'].map((name) => ({ name, script: './app.js', ...QUICK }));

function newHost(): Host {
  const host = new Host();
  host.write('app.js', 'setInterval(() => {}, 1e6);');
  host.declare(...APPS);
  return host;
}

describe('exit codes', () => {
  it('previews without a daemon, starts none, and says so', async () => {
    await using host = newHost();
    const plan = await host.run(['plan', '--detailed-exitcode']);
    expect(plan.code).toBe(2);
    expect(plan.stdout).toMatch(/Plan: 4 to create/);
    expect(plan.stderr).toMatch(/daemon/);
    expect((await host.run(['diff'])).code).toBe(1);
    expect((await host.run(['validate'])).code).toBe(0);
    for (const read of [
      ['get'],
      ['describe', 'a'],
      ['events'],
      ['history'],
      ['logs'],
      ['daemon', 'status'],
    ]) {
      expect([read, (await host.run(read)).code]).toEqual([read, 69]);
    }
  });

  it('tells changes from none', async () => {
    await using host = newHost();
    await host.ok('apply');
    expect((await host.run(['plan', '--detailed-exitcode'])).code).toBe(0);
    expect((await host.run(['diff'])).code).toBe(0);
    host.declare(...APPS.map((app) => ({ ...app, env: { LEVEL: 'debug' } })));
    expect((await host.run(['plan', '--detailed-exitcode'])).code).toBe(2);
    expect((await host.run(['plan'])).code).toBe(0);
    const diff = await host.run(['diff']);
    expect(diff.code).toBe(1);
    expect(diff.stdout).toContain('+');
    expect(diff.stdout).toContain('LEVEL: debug');
  });

  it('applies a saved plan once, and calls it stale when anything has moved', async () => {
    await using host = newHost();
    await host.ok('apply');
    host.declare(...APPS.map((app) => ({ ...app, env: { LEVEL: 'debug' } })));
    host.write('plan.json', (await host.ok('plan', '-o', 'json')).stdout);
    await host.ok('apply', 'plan.json');
    const again = await host.run(['apply', 'plan.json']);
    expect(again.code).toBe(5);
    expect(again.stderr).toMatch(/shop\/a/);
  });

  it('refuses a saved plan that shows something else than it does', async () => {
    await using host = newHost();
    host.declare({ name: 'a', script: './app.js' });
    const saved = (await host.ok('plan', '-o', 'json')).stdout;
    const document = JSON.parse(saved) as PlanDocument;
    const forgeries = [
      { ...document, changes: [] },
      { ...document, changes: document.changes.map((change) => ({ ...change, touches: 0 })) },
      { ...document, summary: { ...document.summary, create: 0 } },
      { ...document, projects: document.projects.map((project) => ({ ...project, project: 'other' })) },
    ];
    for (const forged of forgeries) {
      host.write('plan.json', JSON.stringify(forged));
      const ran = await host.run(['apply', 'plan.json']);
      expect(ran.code).toBe(5);
      expect(ran.stderr).toContain('PLAN_STALE');
    }
    expect((await host.apps()).items).toEqual([]);
    host.write('plan.json', saved);
    await host.ok('apply', 'plan.json');
  });

  it('calls a saved plan stale when the file has changed since', async () => {
    await using host = newHost();
    host.write('plan.json', (await host.ok('plan', '-o', 'json')).stdout);
    host.declare(...APPS.slice(0, 3));
    expect((await host.run(['apply', 'plan.json'])).code).toBe(5);
  });

  it('refuses to wipe, changes nothing, and does it when told so', async () => {
    await using host = newHost();
    await host.ok('apply');
    const before = await host.pids();
    host.declare(...APPS.slice(0, 1));
    const refused = await host.run(['apply']);
    expect(refused.code).toBe(6);
    expect(refused.stderr).toContain('--allow-wipe');
    expect(await host.pids()).toEqual(before);
    await host.ok('apply', '--prune=false');
    expect(await host.pids()).toEqual(before);
    await host.ok('apply', '--allow-wipe');
    expect(Object.keys(await host.pids())).toEqual(['a']);
    expect(
      Object.values(before)
        .flat()
        .filter((pid) => isAlive(pid ?? 0)),
    ).toHaveLength(1);
  });

  it('keeps a protected app', async () => {
    await using host = newHost();
    host.declare(...APPS.map((app) => ({ ...app, protect: app.name === 'd' })));
    await host.ok('apply');
    host.declare(...APPS.slice(0, 3));
    expect((await host.run(['apply'])).code).toBe(6);
    expect((await host.run(['delete', 'd'])).code).toBe(6);
    await host.ok('delete', 'd', '--allow-wipe');
  });

  it('reports every mistake of a bad file at once and sends nothing', async () => {
    await using host = newHost();
    host.write(
      'ecosystem.yaml',
      'project: shop\napps:\n  - name: a\n    script: ./app.js\n    instnces: 2\n    kill_timeout: soon\n  - name: a\n    script: ./app.js\n',
    );
    const ran = await host.run(['apply']);
    expect(ran.code).toBe(65);
    expect(ran.stderr).toContain('ecosystem.yaml:5:5');
    expect(ran.stderr).toContain('instances');
    expect(ran.stderr).toContain('ecosystem.yaml:6:');
    expect(ran.stderr).toContain('CONFIG_DUPLICATE_APP');
    expect((await host.run(['daemon', 'status'])).code).toBe(69);
  });

  it('times out with 4 and says what it waits for', async () => {
    await using host = newHost();
    host.declare({ name: 'slow', script: './app.js', min_uptime: 600_000 });
    const ran = await host.run(['apply', '--timeout', '300ms']);
    expect(ran.code).toBe(4);
    expect(ran.stderr).toContain('shop/slow');
  });

  it('treats a wrong command line as that', async () => {
    await using host = newHost();
    expect((await host.run(['aply'])).code).toBe(64);
    expect((await host.run(['apply', '--no-such-flag'])).code).toBe(64);
    expect((await host.run(['scale'])).code).toBe(64);
  });
});
