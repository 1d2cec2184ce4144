// Keys as PM2's users write them: which of them count, which do not, and what is said.
import { describe, expect, it } from 'vitest';
import { otherName } from '../../src/config/shape/other-names.ts';
import { APP_FIELDS } from '../../src/spec/generated/fields.ts';
import { appsOf, failuresOf, projectFolder, warningsOf, type Loaded } from './support/project-folder.ts';

async function load(text: string): Promise<Loaded> {
  await using folder = await projectFolder({ 'ecosystem.yaml': text });
  return await folder.load();
}

async function app(fields: string): Promise<Loaded> {
  return load(`apps:\n  - script: ./api.js\n${fields.replace(/^/gm, '    ')}\n`);
}

describe('beside the apps', () => {
  it('settings of an app have no effect, as with PM2, and that is said once', async () => {
    const loaded = await load(
      'apps: [{script: ./api.js}]\nwatch: true\ncwd: /\nmaxRestarts: 3\nenv_file: x\n',
    );
    expect(appsOf(loaded)).toMatchObject([{ watch: false, env: {}, max_restarts: null }]);
    expect(warningsOf(loaded)).toMatchObject([
      {
        code: 'CONFIG_NO_EFFECT',
        position: { line: 2, column: 1 },
        details: ['also cwd, maxRestarts, env_file'],
      },
    ]);
    expect(warningsOf(loaded)[0]?.message).toContain('it belongs into each app');
  });

  it('a name is not a name of a project, and that is said', async () => {
    expect(warningsOf(await load('name: shop\napps: [{script: ./api.js}]'))[0]?.hint).toContain('`project:`');
  });

  it('anything else may stand, as PM2 lets it pass', async () => {
    const loaded = await load('apps: [{script: ./api.js}]\nmaintainer: me\nnotes: [1]\n');
    expect(warningsOf(loaded)).toMatchObject([
      { code: 'CONFIG_NO_EFFECT', position: { line: 2, column: 1 }, details: ['also notes'] },
    ]);
  });

  it.each(['projct', 'project_name', 'aps', 'deply'])('%s is a mistake all the same', async (key) => {
    const list = failuresOf(await load(`apps: [{script: ./api.js}]\n${key}: x\n`));
    expect(list).toMatchObject([{ code: 'CONFIG_UNKNOWN_KEY', position: { line: 2 } }]);
  });
});

describe('one setting under two names', () => {
  it.each([
    ['node_args: --a\ninterpreter_args: --b', 'interpreter_args', 'node_args', { interpreter_args: ['--a'] }],
    ['interpreter_args: --b\nnode_args: --a', 'interpreter_args', 'node_args', { interpreter_args: ['--a'] }],
    ['interpreter: node\nexec_interpreter: bash', 'interpreter', 'exec_interpreter', { interpreter: 'bash' }],
    ['out: a.log\nout_file: /b.log', 'out', 'out_file', { out_file: '/b.log' }],
    ['maxRestarts: 1\nmax_restarts: 2', 'maxRestarts', 'max_restarts', { max_restarts: 2 }],
  ])('%j: one wins, and the other is named', async (fields, loser, winner, expected) => {
    const loaded = await app(fields);
    expect(appsOf(loaded)).toMatchObject([expected]);
    const [warning, ...more] = warningsOf(loaded);
    expect(warning?.message).toContain(`.${loser} (app "api"): has no effect: ${winner} is the same setting`);
    expect(warning?.position?.line).toBe(fields.startsWith(loser) ? 3 : 4);
    expect(more).toEqual([]);
  });

  it('is nothing to speak of where both say the same', async () => {
    expect(warningsOf(await app('out: a\nout_file: a'))).toEqual([]);
  });
});

describe('a name that is not quite right', () => {
  it('is taken where PM2 users know no other', async () => {
    const loaded = await app('exponential_backoff_restart_delay: 100');
    expect(appsOf(loaded)).toMatchObject([{ exp_backoff_restart_delay: 100 }]);
  });

  it.each([
    ['working_directory', 'cwd'],
    ['workingDir', 'cwd'],
    ['replicas', 'instances'],
    ['memory_limit', 'max_memory_restart'],
    ['max-memory-restart', 'max_memory_restart'],
    ['group', 'gid'],
    ['mode', 'exec_mode'],
    ['depends', 'depends_on'],
    ['stdout_logfile', 'out_file'],
    ['restart', 'autorestart'],
    ['stopwaitsecs', 'kill_timeout'],
    ['auto_restart', 'autorestart'],
    ['instnces', 'instances'],
  ])('%s is answered with %s', async (key, meant) => {
    const [failure] = failuresOf(await app(`${key}: x`));
    expect(failure).toMatchObject({ code: 'CONFIG_UNKNOWN_KEY', hint: `did you mean ${meant}?` });
  });

  it('is answered only with settings that there are', () => {
    const names = [
      'cwd',
      'dir',
      'group',
      'replicas',
      'rotate',
      'input',
      'tz',
      'after',
      'debounce',
      'ready_timeout',
    ];
    for (const name of names) {
      const meant = otherName(name);
      if (meant !== undefined) expect(APP_FIELDS).toHaveProperty(meant);
    }
  });
});

describe('a switch without a meaning here', () => {
  it('is nothing to speak of when it is off', async () => {
    const off = ['pmx', 'vizion', 'automation', 'trace', 'v8', 'source_map_support', 'force', 'filter_env'];
    expect(warningsOf(await app(off.map((key) => `${key}: false`).join('\n')))).toEqual([]);
    expect(warningsOf(await app('disable_trace: true\nwindowsHide: true'))).toEqual([]);
    expect(warningsOf(await app('pmx: true'))).toMatchObject([{ code: 'CONFIG_NO_EFFECT' }]);
  });
});
