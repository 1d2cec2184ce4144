import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { userProblem } from '../../src/config/apps/host/users.ts';
import { createInputs } from '../../src/config/inputs/inputs.ts';
import type { HostChecks } from '../../src/config/apps/load-apps.ts';
import type { Failure } from '../../src/lib/failure.ts';
import { appsOf, failuresOf, projectFolder, warningsOf, type Loaded } from './support/project-folder.ts';

type Files = Readonly<Record<string, string>>;

async function failures(app: object, more: Files = {}): Promise<readonly Failure[]> {
  await using folder = await projectFolder({ 'ecosystem.json': JSON.stringify([app]), ...more });
  return failuresOf(await folder.load());
}

async function hint(script: string, more: Files, app: object = {}): Promise<string | undefined> {
  const [failure, ...others] = await failures({ script, ...app }, more);
  expect(failure).toMatchObject({ code: 'CONFIG_SCRIPT_NOT_FOUND' });
  expect(others).toEqual([]);
  return failure?.hint;
}

const BUILDS = { 'package.json': '{"scripts":{"build":"tsc","start":"node ."}}' };

describe('an interpreter that is not on PATH', () => {
  it.each(['tsx', 'babel-node'])('may be installed beside the file: %s', async (interpreter) => {
    const app = { interpreter };
    expect(await hint('./api.js', { [`node_modules/.bin/${interpreter}`]: '' }, app)).toBe(
      `write \`interpreter: ./node_modules/.bin/${interpreter}\``,
    );
    expect(await hint('./api.js', {}, app)).toBe('install it, or set `interpreter`');
  });
});

describe('a script that is not there', () => {
  it.each([
    './dist/server.js',
    'build/index.js',
    '.next/standalone/server.js',
    './bin/api',
    'packages/api/dist/x.js',
  ])('%s may have to be built', async (script) => {
    expect(await hint(script, { ...BUILDS, 'packages/api/x': '' })).toMatch(
      /^is it built\? .*\/shop\/package\.json has a script build: npm run build$/,
    );
  });

  it('is built by the package that is next to it', async () => {
    const more = { ...BUILDS, 'packages/api/package.json': '{"scripts":{"compile":"x"}}' };
    expect(await hint('packages/api/dist/x.js', more)).toContain(
      'packages/api/package.json has a script compile',
    );
  });

  it('may be called otherwise, and so may its folder', async () => {
    const more = { ...BUILDS, 'src/server.js': '', 'dist/main.js': '', 'jobs.ts': '' };
    expect(await hint('./src/sever.js', more)).toMatch(/^did you mean .*\/src\/server\.js\?$/);
    expect(await hint('./scr/server.js', more)).toMatch(/^did you mean .*\/src\/server\.js\?$/);
    expect(await hint('dist/mian.js', more)).toMatch(/^did you mean .*\/dist\/main\.js\?$/);
    expect(await hint('ap.js', more)).toMatch(/^did you mean .*\/api\.js\?$/);
    expect(await hint('./jobs.js', more)).toMatch(/^did you mean .*\/jobs\.ts\?$/);
  });

  it('may have to be installed', async () => {
    expect(await hint('./node_modules/.bin/next', BUILDS)).toMatch(
      /^is it installed\? cd .*\/shop && npm install$/,
    );
  });

  it('may be where the folder really is, when that was reached over a link', async () => {
    const text = (script: string, more = '') => `apps: [{ name: a, script: ${script}${more} }]`;
    await using folder = await projectFolder({
      'shared/run.js': '',
      'shared/.env': 'A=1',
      'releases/42/ecosystem.yaml': text('../../shared/run.js'),
      'releases/43/ecosystem.yaml': text('run.js', ', cwd: ../../shared'),
      'releases/44/ecosystem.yaml': text('../../api.js', ', env_file: ../../shared/.env'),
      'releases/44/api.js': '',
      'releases/45/ecosystem.yaml': text('../../api.js'),
    });
    await mkdir(join(folder.path, 'live/at'), { recursive: true });
    for (const [release, meant] of [
      ['42', 'shared/run.js'],
      ['43', 'shared'],
      ['44', 'shared/.env'],
      ['45', 'api.js'],
    ] as const) {
      const link = join(folder.path, 'live/at', release);
      await symlink(join(folder.path, 'releases', release), link);
      const file = join(link, 'ecosystem.yaml');
      const [failure] = failuresOf(await folder.load({ files: [file] }));
      expect(failure?.hint).toBe(
        `${join(folder.path, meant)} exists, but a path starts at ${link}, and not at where that link leads: write the whole path`,
      );
    }
  });

  it("may be PM2's own file server", async () => {
    expect(await hint('pm2-serve', BUILDS)).toContain('serve: { path: DIR');
  });

  it('is not a riddle of ours where nothing is known', async () => {
    expect(await hint('./nothing-like-it.js', {})).toBeUndefined();
  });
});

