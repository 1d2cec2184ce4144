import { describe, expect, it } from 'vitest';
import type { PlanDocument } from '../../../src/api/contract/wire/plan.ts';
import { eventually } from '../../support/eventually.ts';
import { Host } from '../../support/host.ts';

const QUICK = { min_uptime: 50 };

async function applied(fields: Record<string, unknown> = {}): Promise<Host> {
  const host = new Host();
  host.write('api/server.js', "require('./lib/util.js'); setInterval(() => {}, 1e6);");
  host.write('api/lib/util.js', '');
  host.declare({ name: 'api', script: './api/server.js', code: 'off', ...QUICK, ...fields });
  await host.ok('apply');
  return host;
}

const NEWER =
  /shop\/api: the code on disk is newer than its processes: \w+ → \w+ \(lib\/util\.js\); stateward reload shop\/api runs it, stateward apply --reload too\n/;

describe('newer code that the file has not compared', () => {
  it('is said by an apply that has nothing to do, with the command, until it runs', async () => {
    await using host = await applied();
    const before = await host.pids();
    expect((await host.ok('apply')).stderr).toBe('Nothing to do, 1 unchanged. 0 processes touched.\n');
    host.write('api/lib/util.js', '// newer');
    const idle = await host.ok('apply');
    expect(idle.stderr).toMatch(/^Nothing to do, 1 unchanged\. 0 processes touched\.\n/);
    expect(idle.stderr).toMatch(NEWER);
    expect(await host.pids()).toEqual(before);
    expect((await host.run(['plan', '--detailed-exitcode'])).code).toBe(0);
    expect((await host.ok('plan')).stdout).toMatch(NEWER);
    await host.ok('apply', '--reload');
    expect(await host.pids()).not.toEqual(before);
    expect((await host.ok('apply')).stderr).toBe('Nothing to do, 1 unchanged. 0 processes touched.\n');
  });

  it('is a condition of the app that leaves it in sync, and why names the command', async () => {
    await using host = await applied();
    host.write('api/lib/util.js', '// newer');
    await host.ok('plan');
    const status = async () => (await host.apps()).items[0]?.status;
    await eventually(async () =>
      ((await status())?.conditions ?? []).some(({ reason }) => reason === 'CodeNotCompared'),
    );
    expect(await status()).toMatchObject({ sync: 'Synced', health: 'Healthy' });
    expect((await host.ok('why', 'api')).stdout).toMatch(/^note: code newer .*stateward reload shop\/api/m);
    await host.ok('reload', 'api');
    await host.ok('plan');
    await eventually(async () =>
      ((await status())?.conditions ?? []).every(({ reason }) => reason !== 'CodeNotCompared'),
    );
  });

  it('does not make a saved plan stale, and does not hide that another release rolls', async () => {
    await using host = await applied({ version: '1' });
    host.declare({ name: 'api', script: './api/server.js', code: 'off', ...QUICK, version: '2' });
    const saved = await host.ok('plan', '-o', 'json');
    host.write('plan.json', saved.stdout);
    host.write('api/lib/util.js', '// newer');
    const again = JSON.parse((await host.ok('plan', '-o', 'json')).stdout) as PlanDocument;
    expect(again.changes).toMatchObject([{ kind: 'roll', fields: [{ path: 'version' }] }]);
    expect(again.changes[0]).not.toHaveProperty('codeNewer');
    expect((await host.ok('apply', 'plan.json')).stderr).toContain('1 rolled');
    expect((await host.ok('apply')).stderr).not.toMatch(NEWER);
  });

  it('is not said of files that are no code', async () => {
    await using host = await applied();
    host.write('api/README.md', '# newer');
    host.write('api/data.json.log', 'x');
    expect((await host.ok('apply')).stderr).toBe('Nothing to do, 1 unchanged. 0 processes touched.\n');
  });
});
