import { existsSync } from 'node:fs';
import { expect } from 'vitest';
import { homeLayout } from '../../../src/home/layout.ts';
import { Fleet } from '../harness/fleet.ts';
import { smallHome } from '../harness/small-home.ts';
import { until } from '../harness/until.ts';
import type { Row } from '../row.ts';

export const disks: readonly Row[] = [
  {
    name: 'disk-full',
    faults: [13, 14],
    holds:
      'apps serve on, and can be stopped; an apply is refused and says so; with room again all goes on, and nothing was lost',
    needs: ['mounts'],
    smoke: true,
    async run(world) {
      const disk = await smallHome(world, '8m');
      try {
        const fleet = await Fleet.applied(world);
        const before = await world.pids();
        await fleet.serving(async () => {
          disk.fill();
          fleet.declare({ version: '2' });
          const ran = await world.ends([1], ['apply']);
          expect(ran.stderr).toMatch(/STATE_WRITE/);
          await world.ok('get');
          await world.ok('stop', 'sh');
          expect(world.processes().filter(({ slot }) => slot === 'sh:0')).toEqual([]);
          disk.free();
          await world.ok('start', 'sh');
        });
        const { sh: _, ...others } = await world.pids();
        expect(before).toMatchObject(others);
        await world.ok('apply');
        await world.settled();
        await world.check();
        await world.ok('daemon', 'stop', '--all');
        await until(() => world.daemons().length === 0, 'the daemon has ended');
      } finally {
        world.endProcesses();
        await disk.end();
        world.within = [];
        world.paths = homeLayout(world.home);
      }
      expect(existsSync(world.paths.state)).toBe(false);
      // For what is looked at after every row.
      await world.ok('daemon', 'start');
    },
  },
  {
    name: 'disk-slow',
    faults: [65],
    holds:
      'a write that takes a second holds up a command, and nothing else: what was accepted is carried out, no request fails',
    async run(world) {
      const fleet = await Fleet.applied(world);
      await fleet.serving(async () => {
        for (const at of ['state.written', 'ledger.appended', 'event.append', 'log.write'] as const) {
          world.arm(`${at}:delay=${world.random.between(300, 1_000)}@1`);
          await world.ok('restart', 'sh');
          expect(world.fired, at).toBe(true);
          world.disarm();
        }
      });
      await world.settled();
    },
  },
  {
    name: 'disk-full-and-all-killed',
    faults: [3, 4, 14],
    holds:
      'a runner and a controller that come up on a full disk take over what runs, once, and go on when there is room',
    needs: ['mounts'],
    async run(world) {
      const disk = await smallHome(world, '8m');
      try {
        const fleet = await Fleet.applied(world);
        const before = await world.pids();
        await fleet.serving(async () => {
          disk.fill();
          await Promise.all([world.kill('runner'), world.kill('controller')]);
          await world.run(['daemon', 'start'], { limitMs: 30_000 });
          world.slots.look();
          disk.free();
          await world.ok('daemon', 'start');
          await world.settled();
          expect(await world.pids()).toEqual(before);
        });
        await world.check();
        await world.ok('daemon', 'stop', '--all');
      } finally {
        world.endProcesses();
        await disk.end();
        world.within = [];
        world.paths = homeLayout(world.home);
      }
      await world.ok('daemon', 'start');
    },
  },
];
