import { describe, expect, it } from 'vitest';
import { launchSpec, type LaunchContext } from '../../../../src/driver/runner/orders/launch.ts';
import type { AppSpec } from '../../../../src/spec/types.ts';
import { makeApp } from '../../../plan/fixtures.ts';

const CONTEXT: LaunchContext = {
  baseEnv: { PATH: '/bin', HOME: '/home/me' },
  logsDir: '/logs',
  agentPath: '/dist/agent.cjs',
  servePath: '/dist/serve.cjs',
  terminalPath: '/opt/stateward/terminal.pl',
  findNode: (path) => `${path ?? ''}/node`,
};

function launch(spec: Partial<AppSpec>, slot = 0) {
  return launchSpec({ app: makeApp('api', { spec }), slot, nonce: 'n1', code: undefined }, CONTEXT);
}

describe('the command line of an instance', () => {
  it('runs a Node script with the node of its PATH, its own flags, the agent, and its arguments in that order', () => {
    const { file, args } = launch({ interpreter_args: ['--inspect'], args: ['--port', '1'] });
    expect(file).toBe('/bin/node');
    expect(args).toEqual(['--inspect', '--require', '/dist/agent.cjs', '/srv/api.js', '--port', '1']);
  });

  it('takes the PATH of the app where the app sets one', () => {
    expect(launch({ env: { PATH: '/opt' } }).file).toBe('/opt/node');
  });

  it('leaves the agent out where the app says so and where it is not Node', () => {
    expect(launch({ agent: false }).args).toEqual(['/srv/api.js']);
    expect(launch({ interpreter: '/venv/bin/python3', script: '/srv/a.py' })).toMatchObject({
      file: '/venv/bin/python3',
      args: ['/srv/a.py'],
    });
  });

  it('runs a program itself without an interpreter', () => {
    expect(launch({ interpreter: 'none', script: 'sleep', args: ['9'] })).toMatchObject({
      file: 'sleep',
      args: ['9'],
    });
  });

  it('gives a shell line to a shell, and its arguments as parameters, never as text of the line', () => {
    const { file, args } = launch({
      interpreter: 'none',
      shell: true,
      script: 'echo "$1"',
      args: ['a; rm -rf b'],
    });
    expect(file).toBe('/bin/sh');
    expect(args).toEqual(['-c', 'echo "$1"', 'api', 'a; rm -rf b']);
  });

  it('gives a shell line to the shell of the spec, with its arguments', () => {
    expect(
      launch({ interpreter: '/bin/bash', interpreter_args: ['-e'], shell: true, script: 'a && b' }),
    ).toMatchObject({ file: '/bin/bash', args: ['-e', '-c', 'a && b', 'api'] });
  });
});

describe('the listen sockets of an instance', () => {
  it('are shared in cluster mode, where there is an agent to ask for them', () => {
    expect(launch({ exec_mode: 'cluster' })).toMatchObject({ ipc: true, shared: true });
    expect(launch({ exec_mode: 'cluster', agent: false })).not.toHaveProperty('shared');
    expect(launch({ exec_mode: 'fork' })).not.toHaveProperty('shared');
  });
});

describe('the end of an instance', () => {
  it('takes along what it has left behind, unless its app keeps that', () => {
    expect(launch({ kill_timeout: 900 }).leftovers).toEqual({ mode: 'end', graceMs: 900 });
    expect(launch({ leftovers: 'keep' }).leftovers?.mode).toBe('keep');
  });
});

describe('the limits of an instance', () => {
  it('are those of the spec; without any nothing is said of them', () => {
    expect(launch({ limits: { memory: 1e9, cpu: null, pids: 64 } }).limits).toEqual({
      memoryBytes: 1e9,
      cpus: null,
      pids: 64,
    });
    expect(launch({ limits: null })).not.toHaveProperty('limits');
  });
});

describe('the environment of an instance', () => {
  it('is the base, what the app declares, and what we inject; declared values win over the base', () => {
    expect(launch({ env: { HOME: '/srv', LEVEL: 'info' } }, 2).env).toEqual({
      PATH: '/bin',
      HOME: '/srv',
      LEVEL: 'info',
      NODE_APP_INSTANCE: '2',
      STATEWARD_PROJECT: 'shop',
      STATEWARD_APP: 'api',
      STATEWARD_SLOT: '2',
    });
  });

  it('names the slot as instance_var says, and adds it to increment_var', () => {
    const { env } = launch({ instance_var: 'IDX', increment_var: 'PORT', env: { PORT: '3000' } }, 2);
    expect(env).toMatchObject({ IDX: '2', PORT: '3002' });
    expect(env).not.toHaveProperty('NODE_APP_INSTANCE');
  });

  it('leaves an increment_var alone that is not a number, and does not invent one', () => {
    expect(launch({ increment_var: 'PORT', env: { PORT: 'auto' } }, 2).env.PORT).toBe('auto');
    expect(launch({ increment_var: 'PORT' }, 2).env).not.toHaveProperty('PORT');
  });

  it('has Python write its output at once, unless the app decides otherwise', () => {
    const python = { interpreter: 'python3', script: '/srv/a.py' };
    expect(launch(python).env.PYTHONUNBUFFERED).toBe('1');
    expect(launch({ ...python, env: { PYTHONUNBUFFERED: '' } }).env.PYTHONUNBUFFERED).toBe('');
  });
});

describe('the log files of an instance', () => {
  it('are PM2-like below the home, with the slot unless they are merged', () => {
    expect(launch({}, 1).logs).toMatchObject({
      outFile: '/logs/shop/api-out-1.log',
      errorFile: '/logs/shop/api-error-1.log',
      combinedFile: null,
    });
    expect(launch({ merge_logs: true }, 1).logs.outFile).toBe('/logs/shop/api-out.log');
  });

  it('are where the app says, with the slot before the extension', () => {
    const logs = { out_file: '/var/log/a.log', error_file: '/dev/null', log_file: '/var/log/all' };
    expect(launch(logs, 3).logs).toMatchObject({
      outFile: '/var/log/a-3.log',
      errorFile: null,
      combinedFile: '/var/log/all-3',
    });
  });

  it('are none with disable_logs', () => {
    expect(launch({ disable_logs: true, log_file: '/x' }).logs).toMatchObject({
      outFile: null,
      errorFile: null,
      combinedFile: null,
    });
  });
});
