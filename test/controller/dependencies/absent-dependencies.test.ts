import { describe, expect, it } from 'vitest';
import { Host } from '../../support/host.ts';

const QUICK = { script: './app.js', min_uptime: 50 };

function newHost(): Host {
  const host = new Host();
  host.write('app.js', 'setInterval(() => {}, 1e6);');
  host.declare(
    { name: 'api', ...QUICK, depends_on: ['db'] },
    { name: 'db', ...QUICK, depends_on: ['disk'] },
    { name: 'disk', ...QUICK, autostart: false },
  );
  return host;
}

describe('a dependency that will not come by itself', () => {
  it('is said by plan, refused by apply, and brought along on demand', async () => {
    await using host = newHost();
    for (const args of [
      ['plan', '--only', 'api'],
      ['apply', '--only', 'api'],
      ['apply', '--only', 'api', '--dry-run'],
    ]) {
      const ran = await host.run(args);
      expect(ran.code).toBe(6);
      expect(ran.stderr).toMatch(
        /api depends on db, which is not declared.*--with-dependencies.*--only api,db/s,
      );
    }
    const whole = await host.run(['apply']);
    expect(whole.code).toBe(6);
    expect(whole.stderr).toMatch(/db depends on disk, which is not started \(autostart: false\)/);
    expect((await host.apps()).items).toEqual([]);
    await host.ok('apply', '--only', 'api', '--with-dependencies');
    expect(Object.keys(await host.pids()).sort()).toEqual(['api', 'db', 'disk']);
  });

  it('is refused by start and restart, and started with the app on demand', async () => {
    await using host = newHost();
    await host.ok('apply', '--with-dependencies');
    await host.ok('stop', 'all');
    const refused = await host.run(['start', 'api']);
    expect(refused.code).toBe(6);
    expect(refused.stderr).toMatch(/db, which is stopped.*disk, which is stopped.*--with-dependencies/s);
    const { stdout } = await host.ok('start', 'api', '--with-dependencies');
    expect(stdout).toMatch(/shop\/api +started\nshop\/db +started\nshop\/disk +started/);
    await host.ok('stop', 'db');
    const restart = await host.run(['restart', 'api']);
    expect(restart.code).toBe(6);
    expect(restart.stderr).toContain('stateward start shop/db');
    const scale = await host.run(['scale', 'api', '2']);
    expect(scale.code).toBe(6);
    expect(scale.stderr).toMatch(
      /cannot scale: shop\/api depends on db, which is stopped.*stateward start shop\/db/s,
    );
    await host.ok('start', 'db', '--with-dependencies');
    await host.ok('scale', 'api', '2');
    await host.ok('stop', 'db');
    await host.ok('scale', 'api', '1');
  });
});
