import { expect } from 'vitest';
import type { Row } from '../row.ts';
import { Fleet } from '../harness/fleet.ts';
import type { World } from '../harness/world.ts';

const TIMES = 20;
/** What is promised, and what a host takes that is at work otherwise. */
const BACK_WITHIN_MS = 5_000;

/** The same processes, none started again, and nothing to do. */
async function assertUntouched(world: World, before: Record<string, (number | null)[]>): Promise<void> {
  await world.settled();
  expect(await world.pids()).toEqual(before);
  expect(await world.restarts()).toBe(0);
  expect((await world.ok('apply')).text).toMatch(/\b0 processes touched/);
}

export const kills: readonly Row[] = [
  {
    name: 'controller-killed-20-times',
    faults: [1, 29],
    holds: 'same processes, no restart, no failed request, the API back each time',
    smoke: true,
    async run(world) {
      const fleet = await Fleet.applied(world);
      const before = await world.pids();
      await fleet.serving(async () => {
        for (let time = 0; time < world.times(TIMES); time++) {
          await world.moment(0, 250);
          const pid = await world.kill('controller');
          await world.next('controller', pid);
        }
        const began = performance.now();
        await world.ok('get');
        expect(performance.now() - began).toBeLessThan(BACK_WITHIN_MS);
      });
      await assertUntouched(world, before);
    },
  },
  {
    name: 'runner-killed',
    faults: [3, 11, 29],
    holds:
      'same processes, no failed request, another runner has them with their sockets; the next rollout fails none',
    smoke: true,
    async run(world) {
      const fleet = await Fleet.applied(world);
      const before = await world.pids();
      await fleet.serving(async () => {
        for (let time = 0; time < world.times(3); time++) {
          await world.moment(0, 400);
          const pid = await world.kill('runner');
          await world.next('runner', pid);
        }
        await assertUntouched(world, before);
        await world.ok('reload', 'web');
      });
      expect((await world.pids())['web']).not.toEqual(before['web']);
    },
  },
  {
    name: 'both-killed',
    faults: [4],
    holds: 'no request fails; with daemon start the same processes are there',
    smoke: true,
    async run(world) {
      const fleet = await Fleet.applied(world);
      const before = await world.pids();
      await fleet.serving(async () => {
        for (let time = 0; time < world.times(3); time++) {
          await world.moment(0, 200);
          await Promise.all([world.kill('runner'), world.kill('controller')]);
          await world.ok('daemon', 'start');
        }
        await assertUntouched(world, before);
      });
    },
  },
  {
    name: 'killed-in-any-order',
    faults: [1, 3, 4],
    holds: 'whichever of the two is killed, and whenever: same processes, no failed request',
    async run(world) {
      const fleet = await Fleet.applied(world);
      const before = await world.pids();
      await fleet.serving(async () => {
        for (let time = 0; time < TIMES; time++) {
          await world.moment(0, 300);
          const which = world.random.pick(['controller', 'runner'] as const);
          // Killed one soon after the other, neither may be there to start the other again.
          if (world.pidOf(which) === null) await world.ok('daemon', 'start');
          await world.kill(which);
        }
        await world.ok('daemon', 'start');
        await assertUntouched(world, before);
      });
    },
  },
];
