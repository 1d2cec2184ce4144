import { beforeAll, describe, expect, it } from 'vitest';
import { bundle } from '../support/bundle.ts';
import {
  appsOf,
  failuresOf,
  projectFolder,
  warningsOf,
  type ProjectFolder,
} from './support/project-folder.ts';

let jsEvaluatorPath: string;
beforeAll(async () => {
  jsEvaluatorPath = await bundle('src/config/evaluate/main.ts');
});

const SHELL = {
  HOME: '/home/me',
  PATH: process.env['PATH'],
  USER: 'me',
  DATABASE_URL: 'postgres://db',
  SHLVL: '2',
  PWD: '/somewhere',
  OLDPWD: '/',
  _: '/usr/bin/node',
  SSH_CONNECTION: '1 2',
  TERM: 'xterm',
  XDG_SESSION_ID: '7',
};

function javascript(env: string): Promise<ProjectFolder> {
  return projectFolder(
    { 'ecosystem.config.js': `module.exports = { apps: [{ script: './api.js', ${env} }] };` },
    { jsEvaluatorPath },
  );
}

describe('the whole environment of a command in a file', () => {
  it('is taken without what belongs to the session, and with a warning', async () => {
    await using folder = await javascript('env: { ...process.env, PWD: "/mine", X: 1 }');
    const loaded = await folder.load({ environment: SHELL });
    expect(appsOf(loaded)[0]?.env).toEqual({
      HOME: '/home/me',
      PATH: SHELL.PATH,
      USER: 'me',
      DATABASE_URL: 'postgres://db',
      PWD: '/mine',
      X: '1',
    });
    const warnings = warningsOf(loaded);
    expect(warnings).toMatchObject([{ code: 'CONFIG_WHOLE_ENVIRONMENT' }]);
    expect(warnings[0]?.hint).toContain('inherit_env: [DATABASE_URL]');
    const other = { ...SHELL, SHLVL: '3', PWD: '/else', _: '/bin/x', SSH_CONNECTION: '3 4', TERM: 'dumb' };
    expect(appsOf(await folder.load({ environment: other }))).toEqual(appsOf(loaded));
  });

  it('is noticed in env_<name>, and where some of it is left out', async () => {
    await using folder = await javascript('env_production: (({ PWD, SHLVL, ...rest }) => rest)(process.env)');
    const loaded = await folder.load({ environment: SHELL, env: 'production' });
    expect(warningsOf(loaded)).toMatchObject([{ code: 'CONFIG_WHOLE_ENVIRONMENT' }]);
    expect(appsOf(loaded)[0]?.env).not.toHaveProperty('TERM');
  });

  it('is none where single variables are named', async () => {
    await using folder = await javascript('env: { TERM: process.env.TERM, HOME: process.env.HOME }');
    const loaded = await folder.load({ environment: SHELL });
    expect(appsOf(loaded)[0]?.env).toEqual({ TERM: 'xterm', HOME: '/home/me' });
    expect(warningsOf(loaded)).toEqual([]);
  });

  it('is not looked for in YAML, which can only name variables', async () => {
    await using folder = await projectFolder({
      'ecosystem.yaml': 'apps: [{ script: ./api.js, env: { PWD: "${PWD}", SHLVL: "${SHLVL}", A: b } }]',
    });
    const loaded = await folder.load({ environment: SHELL });
    expect(appsOf(loaded)[0]?.env).toEqual({ PWD: '/somewhere', SHLVL: '2', A: 'b' });
  });
});

describe('a session variable in inherit_env', () => {
  it('is taken, as it is asked for, with a warning', async () => {
    await using folder = await projectFolder({
      'ecosystem.yaml': 'apps: [{ script: ./api.js, inherit_env: [SSH_CONNECTION, DATABASE_URL] }]',
    });
    const loaded = await folder.load({ environment: SHELL });
    expect(appsOf(loaded)[0]?.env).toEqual({ SSH_CONNECTION: '1 2', DATABASE_URL: 'postgres://db' });
    expect(warningsOf(loaded)).toMatchObject([
      { code: 'CONFIG_SESSION_VARIABLE', message: expect.stringContaining('SSH_CONNECTION') as string },
    ]);
  });
});

describe('env_file of a file of PM2', () => {
  const file = '{"apps": [{"script": "./api.js", "env_file": ".env"}]}';

  it('is said to be read here, where PM2 ignored it', async () => {
    await using folder = await projectFolder({ 'ecosystem.json': file, '.env': 'A=1' });
    const loaded = await folder.load();
    expect(appsOf(loaded)[0]?.env).toEqual({ A: '1' });
    expect(warningsOf(loaded)).toMatchObject([
      { code: 'CONFIG_DIFFERS_FROM_PM2', message: expect.stringContaining('dotenv') as string },
    ]);
  });

  it('is an error that says so where it is missing', async () => {
    await using folder = await projectFolder({ 'ecosystem.json': file });
    expect(failuresOf(await folder.load())).toMatchObject([
      { code: 'CONFIG_NOT_FOUND', hint: expect.stringContaining('PM2 ignores') as string },
    ]);
  });

  it('is nothing to be said of in a file of ours', async () => {
    await using folder = await projectFolder({
      'ecosystem.yaml': 'apps: [{ script: ./api.js, env_file: .env }]',
      '.env': 'A=1',
    });
    expect(warningsOf(await folder.load())).toEqual([]);
  });
});
