import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fact } from '../../src/state/model/types.ts';
import { KEY, RolloutRig, version } from './rollout-rig.ts';

const RELOAD = { signal: 'SIGHUP', command: null, timeout: 30_000, on_change: [] };

function asked(rig: RolloutRig): Fact {
  const about = { reason: 'ReloadRequested', detail: 'asked for by ann', at: rig.clock.now() } as const;
  return { kind: 'reload-requested', key: KEY, slots: null, ...about };
}

async function running(instances: number): Promise<RolloutRig> {
  const rig = new RolloutRig();
  await rig.apply(version(1, 'good', { instances, reload: RELOAD }));
  await rig.pass(10_000);
  return rig;
}

const reloadsOf = (rig: RolloutRig): readonly string[] =>
  rig.driver.orders.filter((order) => order.startsWith('reload'));
const noncesOf = (rig: RolloutRig): readonly string[] => rig.live.map(({ nonce }) => nonce);

describe('a reload in the loop', () => {
  it('asks each process once, slot after slot, and keeps them', async () => {
    const rig = await running(3);
    const before = noncesOf(rig);
    await rig.commit(asked(rig));
    expect(reloadsOf(rig)).toEqual(['reload shop/web:0']);
    await rig.pass(20_000);
    expect(reloadsOf(rig)).toEqual(['reload shop/web:0', 'reload shop/web:1', 'reload shop/web:2']);
    expect(noncesOf(rig)).toEqual(before);
    expect(rig.app.lastReload).toMatchObject({ outcome: 'succeeded', failure: null });
    expect(rig.healthy).toBe(true);
  });

  it('stops where a process dies of it, and starts that one again', async () => {
    const rig = await running(2);
    await rig.commit(asked(rig));
    const [first, second] = noncesOf(rig);
    rig.driver.end(first ?? '', { code: 3 });
    await rig.pass(20_000);
    expect(reloadsOf(rig)).toEqual(['reload shop/web:0']);
    expect(noncesOf(rig)).toContain(second);
    expect(noncesOf(rig)).not.toContain(first);
    expect(rig.app.lastReload?.failure?.message).toMatch(/^slot 0 exited with code 3 \S+ after HUP$/);
  });

  it('that is asked for twice at once is one more number, and each process meets the last', async () => {
    const rig = await running(2);
    const before = noncesOf(rig);
    await Promise.all([rig.commit(asked(rig)), rig.commit(asked(rig))]);
    await rig.pass(30_000);
    expect(noncesOf(rig)).toEqual(before);
    expect(rig.live.map(({ reload }) => reload?.count)).toEqual([2, 2]);
    expect(reloadsOf(rig)).toEqual(['reload shop/web:0', 'reload shop/web:1']);
    expect(rig.app).not.toHaveProperty('reload');
  });

  it('that is asked for during a rollout is for the new process that was there, not for old ones, nor later ones', async () => {
    const rig = await running(3);
    const before = noncesOf(rig);
    await rig.apply(version(2, 'good', { instances: 3, reload: RELOAD }));
    expect(rig.live.filter(({ nonce }) => !before.includes(nonce)).map(({ slot }) => slot)).toEqual([0]);
    await rig.commit(asked(rig));
    await rig.pass(120_000);
    const after = noncesOf(rig);
    expect(after).toHaveLength(3);
    expect(after.filter((nonce) => before.includes(nonce))).toEqual([]);
    expect(reloadsOf(rig)).toEqual(['reload shop/web:0']);
    expect(rig.live.flatMap(({ slot, reload }) => (reload === undefined ? [] : [slot]))).toEqual([0]);
    expect(rig.app).not.toHaveProperty('reload');
    expect(rig.healthy).toBe(true);
    expect(rig.errors).toEqual([]);
  });

  it('neither loses nor repeats anything when the controller dies on the way', async () => {
    const step = fc.oneof(fc.integer({ min: 1, max: 3_000 }), fc.constantFrom('die', 'ask'));
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }),
        fc.array(step, { maxLength: 8 }),
        async (instances, steps) => {
          const rig = await running(instances);
          const before = noncesOf(rig);
          let count = 1;
          await rig.commit(asked(rig));
          for (const one of steps) {
            if (one === 'die') await rig.restartController();
            else if (one === 'ask') {
              count++;
              await rig.commit(asked(rig));
            } else await rig.pass(one);
          }
          await rig.pass(30_000);
          expect(noncesOf(rig)).toEqual(before);
          expect(rig.app).not.toHaveProperty('reload');
          expect(rig.live.map(({ reload }) => reload?.count)).toEqual(before.map(() => count));
          const orders = reloadsOf(rig).length;
          expect(orders).toBeLessThanOrEqual(count * instances);
          await rig.restartController();
          await rig.pass(30_000);
          expect(reloadsOf(rig)).toHaveLength(orders);
          expect(rig.errors).toEqual([]);
        },
      ),
      { numRuns: 40 },
    );
  });
});
