// The shapes that ecosystem files have in the wild: each must load, or fail with the error that a person needs.
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AppSpec } from '../../src/spec/types.ts';
import { bundle } from '../support/bundle.ts';
import { appsOf, failuresOf, projectFolder, warningsOf, type Loaded } from './support/project-folder.ts';

let jsEvaluatorPath: string;
beforeAll(async () => {
  jsEvaluatorPath = await bundle('src/config/evaluate/main.ts');
});

type Files = Readonly<Record<string, string>>;

async function load(
  file: string,
  text: string,
  more: Files = {},
  env: string | null = null,
): Promise<Loaded> {
  await using folder = await projectFolder({ [file]: text, ...more });
  return await folder.load({ files: [file], jsEvaluatorPath, env });
}

async function json(app: object, more: Files = {}): Promise<AppSpec | undefined> {
  return appsOf(await load('a.json', JSON.stringify({ apps: [app] }), more))[0];
}

describe('an ecosystem file of a PM2 user', () => {
  it('1, 2: runs code from its own folder, with unset variables', async () => {
    const text = `
      const path = require('node:path'); const os = require('node:os');
      const { name, version } = require('./package.json');
      const base = { script: path.join(__dirname, 'src', 'main.js'), time: true };
      module.exports = { apps: ['web', 'jobs'].map((role) => ({ ...base, name: name + '-' + role,
        instances: role === 'web' ? os.cpus().length : 1, exec_mode: 'fork',
        env: { VERSION: version, ROLE: role, REDIS: process.env.REDIS_URL, LEVEL: process.env.LEVEL || 'info' } })) };`;
    const apps = appsOf(
      await load('ecosystem.config.js', text, {
        'package.json': '{"name":"shop","version":"1.2.3"}',
        'src/main.js': '',
      }),
    );
    expect(apps.map((app) => [app.name, app.env])).toEqual([
      ['shop-web', { VERSION: '1.2.3', ROLE: 'web', LEVEL: 'info' }],
      ['shop-jobs', { VERSION: '1.2.3', ROLE: 'jobs', LEVEL: 'info' }],
    ]);
  });

  it('1: names a module that is not installed', async () => {
    const [failure] = failuresOf(
      await load('ecosystem.config.js', "require('dotenv').config();\nmodule.exports = {}"),
    );
    expect(failure).toMatchObject({ code: 'CONFIG_EVALUATION', position: { line: 1 } });
    expect(failure?.message).toContain('"dotenv"');
    expect(failure?.hint).toContain('npm install');
  });

  it('3: is an ES module that imports for effect', async () => {
    const files = { 'node_modules/dotenv/config.js': "process.env.FROM_DOTENV = 'yes';" };
    const text =
      "import 'dotenv/config.js';\nexport const apps = [{ script: './api.js', env: { A: process.env.FROM_DOTENV } }];";
    expect(appsOf(await load('ecosystem.config.mjs', text, files))[0]?.env).toEqual({ A: 'yes' });
  });

  it('4: is JSON with comments, and keeps what looks like one in a text', async () => {
    const text =
      '{ /* c */ "apps": [{ "script": "./api.js", "env": { "URL": "http://x//y", "GLOB": "src/**/*.js" }, }] } // end';
    expect(appsOf(await load('pm2.json', text))[0]?.env).toEqual({ URL: 'http://x//y', GLOB: 'src/**/*.js' });
  });

  it('6: only warns of keys without a meaning, and lets a deploy section be', async () => {
    const inert = {
      ...{ max_size: '10M', retain: 5, monitoring: true, health_check_grace_period: 3000, pmx: false },
      ...{ health_check_fatal_exceptions: true, vizion: false, automation: false, kill_retry_time: 100 },
      ...{ source_map_support: true, windowsHide: true, force: true, trace: true },
    };
    const text = JSON.stringify({
      apps: [{ script: './api.js', ...inert }],
      deploy: { prod: { host: ['x'], 'post-deploy': '$$' } },
    });
    const warnings = warningsOf(await load('a.json', text));
    const off = ['pmx', 'vizion', 'automation', 'windowsHide'];
    expect(warnings).toHaveLength(Object.keys(inert).length - off.length);
    expect(new Set(warnings.map(({ code }) => code))).toEqual(new Set(['CONFIG_NO_EFFECT']));
  });

  it('7: uses the other names of settings', async () => {
    // Only root may name another.
    const me = userInfo().username;
    const app = await json({
      ...{ exec: './api.js', exec_interpreter: 'node', interpreterArgs: '--inspect', combine_logs: true },
      ...{ err_file: 'e.log', output: 'o.log', log: 'c.log', cron: '@daily', user: me, maxRestarts: 3 },
    });
    expect(app).toMatchObject({
      interpreter_args: ['--inspect'],
      merge_logs: true,
      error_file: expect.stringMatching(/\/e\.log$/) as string,
      out_file: expect.stringMatching(/\/o\.log$/) as string,
      log_file: expect.stringMatching(/\/c\.log$/) as string,
      cron_restart: '@daily',
      uid: me,
      max_restarts: 3,
    });
  });

  it('8: has variables of every type, and overlays without a base', async () => {
    const text =
      'apps:\n- script: ./api.js\n  env_staging: { PORT: 80, DEBUG: false, EMPTY: "", NONE: , F: 1.5 }\n';
    expect(appsOf(await load('a.yml', text, {}, 'staging'))[0]?.env).toEqual({
      PORT: '80',
      DEBUG: 'false',
      EMPTY: '',
      F: '1.5',
    });
  });

  it('9: counts instances in every way', async () => {
    const counts = [2, 'max', '3', 0, -1].map(
      async (instances) => (await json({ script: './api.js', instances }))?.instances,
    );
    expect(await Promise.all(counts)).toEqual([2, 4, 3, 4, 3]);
    expect(await json({ script: './api.js', instances: 1, exec_mode: 'cluster_mode' })).toMatchObject({
      exec_mode: 'cluster',
    });
  });

  it.each(['npm', 'npx', 'pnpm', 'ts-node'])('9: does not break %s by clustering it', async (script) => {
    const text = JSON.stringify([{ script, args: 'start', instances: 2, exec_mode: 'cluster' }]);
    const loaded = await load('a.json', text);
    expect(appsOf(loaded)).toMatchObject([{ exec_mode: 'fork', script }]);
    expect(warningsOf(loaded)).toMatchObject([{ code: 'CONFIG_NO_EFFECT' }]);
  });

  it('10: runs what is not a file, or no script', async () => {
    expect(await json({ script: 'java', args: '-jar x.jar' })).toMatchObject({
      script: 'java',
      interpreter: 'none',
    });
    expect(await json({ script: 'npm run start:prod' })).toMatchObject({
      shell: true,
      script: 'npm run start:prod',
    });
    expect(await json({ script: '.' }, { 'package.json': '{}' })).toMatchObject({
      interpreter: 'node',
      name: 'shop',
    });
    expect(await json({ script: '/bin/sh', args: ['-c', 'echo a b'] })).toMatchObject({
      script: '/bin/sh',
      interpreter: 'none',
      args: ['-c', 'echo a b'],
    });
    const gunicorn = { script: 'bin/gunicorn', args: 'app:app', interpreter: 'none' };
    expect(await json(gunicorn, { 'bin/gunicorn': '#!/usr/bin/python3' })).toMatchObject({
      interpreter: 'none',
      name: 'gunicorn',
    });
  });

  it('11: writes arguments as one text', async () => {
    const app = await json({
      script: 'npm',
      args: 'run start -- --port 3000 -',
      node_args: '',
      interpreter_args: undefined,
    });
    expect(app).toMatchObject({ args: ['run', 'start', '--', '--port', '3000', '-'], interpreter_args: [] });
  });

  it('12: runs TypeScript, Python, shell, and a binary of a package', async () => {
    const files = {
      'a.ts': '',
      'a.mjs': '',
      'a.py': '',
      'a.sh': '',
      'node_modules/next/dist/bin/next': '#!/usr/bin/env node\n',
    };
    const runs = Object.keys(files).map(
      async (script) => (await json({ script, instances: 2 }, files)) ?? { interpreter: '', exec_mode: '' },
    );
    expect(
      (await Promise.all(runs)).map(({ interpreter, exec_mode }) => `${interpreter} ${exec_mode}`),
    ).toEqual([...['node cluster', 'node cluster', 'python3 fork', 'bash fork', 'node cluster']]);
  });

  it('13: says plainly that a folder of another machine is not here', async () => {
    const text = JSON.stringify({
      apps: [{ name: 'x', script: 'npm', args: 'start', cwd: '/var/www/somewhere/else' }],
    });
    const [failure, second] = failuresOf(await load('a.json', text));
    expect(failure).toMatchObject({ code: 'CONFIG_CWD_NOT_FOUND' });
    expect(failure?.message).toContain('/var/www/somewhere/else does not exist');
    expect(second).toBeUndefined();
  });

  it('14: has log files in folders that do not exist yet', async () => {
    const app = await json({
      script: './api.js',
      out_file: './logs/x.log',
      error_file: './logs/x.log',
      log_file: 'logs/all.log',
    });
    expect(app?.out_file).toBe(app?.error_file);
    expect(app?.out_file).toMatch(/\/shop\/logs\/x\.log$/);
  });

  it('15: writes watch as a text, and time beside a format', async () => {
    const app = await json({ script: './api.js', watch: 'false', time: true, log_date_format: 'HH' });
    expect(app).toMatchObject({ watch: false, log_date_format: 'YYYY-MM-DDTHH:mm:ss' });
    expect(await json({ script: './api.js', watch: ['src/**/*.js'] })).toMatchObject({
      watch: ['src/**/*.js'],
    });
  });

  it('16: has no name, or one with blanks, dots and other letters, in text with CRLF', async () => {
    const text = 'apps:\r\n  - script: ./api.js\r\n  - { script: ./api.js, name: Mein Geschäft v1.0 }';
    expect(appsOf(await load('a.yaml', text)).map(({ name }) => name)).toEqual(['api', 'Mein Geschäft v1.0']);
  });

  it('16: starts one script twice without names, which needs names here', async () => {
    const [failure] = failuresOf(await load('a.json', '[{"script":"./api.js"},{"script":"./api.js"}]'));
    expect(failure).toMatchObject({ code: 'CONFIG_DUPLICATE_APP', hint: 'set `name` on each' });
  });

  it('5, 13: lies in a folder below, with a cwd above', async () => {
    await using folder = await projectFolder({
      'conf/pm2.config.cjs': "module.exports = { script: 'api.js', cwd: '..' }",
    });
    const [app] = appsOf(await folder.load({ files: ['conf'], jsEvaluatorPath }));
    expect(app).toMatchObject({ cwd: folder.path, script: join(folder.path, 'api.js') });
  });
});
