import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { procProcesses } from '../../../src/runner/processes/proc-processes.ts';
import { isAlive } from '../../support/host.ts';
import { Canary } from '../harness/watch/canary.ts';
import { Fleet, program } from '../harness/fleet.ts';
import { descriptorsOf } from '../harness/watch/memory.ts';
import { until } from '../harness/until.ts';
import type { World } from '../harness/world.ts';
import type { Row } from '../row.ts';

const DIST = fileURLToPath(new URL('../../../dist', import.meta.url));
const HOUR_MS = 3_600_000;

/** Ends everything as a loss of power does. */
async function losePower(world: World): Promise<void> {
  const all = [...world.daemons(), ...world.processes()];
  for (const { pid } of all) process.kill(pid, 'SIGKILL');
  await until(() => all.every(({ pid }) => !isAlive(pid)), 'all have ended');
}

/** Starts a daemon whose wall clock a file sets: the runner, which starts a controller of its kind when one is lost. */
function startWithClock(world: World, offset: string): void {
  const flags = ['--require', program('clock.cjs')];
  const out = openSync(join(world.folder, 'clock.log'), 'a');
  const env = { ...process.env, ...world.env, STATEWARD_HOME: world.home, STATEWARD_TEST_CLOCK: offset };
  const programs = [
    [...flags, join(DIST, 'runner.cjs'), world.home, ...flags],
    [...flags, join(DIST, 'daemon.cjs'), world.home],
  ];
  for (const args of programs) {
    spawn(process.execPath, args, {
      detached: true,
      stdio: ['ignore', out, out],
      cwd: world.home,
      env,
    }).unref();
  }
  closeSync(out);
}

/** Sets the most descriptors that a process may have open from now on. */
function limitFiles(pid: number, most: number | 'unlimited'): void {
  const limit = most === 'unlimited' ? '4096:' : `${most}:`;
  const { status, stderr } = spawnSync('prlimit', ['--pid', String(pid), `--nofile=${limit}`], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`prlimit: ${stderr}`);
}