describe('what this host lacks', () => {
  const app = {
    script: './dist/a.js',
    interpreter: './venv/bin/python',
    uid: 'no-such-user-here',
    env_file: '.env.nope',
  };
  const gone = { script: './api.js', name: 'gone', cwd: '/nowhere/at/all', gid: 'no-such-group-here' };

  async function load(hostChecks: HostChecks): Promise<Loaded> {
    await using folder = await projectFolder({ 'ecosystem.json': JSON.stringify([app, gone]) });
    return await folder.load({ hostChecks });
  }

  function lacking(loaded: Loaded): readonly Failure[] {
    return warningsOf(loaded).filter(({ code }) => code !== 'CONFIG_DIFFERS_FROM_PM2');
  }

  it('is refused', async () => {
    const codes = failuresOf(await load('refuse')).map(({ code }) => code);
    expect(codes).toEqual(
      expect.arrayContaining(['CONFIG_NOT_FOUND', 'CONFIG_CWD_NOT_FOUND', 'CONFIG_BAD_VALUE']),
    );
  });

  it('is a warning where it is only looked at, with all that apply would refuse', async () => {
    const loaded = await load('warn');
    expect(appsOf(loaded)).toMatchObject([{ name: 'a', uid: 'no-such-user-here' }, { name: 'gone' }]);
    expect(lacking(loaded).map(({ message }) => message)).toEqual([
      expect.stringContaining('cannot read the env file'),
      expect.stringContaining('has no user "no-such-user-here"'),
      expect.stringMatching(/script .*a\.js does not exist/),
      expect.stringMatching(/interpreter .*python does not exist/),
      expect.stringContaining('has no group "no-such-group-here"'),
      expect.stringContaining('/nowhere/at/all does not exist'),
    ]);
  });

  it('is not looked at where that is asked for', async () => {
    expect(lacking(await load('skip'))).toEqual([]);
  });
});

describe('the user of an app', () => {
  it.each([
    [{ uid: 'root', gid: null }, 0, null],
    [{ uid: 0, gid: null }, 0, null],
    [{ uid: 'nosuch', gid: null }, 0, 'uid'],
    [{ uid: null, gid: 'nosuch' }, 0, 'gid'],
    [{ uid: 987654, gid: null }, 0, 'uid'],
    [{ uid: 987654, gid: 987654 }, 0, null],
    [{ uid: 'root', gid: null }, 1234, 'uid'],
    [{ uid: 1234, gid: 1234 }, 1234, null],
    [{ uid: null, gid: null }, 1234, null],
  ])('%j for %d has its problem in %j', (request, uid, field) => {
    const { read } = createInputs({ environment: {}, cpus: 1 });
    expect(userProblem(request, { read }, { uid })?.field ?? null).toBe(field);
  });
});

describe('a program of a command that is not there', () => {
  const of = (program: string): object => ({
    script: './api.js',
    env: { PATH: '/usr/bin:/bin' },
    hooks: { pre_start: { command: [program] } },
    reload: { command: [program, '-s', 'reload'] },
    shutdown: { command: [program] },
    liveness: { exec: { command: [program] } },
  });
  const places = ['hooks.pre_start', 'liveness.exec', 'reload', 'shutdown'];
  const at = (what: string): readonly string[] =>
    places.map((place) => `[0].${place}.command[0] (app "api"): the program ${what}`);

  it.each([
    ['no-such-program', at('no-such-program is not on PATH')],
    ['./no/such/file', at('./no/such/file does not exist')],
    ['sh', []],
    ['./tool', []],
  ])('is told, and no error, at each place: %s', async (program, expected) => {
    const files = { 'ecosystem.json': JSON.stringify([of(program)]), 'api.js': '', tool: '' };
    await using folder = await projectFolder(files);
    const loaded = await folder.load();
    const told = warningsOf(loaded).filter(({ code }) => code === 'CONFIG_COMMAND_NOT_FOUND');
    expect(told.map(({ message }) => message).sort()).toEqual(expected);
    expect(told.every(({ position }) => position?.line === 1)).toBe(true);
  });
});
