import { describe, expect, it } from 'vitest';
import type { RevisionList } from '../../../src/api/contract/wire/revisions.ts';
import { Host } from '../../support/host.ts';

const FILE = `project: shop
version: \${RELEASE:?name the release}
apps:
  - { name: api, script: app.js, min_uptime: 50 }
  - { name: db, script: app.js, min_uptime: 50, version: "9" }
`;

describe('the version that a file names', () => {
  it('rolls what it is of, stands in history, get and describe, and is what rollback goes back to', async () => {
    await using host = new Host();
    host.write('app.js', 'setInterval(() => {}, 1e6);');
    host.write('ecosystem.yaml', FILE);
    const as = (RELEASE: string, ...args: readonly string[]) => host.run(args, { env: { RELEASE } });
    expect((await as('1.0', 'apply')).code).toBe(0);
    const before = await host.pids();
    expect((await as('1.1', 'plan')).stdout).toMatch(/± api +roll +version: "1\.0" → "1\.1" +1 process/);
    expect((await as('1.1', 'apply')).code).toBe(0);
    const after = await host.pids();
    expect(after.api).not.toEqual(before.api);
    expect(after.db).toEqual(before.db);
    const [header = '', newest = '', first = ''] = (await host.ok('history', 'api')).stdout.split('\n');
    const version = (line: string) => line.slice(header.indexOf('VERSION')).split(/ {2}/)[0];
    expect([version(newest), version(first)]).toEqual(['1.1', '1.0']);
    const { items } = JSON.parse((await host.ok('history', '-o', 'json')).stdout) as RevisionList;
    expect(items[0]?.versions).toEqual({ 'shop/api': '1.1', 'shop/db': '9' });
    expect((await host.ok('history', 'shop/', '--revision', '2')).stdout).toMatch(
      /Version: +shop\/api 1\.1\n +shop\/db 9\n/,
    );
    expect((await host.ok('describe', 'api')).stdout).toMatch(/^Version: +1\.1$/m);
    expect((await host.ok('get', '-o', 'wide')).stdout).toMatch(/ 1\.1 [0-9a-f]{7} +2$/m);
    const back = await host.ok('rollback', 'api');
    expect(back.stdout).toMatch(/version: "1\.1" → "1\.0"/);
    expect((await host.apps()).items.map(({ spec }) => spec?.version)).toEqual(['1.0', '9']);
    expect((await host.run(['apply'])).code).toBe(65);
  });
});
