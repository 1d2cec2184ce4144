import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { appsOf, failuresOf, projectFolder, warningsOf } from './support/project-folder.ts';

describe('an ecosystem file', () => {
  it('is read from YAML, with anchors and merges', async () => {
    await using folder = await projectFolder({
      'ecosystem.yaml': [
        'x-defaults: &defaults',
        '  kill_timeout: 3s',
        '  env: &env { A: 1, B: true }',
        'project: webshop',
        'apps:',
        '  - { <<: *defaults, name: api, script: ./api.js }',
        '  - <<: *defaults',
        '    name: worker',
        '    script: ./api.js',
        '    env: { <<: *env, B: 2 }',
      ].join('\n'),
    });
    const loaded = await folder.load();
    expect(appsOf(loaded)).toMatchObject([
      { name: 'api', kill_timeout: 3000, env: { A: '1', B: 'true' } },
      { name: 'worker', kill_timeout: 3000, env: { A: '1', B: '2' } },
    ]);
    expect(loaded).toMatchObject({
      value: { projects: [{ project: 'webshop', source: { files: [join(folder.path, 'ecosystem.yaml')] } }] },
    });
  });

  it('is read from JSON with comments and trailing commas', async () => {
    await using folder = await projectFolder({
      'ecosystem.json':
        '// one\n{ "apps": [ /* two */ { "script": "./api.js", "env": { "U": "http://x/*" }, }, ], }\r\n',
    });
    expect(appsOf(await folder.load())).toMatchObject([{ name: 'api', env: { U: 'http://x/*' } }]);
  });

  it.each([
    ['a list', '[{"script": "./api.js"}]'],
    ['one app', '{"script": "./api.js"}'],
    ['pm2', '{"pm2": [{"script": "./api.js"}]}'],
    ['apps as one app', '{"apps": {"script": "./api.js"}}'],
    ['apps as a map', '{"apps": {"api": {"script": "./api.js"}}}'],
  ])('may have the form of %s', async (_form, text) => {
    await using folder = await projectFolder({ 'ecosystem.json': text });
    expect(appsOf(await folder.load())).toMatchObject([{ name: 'api' }]);
  });

  it('names its project after its folder', async () => {
    await using folder = await projectFolder({
      'my shop (eu)/ecosystem.yaml': 'apps: [{script: ../api.js}]',
    });
    expect(await folder.load({ files: ['my shop (eu)'] })).toMatchObject({
      value: { projects: [{ project: 'my-shop-eu' }] },
    });
  });

  it('may come on standard input, and names its project there', async () => {
    await using folder = await projectFolder({});
    const readStdin = () => Promise.resolve('project: x\napps:\n- script: ./api.js\n');
    expect(appsOf(await folder.load({ files: ['-'], readStdin }))).toMatchObject([
      { script: join(folder.path, 'api.js') },
    ]);
    const nameless = await folder.load({
      files: ['-'],
      readStdin: () => Promise.resolve('[{"script":"./api.js"}]'),
    });
    expect(failuresOf(nameless)).toMatchObject([{ code: 'CONFIG_MISSING_KEY' }]);
  });

  it('is merged with others of the same project, and an app in two of them is an error', async () => {
    await using folder = await projectFolder({
      'a.yaml': 'apps: [{name: a, script: ./api.js, depends_on: [b]}]',
      'b.yaml': 'apps: [{name: b, script: ./api.js}]',
      'c.yaml': 'apps: [{name: b, script: ./api.js}]',
    });
    expect(appsOf(await folder.load({ files: ['a.yaml', 'b.yaml'] })).map(({ name }) => name)).toEqual([
      'a',
      'b',
    ]);
    expect(failuresOf(await folder.load({ files: ['b.yaml', 'c.yaml'] }))).toMatchObject([
      { code: 'CONFIG_DUPLICATE_APP', position: { file: 'c.yaml' }, details: ['first at b.yaml:1:15'] },
    ]);
  });

  it('is read once when it is given twice', async () => {
    await using folder = await projectFolder({ 'a.yaml': 'apps: [{script: ./api.js}]' });
    expect(appsOf(await folder.load({ files: ['a.yaml', './a.yaml'] }))).toHaveLength(1);
  });

  it('is read once when its folder is given too', async () => {
    await using folder = await projectFolder({ 'ecosystem.yaml': 'apps: [{script: ./api.js}]' });
    expect(appsOf(await folder.load({ files: ['.', 'ecosystem.yaml'] }))).toHaveLength(1);
  });

  it('may hold several projects as YAML documents, as get -o yaml prints them', async () => {
    const one = 'project: one\napps: [{script: ./api.js}]\n';
    const two = 'project: two\nx-env: &env {A: 1}\napps: [{script: ./api.js, env: *env}]\n';
    await using folder = await projectFolder({ 'all.yaml': `---\n${one}---\n${two}---\n` });
    const loaded = await folder.load({ files: ['all.yaml'] });
    const file = join(folder.path, 'all.yaml');
    expect(loaded).toMatchObject({
      ok: true,
      value: {
        projects: [
          { project: 'one', source: { files: [file] }, apps: [{ name: 'api', env: {} }] },
          { project: 'two', source: { files: [file] }, apps: [{ name: 'api', env: { A: '1' } }] },
        ],
      },
    });
  });

  it('is one project when its documents say so, and names the file once', async () => {
    const text = 'apps: [{name: a, script: ./api.js}]\n---\napps: [{name: b, script: ./api.js}]\n';
    await using folder = await projectFolder({ 'all.yaml': text });
    const loaded = await folder.load({ files: ['all.yaml'] });
    expect(appsOf(loaded).map(({ name }) => name)).toEqual(['a', 'b']);
    expect(loaded.ok && loaded.value.projects[0]?.source.files).toHaveLength(1);
  });

  it('resolves paths from its own folder, wherever the command runs', async () => {
    await using folder = await projectFolder({
      'deploy/ecosystem.yaml': 'apps: [{script: ../api.js, cwd: ..}]',
      'deploy/api.js': '',
    });
    await folder.write({ 'deploy/ecosystem.yaml': 'apps: [{script: api.js}]' });
    const [app] = appsOf(await folder.load({ files: ['deploy/ecosystem.yaml'] }));
    expect(app).toMatchObject({
      cwd: join(folder.path, 'deploy'),
      script: join(folder.path, 'deploy/api.js'),
    });
  });

  it('loses no value that is 0 or false', async () => {
    const text =
      'apps: [{script: ./api.js, max_restarts: 0, restart_delay: 0, merge_logs: false, autorestart: false}]';
    await using folder = await projectFolder({ 'ecosystem.yaml': text });
    expect(appsOf(await folder.load())).toMatchObject([
      { max_restarts: 0, restart_delay: 0, merge_logs: false, autorestart: false },
    ]);
  });
});

