import { expect, it } from 'vitest';
import { withHooks } from '../../../src/plan/hooks/lifecycle.ts';
import type { Action } from '../../../src/plan/model/actions.ts';
import { stopOrder } from '../../../src/plan/model/stop-order.ts';
import { makeApp, makeInstance } from '../fixtures.ts';

it('runs the hook of a process where that process runs, with its ports, by the command that is declared now', () => {
  const hooks = { pre_stop: { command: ['new'], timeout: 1_000 } };
  const old = makeApp('api', { spec: { cwd: '/releases/1', env: { V: '1' } }, revision: 1 });
  const { spec, templateHash, revision } = old;
  const previous = { spec, templateHash, revision, restartGeneration: 0, slotRestarts: {} };
  const app = {
    ...makeApp('api', { spec: { cwd: '/releases/2', env: { V: '2' }, hooks }, revision: 2 }),
    rollout: { previous, startedAt: 0, paused: null },
  };
  const instance = { ...makeInstance(old), ports: { http: 20_001 } };
  const { key, slot, nonce } = instance;
  const stop: Action = {
    ...{ kind: 'stop', key, slot, nonce, revision: 2, reason: 'TemplateChanged' },
    how: stopOrder(app, 'orderly'),
  };
  const [hook] = withHooks([stop], { app, instances: [instance], hooks: [], records: [] });
  expect(hook).toMatchObject({
    kind: 'hook',
    app: { revision: 1, spec: { cwd: '/releases/1', env: { V: '1' }, hooks } },
    facts: { pid: instance.pid, ports: { http: 20_001 } },
  });
});