export const host: readonly Row[] = [
  {
    name: 'host-restarted',
    faults: [22],
    holds:
      'no recorded pid is trusted, whoever has it now; what is desired starts in the order of dependencies; it counts as no restart',
    needs: ['mounts'],
    smoke: true,
    async run(world) {
      const log = (name: string) => `echo ${name} >> ${join(world.folder, 'order')}; exec sleep 1000`;
      world.declare(
        { name: 'api', script: log('api'), shell: true, depends_on: { db: 'ready' } },
        { name: 'db', script: log('db'), shell: true },
      );
      await world.ok('apply');
      const [pid] = (await world.pids())['db'] ?? [];
      await losePower(world);
      const stranger = await Canary.start();
      try {
        // Its pid and its start time are those of the record, as they can be after a boot.
        const startTime = procProcesses().stat(stranger.pid)?.startTime ?? '';
        const text = readFileSync(world.paths.ledger, 'utf8');
        const recorded = new RegExp(`"pid":${pid},"startTime":"\\d+"`);
        expect(text).toMatch(recorded);
        writeFileSync(
          world.paths.ledger,
          text.replace(recorded, `"pid":${stranger.pid},"startTime":"${startTime}"`),
        );
        writeFileSync(join(world.folder, 'order'), '');
        const bootId = world.write('boot-id', '00000000-0000-4000-8000-000000000000\n');
        const mount = `mount --bind '${bootId}' /proc/sys/kernel/random/boot_id && exec "$@"`;
        world.within = ['unshare', '-m', 'sh', '-c', mount, 'sh'];
        await world.ok('daemon', 'start');
        world.within = [];
        await world.settled();
        expect(world.text('order')).toBe('db\napi\n');
        expect(await world.restarts()).toBe(0);
        expect(stranger.complaints).toEqual([]);
        expect((await world.ok('events')).stdout).toMatch(/host/i);
      } finally {
        world.within = [];
        await stranger.end();
      }
    },
  },
  {
    name: 'clock-set',
    faults: [23],
    holds:
      'max_restarts and back-off hold when the clock is set an hour back or a day forward; apps that work are not touched',
    async run(world) {
      const offset = world.write('offset', '0');
      world.declare({ name: 'steady', script: 'sleep 1000' });
      mkdirSync(world.home, { mode: 0o700 });
      startWithClock(world, offset);
      await until(async () => (await world.run(['get'])).code === 0, 'the daemon answers');
      await world.ok('apply');
      const before = await world.pids();
      for (const byMs of [-HOUR_MS, 24 * HOUR_MS]) {
        world.declare(
          { name: 'steady', script: 'sleep 1000' },
          { name: 'crash', script: 'exit 1', shell: true, max_restarts: 4, restart_delay: 200 },
        );
        await world.run(['apply', '--no-wait']);
        await world.moment(100, 500);
        writeFileSync(offset, String(byMs));
        await until(async () => {
          const { items } = await world.apps();
          return items.find(({ name }) => name === 'crash')?.status.health === 'Failed';
        }, 'it is given up');
        const { items } = await world.apps();
        expect(items.find(({ name }) => name === 'crash')?.status.instances[0]?.restarts).toBe(4);
        world.declare({ name: 'steady', script: 'sleep 1000' });
        await world.ok('apply');
        writeFileSync(offset, '0');
      }
      expect(await world.pids()).toEqual(before);
      await world.settled();
    },
  },
  ...(['runner', 'controller'] as const).map((which): Row => ({
    name: `${which}-out-of-descriptors`,
    faults: [27],
    holds:
      'apps serve on; what cannot be done says why; when there are descriptors again, it goes on by itself',
    needs: ['prlimit'],
    async run(world) {
      const fleet = await Fleet.applied(world);
      const before = await world.pids();
      const pid = world.pidOf(which) ?? 0;
      await fleet.serving(async () => {
        limitFiles(pid, descriptorsOf(pid) + world.random.between(0, 3));
        const ran = await world.run(['restart', 'sh', '--timeout', '5s'], { limitMs: 30_000 });
        expect(ran.code, ran.text).not.toBeNull();
        await world.moment(500, 1_500);
        expect(world.pidOf(which)).toBe(pid);
        limitFiles(pid, 'unlimited');
        await until(async () => (await world.run(['get'])).code === 0, 'the daemon answers again');
        // Who cannot be started is tried again every 30 s.
        await world.settled(60_000);
        await world.ok('restart', 'sh');
      });
      const { sh: _, ...others } = await world.pids();
      expect(before).toMatchObject(others);
    },
  })),
  {
    name: 'no-more-processes',
    faults: [27],
    holds: 'a start that the system refuses (EAGAIN) says so and is tried again; apps serve on',
    needs: ['pidsCgroup'],
    async run(world) {
      const fleet = await Fleet.applied(world);
      const group = `/sys/fs/cgroup/pids/stw-chaos-${process.pid}`;
      mkdirSync(group);
      try {
        await fleet.serving(async () => {
          writeFileSync(join(group, 'cgroup.procs'), String(world.pidOf('runner')));
          const threads = readFileSync(join(group, 'pids.current'), 'utf8').trim();
          writeFileSync(join(group, 'pids.max'), threads);
          await world.run(['restart', 'sh', '--timeout', '3s']);
          await until(async () => /EAGAIN/.test((await world.run(['why', 'sh'])).stdout), 'why says EAGAIN');
          writeFileSync(join(group, 'pids.max'), 'max');
          // Who cannot be started is tried again every 30 s.
          await world.settled(60_000);
        });
      } finally {
        world.endProcesses();
        await until(() => readFileSync(join(group, 'cgroup.procs'), 'utf8') === '', 'the group is empty');
        rmdirSync(group);
      }
      await world.ok('daemon', 'start');
    },
  },
  {
    name: 'runner-frozen',
    faults: [7],
    holds: 'apps serve on; commands end in time and say the truth; when it goes on, all is as before',
    async run(world) {
      const fleet = await Fleet.applied(world);
      const before = await world.pids();
      await fleet.serving(async () => {
        const pid = await world.kill('runner', 'SIGSTOP');
        const ran = await world.run(['restart', 'sh', '--timeout', '3s'], { limitMs: 40_000 });
        expect(ran.code, ran.text).not.toBe(0);
        await world.moment(0, 1_000);
        process.kill(pid, 'SIGCONT');
        await world.settled();
        await world.ok('restart', 'sh');
      });
      const { sh: _, ...others } = await world.pids();
      expect(before).toMatchObject(others);
    },
  },
  {
    name: 'controller-frozen',
    faults: [7],
    holds: 'apps serve on; commands end in time; when it goes on, all is as before',
    async run(world) {
      const fleet = await Fleet.applied(world);
      const before = await world.pids();
      await fleet.serving(async () => {
        const pid = await world.kill('controller', 'SIGSTOP');
        const ran = await world.run(['get'], { limitMs: 90_000 });
        expect(ran.code, ran.text).toBe(69);
        process.kill(pid, 'SIGCONT');
        await world.settled();
      });
      expect(await world.pids()).toEqual(before);
    },
  },
];
