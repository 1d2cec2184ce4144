import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { Host } from '../../support/host.ts';

const FILE = `project: shop
apps:
  - name: api
    script: ./api.js
    stop_signal: SIGTERM
    env: { DB_PASSWORD: hunter2, MODE: fast }
  - name: report
    script: ./api.js
    schedule: "0 2 * * *"
`;

function project(file = FILE): Host {
  const host = new Host();
  host.write('api.js', '');
  host.write('ecosystem.yaml', file);
  return host;
}

describe('export compose', () => {
  it('prints one file, says what Compose has to be given, and shows no secret', async () => {
    await using host = project(FILE.replace(/ {2}- name: report[^]*/, ''));
    const printed = await host.ok('export', 'compose', '--image', 'registry.test/shop:1');
    expect(parse(printed.stdout)).toMatchObject({
      name: 'shop',
      services: { api: { image: 'registry.test/shop:1', entrypoint: ['node', '/app/api.js'] } },
    });
    expect(printed.text).not.toContain('hunter2');
    expect(printed.stderr).toContain('Compose has to be given DB_PASSWORD');
    await host.ok('export', 'compose', '--image', 'registry.test/shop:1', '-o', 'compose.yaml');
    expect(readFileSync(join(host.folder, 'compose.yaml'), 'utf8')).toBe(printed.stdout);
  });

  it('refuses what cannot be, with its place, and wrong flags', async () => {
    await using host = project();
    const refused = await host.run(['export', 'compose']);
    expect(refused).toMatchObject({ code: 65, stdout: '' });
    expect(refused.stderr).toMatch(/error\[TARGET_DIFFERS\]: [^]*ecosystem\.yaml:9:/);
    for (const wrong of [
      ['--image', ''],
      ['--folder', 'app'],
    ]) {
      const { code, stdout, stderr } = await host.run(['export', 'compose', ...wrong]);
      expect([code, stdout]).toEqual([64, '']);
      expect(stderr).toContain(`error[USAGE]: ${wrong[0] ?? ''}`);
    }
  });

  it('takes one project at a time', async () => {
    await using host = project(FILE.replace(/ {2}- name: report[^]*/, ''));
    host.write('other.yaml', 'project: blog\napps: [{ name: web, script: ./api.js }]\n');
    const { code, stderr } = await host.run([
      'export',
      'compose',
      '-f',
      'ecosystem.yaml',
      '-f',
      'other.yaml',
    ]);
    expect(code).toBe(64);
    expect(stderr).toContain('a Compose file is one project, and these are shop, blog');
  });
});

describe('export systemd', () => {
  it('prints the units, or writes a file each', async () => {
    await using host = project();
    const printed = await host.ok('export', 'systemd', '--user', 'app');
    expect(printed.stdout.match(/^# .*/gm)).toEqual([
      ...['# shop-apps.target', '# shop-api.service', '# shop-report.service', '# shop-report.timer'],
    ]);
    expect(printed.stdout).toContain('User=app');
    expect(printed.text).not.toContain('hunter2');
    expect(printed.stderr).toContain('/etc/stateward/shop/api.env has to be there, with DB_PASSWORD');
    await host.ok('export', 'systemd', '-o', 'units/system');
    expect(readdirSync(join(host.folder, 'units/system')).toSorted()).toEqual([
      ...['shop-api.service', 'shop-apps.target', 'shop-report.service', 'shop-report.timer'],
    ]);
    host.write('taken', '');
    const { code, stderr } = await host.run(['export', 'systemd', '-o', 'taken']);
    expect(code).toBe(64);
    expect(stderr).toContain('cannot make the folder taken');
  });

  it('refuses with --strict what means something else there', async () => {
    await using host = project(FILE.replace('MODE: fast }', 'MODE: fast }\n    watch: true'));
    expect((await host.ok('export', 'systemd')).stderr).toContain('nothing looks at files there');
    expect((await host.run(['export', 'systemd', '--strict'])).code).toBe(65);
    for (const wrong of [
      ['--secrets', 'etc'],
      ['--user', 'a b'],
    ]) {
      const { code, stderr } = await host.run(['export', 'systemd', ...wrong]);
      expect(code).toBe(64);
      expect(stderr).toContain(`error[USAGE]: ${wrong[0] ?? ''}`);
    }
  });
});

describe('export nomad', () => {
  it('prints a job a line, or writes a file each', async () => {
    await using host = project();
    const printed = await host.ok('export', 'nomad', '--image', 'registry.test/shop:1');
    const jobs = printed.stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { readonly Job: { readonly ID: string } }).Job.ID);
    expect(jobs).toEqual(['shop-api', 'shop-report']);
    expect(printed.text).not.toContain('hunter2');
    expect(printed.stderr).toContain('the variable nomad/jobs/shop-api has to be there, with DB_PASSWORD');
    await host.ok('export', 'nomad', '-o', 'jobs');
    expect(readdirSync(join(host.folder, 'jobs')).toSorted()).toEqual(['shop-api.json', 'shop-report.json']);
  });
});
