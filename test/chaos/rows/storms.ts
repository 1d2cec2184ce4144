import { expect } from 'vitest';
import { ApiTimes } from '../harness/watch/api-times.ts';
import { Fleet } from '../harness/fleet.ts';
import { until } from '../harness/until.ts';
import type { Row } from '../row.ts';

const CRASHING = 100;
/** How long the storm is looked at. */
const STORM_MS = 8_000;

export const storms: readonly Row[] = [
  {
    name: 'crash-loops-of-100-apps',
    faults: [30],
    holds: 'healthy apps serve on; the API answers; each is started less and less often',
    async run(world) {
      const fleet = await Fleet.applied(world);
      const before = await world.pids();
      await fleet.serving(async () => {
        const crashing = Array.from({ length: CRASHING }, (_, index) => ({
          name: `crash${index}`,
          script: 'sleep 0.05; exit 1',
          shell: true,
        }));
        fleet.declare({}, ...crashing);
        await world.ok('apply', '--no-wait');
        const times = new ApiTimes(world.paths.apiSocket);
        const runner = world.pidOf('runner');
        await new Promise((resolve) => setTimeout(resolve, STORM_MS));
        const early = await world.restarts();
        await until(async () => (await world.restarts()) > early, 'they go on');
        const p99 = await times.p99();
        world.notes.push(`API p99 ${Math.round(p99)} ms, ${early} restarts in ${STORM_MS / 1000} s`);
        expect(p99).toBeLessThan(2_000);
        expect(world.pidOf('runner')).toBe(runner);
        // With back-off from 100 ms, doubling and jittered, none has been started more often than this.
        expect(early).toBeLessThan(CRASHING * 20);
        fleet.declare();
        await world.ok('apply', '--allow-wipe');
      });
      expect(await world.pids()).toEqual(before);
    },
  },
];
