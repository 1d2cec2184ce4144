import { readdirSync } from 'node:fs';
import { request } from 'node:http';
import { expect } from 'vitest';
import { descriptorsOf, memoryOf } from '../harness/watch/memory.ts';
import { until } from '../harness/until.ts';
import type { World } from '../harness/world.ts';
import type { Row } from '../row.ts';

const CYCLES = 200;
const WARM_UP = 30;
const MB = 1024 * 1024;

interface Footprint {
  readonly controllerFiles: number;
  readonly runnerFiles: number;
  readonly fifos: number;
  readonly temporary: number;
  readonly processes: number;
}

function footprint(world: World): Footprint {
  const { paths } = world;
  return {
    controllerFiles: descriptorsOf(world.pidOf('controller') ?? 0),
    runnerFiles: descriptorsOf(world.pidOf('runner') ?? 0),
    fifos: readdirSync(paths.fifos).length,
    temporary: readdirSync(paths.home, { recursive: true, encoding: 'utf8' }).filter((path) =>
      /\.tmp/.test(path),
    ).length,
    processes: world.processes().length,
  };
}

const memory = (world: World): number =>
  memoryOf(world.pidOf('controller') ?? 0) + memoryOf(world.pidOf('runner') ?? 0);

/** Has the app restarted, by the API: a command a cycle would take most of the time. */
function restart(world: World): Promise<number> {
  return new Promise((resolve, reject) => {
    const body = JSON.stringify({ verb: 'restart', selectors: ['cycled'], by: 'chaos', command: 'chaos' });
    const asked = request(
      {
        socketPath: world.paths.apiSocket,
        path: '/v1/verbs',
        method: 'POST',
        agent: false,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      },
      (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0));
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

export const leaks: readonly Row[] = [
  {
    name: 'nothing-grows-in-200-cycles',
    faults: [62],
    holds:
      'after 200 restarts: as many descriptors, FIFOs, processes and temporary files as before, and no more memory',
    async run(world) {
      world.declare(
        { name: 'cycled', script: 'sleep 1000', min_uptime: 1, kill_timeout: 500 },
        { name: 'steady', script: 'sleep 1000' },
      );
      await world.ok('apply');
      const cycle = async (): Promise<void> => {
        const before = world.processes().find(({ slot }) => slot === 'cycled:0')?.nonce;
        expect(await restart(world)).toBe(200);
        await until(() => {
          const now = world.processes().filter(({ slot }) => slot === 'cycled:0');
          return now.length === 1 && now[0]?.nonce !== before;
        }, 'it was restarted');
      };
      for (let count = 0; count < WARM_UP; count++) await cycle();
      await world.settled();
      const [before, memoryBefore] = [footprint(world), memory(world)];
      for (let count = 0; count < CYCLES; count++) await cycle();
      await world.settled();
      // A few FIFOs are made ahead of need, so their number goes up and down.
      const isAsBefore = (): boolean => {
        const after = footprint(world);
        return (
          Math.abs(after.controllerFiles - before.controllerFiles) <= 3 &&
          Math.abs(after.runnerFiles - before.runnerFiles) <= 3 &&
          after.fifos - before.fifos <= 48 &&
          after.temporary <= before.temporary &&
          after.processes === before.processes
        );
      };
      await until(isAsBefore, `as before: ${JSON.stringify(before)}`, 10_000).catch((error: unknown) => {
        throw new Error(`${String(error)}, and not ${JSON.stringify(footprint(world))}`);
      });
      const grown = (memory(world) - memoryBefore) / MB;
      const { controllerFiles, runnerFiles, fifos } = footprint(world);
      world.notes.push(
        `descriptors ${controllerFiles} and ${runnerFiles}, FIFOs ${fifos}, memory ${grown >= 0 ? '+' : ''}${grown.toFixed(1)} MB`,
      );
      expect(grown).toBeLessThan(20);
    },
  },
  {
    name: 'nothing-grows-in-200-crashes',
    faults: [62],
    holds: 'after 200 crashes of an app: as many descriptors, processes and temporary files as before',
    async run(world) {
      world.declare(
        { name: 'crashed', script: 'sleep 1000', min_uptime: 1, restart_delay: 1 },
        { name: 'steady', script: 'sleep 1000' },
      );
      await world.ok('apply');
      const crash = async (): Promise<void> => {
        const victim = await until(
          () => world.processes().find(({ slot }) => slot === 'crashed:0'),
          'there is a process to kill',
        );
        process.kill(victim.pid, 'SIGKILL');
        await until(() => {
          const now = world.processes().filter(({ slot }) => slot === 'crashed:0');
          return now.length === 1 && now[0]?.pid !== victim.pid;
        }, 'it is started again');
      };
      for (let count = 0; count < WARM_UP; count++) await crash();
      await world.settled();
      const before = footprint(world);
      for (let count = 0; count < CYCLES; count++) await crash();
      await world.settled();
      const after = footprint(world);
      expect(
        Math.abs(after.runnerFiles - before.runnerFiles),
        JSON.stringify({ before, after }),
      ).toBeLessThanOrEqual(3);
      expect(Math.abs(after.controllerFiles - before.controllerFiles)).toBeLessThanOrEqual(3);
      expect(after.processes).toBe(before.processes);
      expect(after.temporary).toBeLessThanOrEqual(before.temporary);
      expect(await world.restarts()).toBe(WARM_UP + CYCLES);
    },
  },
];
