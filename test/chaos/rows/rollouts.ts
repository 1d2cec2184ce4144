import { once } from 'node:events';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { freePort } from '../../support/free-port.ts';
import { Fleet, program } from '../harness/fleet.ts';
import { until } from '../harness/until.ts';
import type { World } from '../harness/world.ts';
import type { Row } from '../row.ts';

const ROLLOUT_FAILED = 3;
const ROUNDS = 4;

/** A new version of `web` that does not come up: the old one serves all the time, and the command says so. */
async function failedRollout(world: World, mode: string, extra: object = {}): Promise<void> {
  const port = await freePort();
  world.slots.surging.add('web');
  const declare = (version: string, MODE: string): void =>
    world.declare({
      name: 'web',
      script: program('server.cjs'),
      exec_mode: 'cluster',
      instances: 2,
      env: { PORT: String(port), VERSION: version, MODE },
      readiness: { http: { port }, period: '100ms' },
      ...extra,
    });
  declare('1', 'ok');
  await world.ok('apply');
  const before = await world.pids();
  const fleet = new Fleet(world, { web: port });
  await fleet.serving(async () => {
    declare('2', mode);
    const ran = await world.ends([ROLLOUT_FAILED], ['apply']);
    expect(ran.stderr).toMatch(/ROLLOUT_FAILED/);
  });
  await world.settled();
  expect(await world.pids()).toEqual(before);
  const answer = await fetch(`http://127.0.0.1:${port}/`);
  expect(await answer.text()).toMatch(/^1 /);
}

export const rollouts: readonly Row[] = [
  {
    name: 'new-build-crashes',
    faults: [49],
    holds: 'the old processes serve on, apply ends with 3',
    smoke: true,
    run: (world) => failedRollout(world, 'crash'),
  },
  {
    name: 'new-build-never-ready',
    faults: [48],
    holds: 'the old processes serve on, apply ends with 3 after listen_timeout',
    smoke: true,
    // The version before has to be ready within it too, on a busy host.
    run: (world) => failedRollout(world, 'never', { listen_timeout: '5s' }),
  },
  {
    name: 'new-build-flaps',
    faults: [49],
    holds: 'a version that dies soon after it was ready does not replace the old one; apply ends with 3',
    run: (world) => failedRollout(world, 'late', { min_uptime: '1s', rollout: { min_ready: '1s' } }),
  },
  {
    name: 'reload-under-load-and-kills',
    faults: [2, 3, 50],
    holds:
      'no request to the shared port fails while it is reloaded again and again and both processes are killed at random',
    async run(world) {
      const fleet = await Fleet.applied(world);
      await new Fleet(world, { web: fleet.port('web') }).serving(async () => {
        for (let round = 0; round < ROUNDS; round++) {
          const reload = world.begin('reload', 'web');
          const ended = once(reload, 'exit');
          await world.moment(0, 1_000);
          await world.kill(world.random.pick(['controller', 'runner'] as const));
          await ended;
          await world.ok('daemon', 'start');
          await world.settled();
        }
      });
    },
  },
  {
    name: 'controller-killed-mid-apply',
    faults: [2],
    holds: 'apply ends with what is true, and what was accepted is carried out',
    smoke: true,
    async run(world) {
      const fleet = await Fleet.applied(world);
      for (let round = 2; round < 2 + world.times(ROUNDS); round++) {
        fleet.declare({ version: String(round) });
        const apply = world.run(['apply']);
        await world.moment(0, 1_200);
        await world.kill('controller');
        const { code, text } = await apply;
        // 69: it was not accepted, or nobody could be asked how it went; never a 0 before it is done.
        expect([0, 69], text).toContain(code);
        if (code === 69) await world.ok('apply');
        await world.settled();
        for (const port of fleet.ports) {
          const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } });
          expect(await answer.text()).toMatch(new RegExp(`^${round} `));
        }
        expect((await world.ok('apply')).text).toMatch(/\b0 processes touched/);
      }
    },
  },
  {
    name: 'command-killed-mid-apply',
    faults: [51],
    holds: 'what the daemon has accepted is carried out whole; else nothing of it is',
    async run(world) {
      const fleet = await Fleet.applied(world);
      for (let round = 2; round < 2 + ROUNDS; round++) {
        fleet.declare({ version: String(round) });
        const apply = world.begin('apply');
        const ended = once(apply, 'exit');
        await world.moment(50, 1_000);
        apply.kill(world.random.pick(['SIGKILL', 'SIGINT', 'SIGTERM', 'SIGHUP'] as const));
        await ended;
        await world.settled();
        const versions = await Promise.all(
          fleet.ports.map(async (port) => {
            const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } });
            return (await answer.text()).split(' ')[0];
          }),
        );
        expect(new Set(versions).size, versions.join()).toBe(1);
        await world.ok('apply');
      }
    },
  },
  {
    name: 'declaration-half-written',
    faults: [37],
    holds:
      'a file that is cut off is refused with 65, whenever it is read, and nothing is touched; a file that is swapped is read whole',
    async run(world) {
      const fleet = await Fleet.applied(world);
      const before = await world.pids();
      const whole = world.text('ecosystem.yaml');
      for (let round = 0; round < 5; round++) {
        // In the middle of a word that must be whole: `script: /…`.
        const cut = whole.lastIndexOf('script:') + world.random.between(1, 5);
        world.write('ecosystem.yaml', whole.slice(0, cut));
        await world.ends([65], ['apply']);
      }
      world.write('ecosystem.yaml', '');
      expect((await world.run(['apply'])).code).not.toBe(0);
      let swaps = 0;
      const timer = setInterval(() => {
        world.write('next.yaml', `${whole}# ${++swaps}\n`);
        renameSync(join(world.folder, 'next.yaml'), join(world.folder, 'ecosystem.yaml'));
      }, 1);
      try {
        for (let round = 0; round < 5; round++) await world.ok('apply');
      } finally {
        clearInterval(timer);
      }
      await until(() => swaps > 5, 'the file was swapped');
      expect(await world.pids()).toEqual(before);
      expect(fleet.ports.length).toBeGreaterThan(1);
    },
  },
];
