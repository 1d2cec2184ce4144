import { describe, expect, it } from 'vitest';
import { stopOrder } from '../../../src/plan/model/stop-order.ts';

const SPEC = { stop_signal: 'SIGQUIT', kill_timeout: 900, treekill: false, shutdown_with_message: true };

describe('how an app is stopped', () => {
  it('says its spec', () => {
    expect(stopOrder(SPEC)).toEqual({
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
    expect(stopOrder(SPEC, pace)).toMatchObject(expected);
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
