import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { isAlive } from '../../support/host.ts';
import { freePort } from '../../support/free-port.ts';
import { Fleet, program } from '../harness/fleet.ts';
import { until } from '../harness/until.ts';
import type { World } from '../harness/world.ts';
import type { Row } from '../row.ts';

async function pidOf(world: World, app: string): Promise<number> {
  const [pid] = (await world.pids())[app] ?? [];
  if (pid === null || pid === undefined) throw new Error(`${app} has no process`);
  return pid;
}

/** An app whose processes are steered by a shell line. */
const shell = (name: string, script: string, extra: object = {}) => ({ name, script, shell: true, ...extra });

export const processes: readonly Row[] = [
  {
    name: 'app-frozen',
    faults: [6],
    holds:
      'a process that is stopped fails its liveness probe, is ended although it cannot act on signals, and replaced',
    async run(world) {
      const port = await freePort();
      const probe = { http: { port }, period: '100ms', timeout: '200ms', failure_threshold: 2 };
      world.declare({
        name: 'web',
        script: program('server.cjs'),
        env: { PORT: String(port) },
        liveness: probe,
        kill_timeout: 500,
        restart_delay: 10,
      });
      await world.ok('apply');
      const before = await pidOf(world, 'web');
      await world.moment(0, 300);
      process.kill(before, 'SIGSTOP');
      await until(async () => (await pidOf(world, 'web').catch(() => before)) !== before, 'it is replaced');
      expect(isAlive(before)).toBe(false);
      await world.settled();
    },
  },
  {
    name: 'app-ignores-signals',
    faults: [8],
    holds:
      'it is killed at kill_timeout, with its group; stop ends with 0, and the exit says that it was killed',
    async run(world) {
      const env = { PORT: '0', MODE: 'stubborn' };
      world.declare({ name: 'stubborn', script: program('server.cjs'), env, kill_timeout: 500 });
      await world.ok('apply');
      const pid = await pidOf(world, 'stubborn');
      const began = performance.now();
      await world.ok('stop', 'stubborn');
      expect(performance.now() - began).toBeGreaterThan(500);
      expect(isAlive(pid)).toBe(false);
      expect((await world.ok('describe', 'stubborn')).stdout).toMatch(/kill/i);
    },
  },
  {
    name: 'fork-bomb',
    faults: [9],
    holds:
      'limits.pids holds it, or a condition says that this host cannot; nobody else notices; stop ends all of it',
    async run(world) {
      const fleet = await Fleet.applied(world);
      await fleet.serving(async () => {
        const bomb =
          'i=0; while [ $i -lt 300 ]; do i=$((i + 1)); sleep 1000 & done 2>/dev/null; exec sleep 1000';
        const limits = { limits: { pids: 30 }, autorestart: false, kill_timeout: 500 };
        fleet.declare({}, shell('bomb', bomb, limits));
        await world.run(['apply', '--timeout', '20s']);
        const isUnlimited = /LimitsUnavailable/.test((await world.ok('why', 'bomb')).stdout);
        const most = isUnlimited ? 300 : 20;
        await until(() => bombs(world) >= most, 'it has forked');
        if (!isUnlimited) expect(bombs(world)).toBeLessThanOrEqual(30);
        world.notes.push(isUnlimited ? 'this host gives no limits: 300 processes' : 'held at 30 processes');
        await world.ok('stop', 'bomb');
        expect(bombs(world)).toBe(0);
        fleet.declare();
        await world.ok('apply');
      });
    },
  },
  {
    name: 'double-fork',
    faults: [10],
    holds: 'what has left its group and its session ends with the instance, before its slot is filled again',
    async run(world) {
      const line = 'setsid setsid sleep 1000 & (sleep 1000 &) ; exec sleep 1000';
      world.declare(shell('forker', line, { kill_timeout: 500, restart_delay: 10 }));
      await world.ok('apply');
      await until(() => world.processes().length === 3, 'it has forked');
      process.kill(await pidOf(world, 'forker'), 'SIGKILL');
      await until(async () => (await world.restarts()) === 1, 'it is started again');
      await until(() => world.processes().length === 3, 'the earlier ones are gone');
      await world.ok('stop', 'forker');
      expect(world.processes()).toEqual([]);
    },
  },
  {
    name: 'grandchild-holds-output',
    faults: [12],
    holds: 'stop does not wait for the end of an output that a process holds which is to be kept',
    async run(world) {
      world.declare(
        shell('holder', 'setsid sleep 1000 & exec sleep 1000', { leftovers: 'keep', kill_timeout: 500 }),
      );
      await world.ok('apply');
      await until(() => world.processes().length === 2, 'it has forked');
      const began = performance.now();
      await world.ok('stop', 'holder');
      expect(performance.now() - began).toBeLessThan(10_000);
      const kept = world.processes();
      expect(kept).toHaveLength(1);
      for (const { pid } of kept) process.kill(pid, 'SIGKILL');
    },
  },
  {
    name: 'apps-killed-at-random',
    faults: [28],
    holds: 'each is started again once, counted once, and says how it ended',
    async run(world) {
      await Fleet.applied(world);
      let kills = 0;
      for (let round = 0; round < 6; round++) {
        await world.moment(150, 500);
        const app = world.random.pick(['web', 'solo', 'sh']);
        const pid = world.random.pick((await world.pids())[app] ?? []);
        if (pid === null) continue;
        process.kill(pid, 'SIGKILL');
        kills += 1;
        await until(
          async () =>
            !Object.values(await world.pids())
              .flat()
              .includes(pid),
          'it is gone',
        );
        await world.settled();
      }
      expect(await world.restarts()).toBe(kills);
      expect((await world.ok('events')).stdout).toMatch(/SIGKILL/);
    },
  },
  {
    name: 'working-folder-removed',
    faults: [35],
    holds:
      'a restart into a folder that is gone fails, says why, and ends no process that serves; all serve on',
    async run(world) {
      const fleet = await Fleet.applied(world);
      world.write('gone/app.sh', 'exec sleep 1000\n');
      fleet.declare({}, { name: 'lost', script: './app.sh', cwd: './gone' });
      await world.ok('apply');
      await fleet.serving(async () => {
        world.remove('gone');
        const before = pidsOf(world, 'lost');
        await world.ends([3], ['restart', 'lost']);
        expect(pidsOf(world, 'lost')).toEqual(before);
        expect(existsSync(join(world.folder, 'gone'))).toBe(false);
        expect((await world.ok('why', 'lost')).stdout).toMatch(/gone/);
      });
      fleet.declare();
      await world.ok('apply');
    },
  },
];

function pidsOf(world: World, app: string): readonly number[] {
  return world.processes().flatMap(({ slot, pid }) => (slot.startsWith(`${app}:`) ? [pid] : []));
}

/** Its processes, the shell among them. */
function bombs(world: World): number {
  return world.processes().filter(({ slot }) => slot.startsWith('bomb:')).length;
}
