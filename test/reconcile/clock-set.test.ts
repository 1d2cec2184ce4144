import fc from 'fast-check';
import { expect, it } from 'vitest';
import { makeApp } from '../plan/fixtures.ts';
import { loopRig } from './rig.ts';

const HOUR_MS = 60 * 60_000;
const UP_MS = 100;

interface Jump {
  /** The clock is set when so many starts have been made. */
  readonly after: number;
  readonly byMs: number;
}

/** How often an app whose processes all end after 100 ms is started, and what becomes of it. */
async function crashes(jumps: readonly Jump[]) {
  const rig = loopRig();
  const spec = { min_uptime: 1_000, max_restarts: 5 };
  const startedAt = rig.clock.now();
  const app = { ...makeApp('api', { spec }), rollout: { previous: null, startedAt, paused: null } };
  const starts = (): number => rig.driver.orders.filter((order) => order.startsWith('start')).length;
  rig.loop.start();
  await rig.apply(app);
  const left = [...jumps];
  for (let round = 0; round < 300 && rig.loop.status.health(app.key)?.health !== 'Failed'; round++) {
    for (const jump of left.filter(({ after }) => after <= starts())) {
      rig.clock.jump(jump.byMs);
      left.splice(left.indexOf(jump), 1);
    }
    await rig.pass(UP_MS);
    for (const { nonce, upMs } of rig.driver.live(app.key)) {
      if (upMs >= UP_MS) rig.driver.end(nonce, { code: 1 });
    }
    await rig.settle();
  }
  await rig.loop.close();
  return { starts: starts(), tookMs: rig.clock.monotonic(), health: rig.loop.status.health(app.key)?.health };
}

it.each([-HOUR_MS, HOUR_MS, -24 * HOUR_MS])(
  'max_restarts counts on when the clock is set by %d ms',
  async (byMs) => {
    const usual = await crashes([]);
    expect(usual).toMatchObject({ starts: 6, health: 'Failed' });
    expect(await crashes([{ after: 3, byMs }])).toEqual(usual);
  },
);

it('is never started more often, nor sooner, however often the clock is set', async () => {
  const usual = await crashes([]);
  const jump = fc.record({
    after: fc.integer({ min: 1, max: 6 }),
    byMs: fc.integer({ min: -48 * HOUR_MS, max: 48 * HOUR_MS }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(jump, { maxLength: 4 }), async (jumps) => {
      const { starts, tookMs } = await crashes(jumps);
      expect(starts).toBeLessThanOrEqual(usual.starts);
      // Less than a second is drift, which the clock is allowed.
      expect(tookMs).toBeGreaterThanOrEqual(usual.tookMs - 1_000 * jumps.length);
    }),
    { numRuns: 30 },
  );
});
