// Merged files on a host: what is recorded, shown and saved.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Host } from '../../support/host.ts';

it('merged files are applied as one: nothing to do again, saved as a plan, and printed with the origin of each value', async () => {
  await using host = new Host();
  host.write('web.js', 'setInterval(() => {}, 1000)');
  host.write(
    'ecosystem.yaml',
    'project: shop\nvars: { level: info, db_password: x }\napps:\n  - { name: web, script: ./web.js, env: { LEVEL: "${vars.level}", DB_PASSWORD: "${vars.db_password}" } }\n',
  );
  host.write('prod.yaml', 'apps:\n  web: { labels: { tier: web } }\n');
  const merged = ['-f', 'ecosystem.yaml', '-f', 'prod.yaml', '--merge'];

  await host.ok('apply', '-f', 'ecosystem.yaml');
  // The same origin: nobody is asked to take anything over.
  const plan = await host.run(['plan', ...merged, '--var', 'level=warn', '--detailed-exitcode']);
  expect(plan.code).toBe(2);
  expect(plan.stdout).toContain('ecosystem.yaml + prod.yaml');
  await host.ok('apply', ...merged, '--var', 'level=warn');
  expect((await host.ok('apply', ...merged, '--var', 'level=warn')).text).toContain('0 processes touched');
  expect((await host.ok('diff', ...merged, '--var', 'level=warn')).stdout).toBe('');

  const saved = await host.ok(
    'plan',
    ...merged,
    '--var',
    'level=error',
    '--var',
    'db_password=hunter22',
    '-o',
    'json',
  );
  expect(saved.stdout).not.toContain('hunter22');
  expect(JSON.parse(saved.stdout)).toMatchObject({
    projects: [{ source: { over: [join(host.folder, 'prod.yaml')], vars: { level: 'error' } } }],
  });
  const file = host.write('plan.json', saved.stdout);
  const without = await host.run(['apply', file]);
  expect(without.code).toBe(64);
  expect(without.stderr).toContain('--var db_password=');
  await host.ok('apply', file, '--var', 'db_password=hunter22');

  // What was rendered means the same, in the place of both files.
  const values = [...merged, '--var', 'level=error', '--var', 'db_password=hunter22'];
  const rendered = await host.ok('config', 'render', ...values, '--show-secrets');
  expect(rendered.stdout).toMatch(/^ {6}tier: web # prod.yaml:2$/m);
  expect(rendered.stdout).toMatch(/^ {6}LEVEL: error # vars.level, --var level$/m);
  expect((await host.ok('config', 'render', ...values)).stdout).not.toContain('hunter22');
  host.write('ecosystem.yaml', rendered.stdout);
  expect((await host.run(['plan', '--detailed-exitcode'])).code).toBe(0);
}, 60_000);

const VARIED = ['ecosystem.yaml', 'prod.yaml', '--merge', '--var', 'tag=1', '--var', 'db_password=hunter22'];

it('verbs that take a file take its variants, and those that only ask which apps it declares remember them', async () => {
  await using host = new Host();
  host.write('web.js', 'setInterval(() => {}, 1000)');
  host.write(
    'ecosystem.yaml',
    'project: shop\nvars: { tag: , db_password: }\napps:\n  - { name: web, script: ./web.js, env: { TAG: "${vars.tag}", DB: "${vars.db_password}" } }\n',
  );
  host.write('prod.yaml', 'apps:\n  extra: { script: ./web.js }\n');

  const bare = await host.run(['start', 'ecosystem.yaml']);
  expect(bare.code).toBe(65);
  expect(bare.stderr).toContain('--var db_password=VALUE');
  await host.ok('start', ...VARIED);
  await host.ok('reload', '-f', 'ecosystem.yaml', '-f', 'prod.yaml', ...VARIED.slice(2));
  await host.ok('restart', ...VARIED, '--now', '--only', 'web');
  const history = await host.ok('history', '.');
  expect(history.stdout).toContain('--merge --var tag=1 --var db_password=<redacted>');
  expect(history.text).not.toContain('hunter22');

  const names = ['shop/extra', 'shop/web'];
  // The folder holds both files: the one that is merged over the other is no declaration of its own.
  for (const word of ['.', 'ecosystem.yaml']) {
    expect((await host.ok('get', word, '-o', 'name')).stdout.split('\n').filter(Boolean).sort()).toEqual(
      names,
    );
  }
  expect((await host.ok('stop', '.')).stdout.match(/shop\/\w+ +stopped/g)).toHaveLength(2);
  const nothing = await host.run(['restart', 'web', '--var', 'tag=1']);
  expect([nothing.code, nothing.stderr]).toEqual([
    64,
    expect.stringContaining('--var is about an ecosystem'),
  ]);
  await host.ok('delete', '-f', 'ecosystem.yaml');
  expect((await host.ok('get', '-o', 'name')).stdout).toBe('');
}, 60_000);