describe('a folder', () => {
  it('must have an ecosystem file', async () => {
    await using folder = await projectFolder({});
    expect(failuresOf(await folder.load())).toMatchObject([{ code: 'CONFIG_NOT_FOUND' }]);
  });

  it('says which file is missing or has no known format', async () => {
    await using folder = await projectFolder({ 'apps.txt': '' });
    expect(failuresOf(await folder.load({ files: ['nope.yaml', 'apps.txt'] }))).toMatchObject([
      { code: 'CONFIG_NOT_FOUND', position: { file: 'nope.yaml' } },
      { code: 'CONFIG_UNREADABLE', position: { file: 'apps.txt' } },
    ]);
  });
});

describe('variables', () => {
  it('are expanded from the environment of the command', async () => {
    const text =
      'apps: [{script: ./api.js, instances: "${N}", exec_mode: fork, autorestart: "${AUTO:-false}", env: {A: "$${N}"}}]';
    await using folder = await projectFolder({ 'ecosystem.yaml': text });
    const environment = { N: '3', PATH: '' };
    expect(appsOf(await folder.load({ environment }))).toMatchObject([
      { instances: 3, autorestart: false, env: { A: '${N}' } },
    ]);
  });

  it('that must be set and are not are errors, others are warnings, at their place', async () => {
    const text = 'apps:\n  - script: ./api.js\n    env: { A: "x ${NOPE}", B: "${MUST:?from the vault}" }\n';
    await using folder = await projectFolder({ 'ecosystem.yaml': text });
    expect(failuresOf(await folder.load())).toMatchObject([
      {
        code: 'CONFIG_UNSET_VARIABLE',
        position: { line: 3, column: 32 },
        message: expect.stringContaining('from the vault') as string,
      },
    ]);
    expect(warningsOf(await folder.load({ environment: { MUST: 'x' } }))).toMatchObject([
      { code: 'CONFIG_UNSET_VARIABLE', position: { line: 3, column: 18 } },
    ]);
  });

  it('in sections of other programs are left alone', async () => {
    await using folder = await projectFolder({
      'ecosystem.yaml': 'apps: []\ndeploy: { x: "${MUST:?x}" }\nx-y: "${MUST:?x}"\n',
    });
    expect(warningsOf(await folder.load())).toEqual([]);
  });
});

