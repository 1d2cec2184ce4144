import { once } from 'node:events';
import { expect } from 'vitest';
import type { Row } from '../row.ts';
import { Fleet } from '../harness/fleet.ts';
import { until } from '../harness/until.ts';
import type { World } from '../harness/world.ts';

const TIMES = 20;
/** What is promised, and what a host takes that is at work otherwise. */
const BACK_WITHIN_MS = 5_000;

/** Whether the API gives what `get` shows. */
async function answers(world: World): Promise<boolean> {
  try {
    await world.daemon();
    await world.apps();
    return true;
  } catch {
    return false;
  }
}

/** The same processes, none started again, and nothing to do. */
async function assertUntouched(world: World, before: Record<string, (number | null)[]>): Promise<void> {
  await world.settled();
  expect(await world.pids()).toEqual(before);
  expect(await world.restarts()).toBe(0);
  expect((await world.ok('apply')).text).toMatch(/\b0 processes touched/);
}

const UPGRADES = 4;

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
        // Not with a command: how long that takes to start is not what is measured.
        await until(() => answers(world), 'the API is back');
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
  {
    name: 'upgrade-in-the-middle',
    faults: [3, 50, 63],
    holds:
      'no request fails while the daemon is upgraded again and again, in reloads, and with either process killed',
    async run(world) {
      const fleet = await Fleet.applied(world);
      const before = await world.pids();
      await fleet.serving(async () => {
        for (let time = 0; time < UPGRADES; time++) {
          const upgrade = world.run(['daemon', 'upgrade', '--force']);
          await world.moment(0, 800);
          const which = world.random.pick(['controller', 'runner', null] as const);
          if (which !== null && world.pidOf(which) !== null) await world.kill(which);
          const { code, text } = await upgrade;
          // Where nobody was killed it has to work; else it says whether it did.
          expect(which === null ? [0] : [0, 1, 69], text).toContain(code);
          await world.ok('daemon', 'start');
          await world.settled();
          expect(await world.pids()).toEqual(before);
        }
        const reload = world.ok('reload', 'web');
        await world.moment(0, 800);
        await world.ends([0], ['daemon', 'upgrade', '--force']);
        await reload;
        await world.settled();
      });
    },
  },
  {
    name: 'run-in-the-foreground',
    faults: [1, 3, 64],
    holds:
      'stateward run goes on when its controller or its runner is killed, no request fails, and SIGTERM ends it and every app with 0',
    async run(world) {
      const fleet = await Fleet.declared(world);
      const run = world.begin('run');
      const ended = once(run, 'exit');
      run.stdout.resume();
      run.stderr.resume();
      await world.settled();
      const before = await world.pids();
      await fleet.serving(async () => {
        for (const which of ['controller', 'runner', 'controller'] as const) {
          await world.moment(0, 500);
          const pid = await world.kill(which);
          await world.next(which, pid);
        }
        await world.settled();
      });
      expect(await world.pids()).toEqual(before);
      run.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
      await until(() => world.processes().length === 0, 'every app has ended');
      await world.ok('daemon', 'start');
    },
  },
];
