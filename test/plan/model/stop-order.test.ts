import { describe, expect, it } from 'vitest';
import { stopOrder } from '../../../src/plan/model/stop-order.ts';
import { specOf } from '../../spec/support/context.ts';

const SPEC = specOf({
  stop_signal: 'QUIT',
  kill_timeout: 900,
  treekill: false,
  shutdown_with_message: true,
});
const APP = { project: 'shop', spec: SPEC };

describe('how an app is stopped', () => {
  it('says its spec', () => {
    expect(stopOrder(APP)).toEqual({
      signal: 'SIGQUIT',
      tree: false,
      graceMs: 900,
      drainMs: 900,
      message: true,
    });
  });

  it.each([
    ['orderly', { drainMs: 900, graceMs: 900 }],
    ['at-once', { drainMs: 0, graceMs: 900 }],
    ['kill', { drainMs: 0, graceMs: 0 }],
  ] as const)('takes as long as the pace %s allows', (pace, expected) => {
    expect(stopOrder(APP, pace)).toMatchObject(expected);
  });

  it.each(['orderly', 'at-once'] as const)('runs the command that ends it first, as %s', (pace) => {
    const spec = specOf({ shutdown: { command: ['pg_ctl', 'stop'], timeout: '20s' } });
    const app = { project: 'shop', spec };
    expect(stopOrder(app, pace).shutdown).toEqual({ command: ['pg_ctl', 'stop'], timeoutMs: 20_000, app });
  });

  it('runs no command for what is to be killed', () => {
    const spec = specOf({ shutdown: { command: ['pg_ctl', 'stop'] } });
    expect(stopOrder({ project: 'shop', spec }, 'kill')).not.toHaveProperty('shutdown');
  });

  it('say the defaults of the ecosystem file where no spec is known', () => {
    expect(stopOrder()).toMatchObject({
      ...{ signal: 'SIGINT', tree: true },
      graceMs: 5_000,
      drainMs: 5_000,
      message: false,
    });
  });
});