describe('environments', () => {
  const text =
    'apps:\n- {script: ./api.js, env: {A: 1}, env_production: {A: 2}}\n- {name: b, script: ./api.js}\n';

  it('are chosen by name', async () => {
    await using folder = await projectFolder({ 'ecosystem.yaml': text });
    expect(appsOf(await folder.load({ env: 'production' }))).toMatchObject([
      { env: { A: '2' } },
      { env: {} },
    ]);
  });

  it('that no app has are an error with a suggestion', async () => {
    await using folder = await projectFolder({ 'ecosystem.yaml': text });
    expect(failuresOf(await folder.load({ env: 'prodution' }))).toMatchObject([
      { code: 'CONFIG_UNKNOWN_ENVIRONMENT', hint: 'did you mean production?' },
    ]);
    expect(failuresOf(await folder.load({ env: 'file' }))).toMatchObject([
      { code: 'CONFIG_UNKNOWN_ENVIRONMENT' },
    ]);
  });

  it('take env files from beside the ecosystem file, the last one wins', async () => {
    await using folder = await projectFolder({
      '.env': 'A="1 # no"\nB=2 # yes\nC=$(touch pwned)\n',
      '.env.local': 'B=3\n',
      'ecosystem.yaml': 'apps: [{script: ./api.js, cwd: sub, env_file: [.env, .env.local], env: {A: x}}]',
      'sub/api.js': '',
    });
    expect(appsOf(await folder.load())).toMatchObject([{ env: { A: 'x', B: '3', C: '$(touch pwned)' } }]);
  });

  it('say which env file is missing', async () => {
    await using folder = await projectFolder({
      'ecosystem.yaml': 'apps:\n- script: ./api.js\n  env_file: .env.nope\n',
    });
    expect(failuresOf(await folder.load())).toMatchObject([
      {
        code: 'CONFIG_NOT_FOUND',
        position: { line: 3, column: 13 },
        hint: expect.not.stringContaining('PM2') as string,
      },
    ]);
  });

  it('say that PM2 ignores env files, of a file that it may have read', async () => {
    await using folder = await projectFolder({
      'ecosystem.config.json': '{"apps": [{"script": "./api.js", "env_file": ".env.nope"}]}',
    });
    expect(failuresOf(await folder.load())).toMatchObject([
      { code: 'CONFIG_NOT_FOUND', hint: expect.stringContaining('PM2 ignores `env_file`') as string },
    ]);
  });

  it('inherit what is named and nothing else', async () => {
    await using folder = await projectFolder({
      'ecosystem.yaml': 'apps: [{script: ./api.js, inherit_env: [DB]}]',
    });
    expect(appsOf(await folder.load({ environment: { DB: 'x', OTHER: 'y' } }))).toMatchObject([
      { env: { DB: 'x' } },
    ]);
  });
});

describe('keys without effect', () => {
  it('give one warning each, at their place, however many apps have them', async () => {
    await using folder = await projectFolder({
      'ecosystem.yaml': [
        'apps:',
        '  - { name: a, script: ./api.js, pmx: true, shutdown_with_message: true, watch: false }',
        '  - { name: b, script: ./api.js, pmx: true, shutdown_with_message: true }',
      ].join('\n'),
    });
    const warnings = warningsOf(await folder.load());
    expect(warnings).toMatchObject([
      { code: 'CONFIG_NO_EFFECT', position: { line: 2, column: 34 }, details: ['also in b'] },
    ]);
    expect(warnings[0]?.message).toContain('pmx has no effect');
  });

  it('with another way out for each app are said for each', async () => {
    await using folder = await projectFolder({
      'package.json': '{"scripts": {"start": "node api.js", "dev": "tsx api.ts"}}',
      'ecosystem.yaml': [
        'apps:',
        '  - { name: a, script: npm, args: start, instances: 2, exec_mode: cluster }',
        '  - { name: b, script: npm, args: run dev, instances: 2, exec_mode: cluster }',
        '  - { name: c, script: npm, args: start, instances: 2, exec_mode: cluster }',
      ].join('\n'),
    });
    const warnings = warningsOf(await folder.load());
    expect(warnings.map(({ position, details }) => [position?.line, details])).toEqual([
      [2, ['also in c']],
      [3, undefined],
    ]);
    expect(warnings[1]?.hint).toContain('--import tsx');
  });

  it('that only the agent could obey are named where there is none, once for all apps', async () => {
    await using folder = await projectFolder({
      'ecosystem.yaml': [
        'apps:',
        '  - { name: a, script: ./api.js, agent: false, shutdown_with_message: true }',
        '  - { name: b, script: ./api.js, agent: false, shutdown_with_message: true }',
        '  - { name: c, script: ./api.js, shutdown_with_message: true, exec_mode: cluster, instances: 2 }',
      ].join('\n'),
    });
    expect(warningsOf(await folder.load())).toMatchObject([
      { code: 'CONFIG_NO_EFFECT', position: { line: 2, column: 48 }, details: ['also in b'] },
    ]);
  });
});

describe('a thousand apps', () => {
  it('are read in time that grows with their number and no faster', async () => {
    const text = (count: number) =>
      `apps:\n${Array.from({ length: count }, (_, n) => `  - { name: app-${n}, script: ./api.js, env: { PORT: ${n} } }`).join('\n')}\n`;
    await using folder = await projectFolder({ 'small.yaml': text(250), 'large.yaml': text(4000) });
    const measure = async (file: string) => {
      // Of the processor: what else runs on the host does not count.
      const start = process.cpuUsage();
      appsOf(await folder.load({ files: [file] }));
      const { user, system } = process.cpuUsage(start);
      return user + system;
    };
    await measure('small.yaml');
    const small = Math.min(await measure('small.yaml'), await measure('small.yaml'));
    const large = Math.min(await measure('large.yaml'), await measure('large.yaml'));
    // 16 times the apps; quadratic work would take 256 times as long.
    expect(large / small).toBeLessThan(80);
  });
});
