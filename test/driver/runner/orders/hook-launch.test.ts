import { expect, it } from 'vitest';
import type { HookOrder } from '../../../../src/driver/driver.ts';
import { hookSpec } from '../../../../src/driver/runner/orders/hook-launch.ts';
import { makeApp } from '../../../plan/fixtures.ts';

const CONTEXT = {
  ...{ baseEnv: { PATH: '/bin' }, logsDir: '/logs', agentPath: '/agent', servePath: '/serve' },
  ...{ terminalPath: '/terminal', findNode: () => '/node' },
};

function launch({ run, ...order }: Partial<Omit<HookOrder, 'run'>> & { run?: Partial<HookOrder['run']> }) {
  const app = makeApp('api', {
    spec: {
      hooks: { pre_start: { command: ['npm', 'run', 'migrate'], timeout: 1_000 } },
      ports: [
        { name: 'http', port: 'auto', host: null, env: null, shared: null },
        { name: 'admin', port: 9_000, host: null, env: null, shared: null },
      ],
      env: { DATABASE: 'postgres://db' },
      nice: 5,
    },
  });
  const whole = {
    ...{ nonce: 'n1', app, facts: { pid: null }, ...order },
    run: { name: 'pre_start', of: '1', slot: null, reason: 'NewRelease', ...run } as const,
  };
  return hookSpec(whole, CONTEXT);
}

it('gives a hook the environment of the process that it is about, its ports and limits too, and says which hook it is', () => {
  const about = { run: { slot: 2 }, facts: { pid: 42 }, ports: { http: 20_007 } };
  expect(launch(about)).toMatchObject({
    ...{ file: 'npm', args: ['run', 'migrate'], cwd: '/srv', tuning: { nice: 5 } },
    env: {
      ...{ PATH: '/bin', DATABASE: 'postgres://db', PORT: '20007', PORT_HTTP: '20007', PORT_ADMIN: '9002' },
      ...{ NODE_APP_INSTANCE: '2', STATEWARD_SLOT: '2', STATEWARD_HOOK: 'pre_start', STATEWARD_PID: '42' },
    },
  });
});

it('tells a hook of the whole app the ports of slot 0, and of no slot', () => {
  const env = launch({ ports: { http: 20_007 } })?.env;
  expect(env).toMatchObject({ PORT: '20007', PORT_ADMIN: '9000', STATEWARD_APP: 'api' });
  expect(env).not.toHaveProperty('STATEWARD_SLOT');
  expect(env).not.toHaveProperty('NODE_APP_INSTANCE');
});

it('says nothing of a port that is not chosen yet', () => {
  expect(launch({})?.env).not.toHaveProperty('PORT');
});
