import { describe, expect, it } from 'vitest';
import { plan } from '../../src/plan/plan.ts';
import { accept, makeApp, makeInstance, NOW, observe } from './fixtures.ts';

function planAfter(forMs: number, fields: { readonly instances?: number; readonly isDue?: boolean } = {}) {
  const { instances = 1, isDue = true } = fields;
  const app = makeApp('api', { spec: { listen_timeout: 30_000, instances } });
  const lacking = makeInstance(app, {
    probedReady: false,
    notReady: { forMs, because: 'readiness probe: answered 503', isDue },
  });
  const ready = Array.from({ length: instances - 1 }, (_, index) =>
    makeInstance(app, { slot: index + 1, nonce: `ready-${index}`, probedReady: true }),
  );
  const planned = plan([app], observe({ instances: [lacking, ...ready], accepted: [accept(app)] }), NOW);
  return { ...planned, assessed: planned.health[0], hold: planned.holds[0] };
}

describe('an instance that is not ready', () => {
  it('is waited for until listen_timeout, and looked at again then', () => {
    const { assessed, hold, requeueAfterMs } = planAfter(12_000);
    expect(assessed?.health).toBe('Progressing');
    expect(hold).toMatchObject({ reason: 'NotReady', until: NOW + 18_000 });
    expect(hold?.message).toBe('not ready for 12s, deadline in 18s: readiness probe: answered 503');
    expect(requeueAfterMs).toBe(18_000);
  });

  it('is a failure after that: of the whole app, or of a part when others serve', () => {
    expect(planAfter(30_000).assessed).toMatchObject({ health: 'Failed', converged: false });
    const { assessed, actions } = planAfter(30_000, { instances: 2 });
    expect(assessed?.health).toBe('Degraded');
    expect(assessed?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Progressing', status: 'False', reason: 'NotReady' }),
    );
    expect(actions).toEqual([]);
  });

  it('has no deadline while its startup probe has not succeeded', () => {
    expect(planAfter(90_000, { isDue: false }).assessed?.health).toBe('Progressing');
  });
});
