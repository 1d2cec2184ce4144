import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'vitest';
import { procProcesses } from '../../../src/runner/processes/proc-processes.ts';
import { Canary } from '../harness/watch/canary.ts';
import { Fleet, program } from '../harness/fleet.ts';
import { until } from '../harness/until.ts';
import type { World } from '../harness/world.ts';
import type { Row } from '../row.ts';

const COMMANDS = 20;

/** One controller and one runner; one that came too late may still be loading, and finds that out. */
async function oneDaemon(world: World): Promise<void> {
  await until(() => world.daemons().length === 2, 'there is one daemon');
}

export const races: readonly Row[] = [
  {
    name: 'first-commands-race',
    faults: [19],
    holds: '20 first commands at once: one daemon, every command ends with 0 and in time, one process a slot',
    smoke: true,
    async run(world) {
      world.declare({ name: 'a', script: 'sleep 1000' }, { name: 'b', script: 'sleep 1000' });
      const commands = [['apply'], ['daemon', 'start']];
      const all = Array.from({ length: COMMANDS }, (_, index) => commands[index % 2] ?? []);
      await Promise.all(all.map((args) => world.ends([0], args)));
      await world.settled();
      await oneDaemon(world);
      expect(world.processes()).toHaveLength(2);
    },
  },
  {
    name: 'stale-sockets-and-locks',
    faults: [20],
    holds:
      'what processes that were killed have left behind is taken over: sockets, locks with pids of strangers',
    async run(world) {
      const fleet = await Fleet.applied(world);
      const before = await world.pids();
      await fleet.serving(async () => {
        for (let round = 0; round < 3; round++) {
          await Promise.all([world.kill('controller'), world.kill('runner')]);
          // The locks of the dead name a process that lives, as after a reused pid.
          for (const lock of [world.paths.controllerLock, world.paths.runnerLock]) {
            writeFileSync(lock, `${world.canary.pid}\n`);
          }
          await world.ok('daemon', 'start');
          expect(await world.pids()).toEqual(before);
        }
      });
    },
  },
  {
    name: 'sockets-removed',
    faults: [20],
    holds:
      'sockets that are removed or replaced under a running daemon are made again; commands work within seconds',
    async run(world) {
      const fleet = await Fleet.applied(world);
      const before = await world.pids();
      const { apiSocket, runnerSocket, agentSocket } = world.paths;
      await fleet.serving(async () => {
        for (const path of [apiSocket, runnerSocket, agentSocket]) {
          rmSync(path);
          await until(async () => (await world.run(['get'])).code === 0, `${path} is made again`);
          await world.ok('restart', 'sh');
        }
        for (const path of [apiSocket, runnerSocket]) {
          // In one go: it is made again as soon as it is gone.
          renameSync(world.write('plain', 'not a socket'), path);
          await until(async () => (await world.run(['get'])).code === 0, `${path} is made again`);
          await world.kill('controller');
          await until(async () => (await world.run(['get'])).code === 0, 'the next controller is there');
        }
        await world.settled();
        const { sh: _, ...others } = await world.pids();
        expect(others).toEqual(Object.fromEntries(Object.entries(before).filter(([name]) => name !== 'sh')));
      });
    },
  },
  {
    name: 'run-folder-removed',
    faults: [17, 20],
    holds:
      'with all of run/ gone the daemon makes it again; no second one comes up, no slot is filled twice, no request fails',
    async run(world) {
      const fleet = await Fleet.applied(world);
      const before = await world.pids();
      await fleet.serving(async () => {
        await world.moment(0, 300);
        // In one go: what is removed bit by bit is made again meanwhile.
        renameSync(world.paths.run, join(world.folder, 'gone'));
        world.remove('gone');
        await world.run(['daemon', 'start']);
        await until(async () => (await world.run(['get'])).code === 0, 'the daemon answers');
        await world.settled();
        await oneDaemon(world);
        expect(await world.pids()).toEqual(before);
        await world.ok('restart', 'sh');
        await world.ok('reload', 'web');
      });
    },
  },
  {
    name: 'pid-reused',
    faults: [21],
    holds:
      'a record with the pid of a stranger that leads its group: no signal to it; the slot is not filled twice',
    smoke: true,
    async run(world) {
      world.declare({ name: 'a', script: 'sleep 1000' }, { name: 'b', script: 'sleep 1000' });
      await world.ok('apply');
      const [pid] = (await world.pids())['a'] ?? [];
      const stranger = await Canary.start();
      try {
        await Promise.all([world.kill('controller'), world.kill('runner')]);
        process.kill(pid ?? 0, 'SIGKILL');
        const ledger = readFileSync(world.paths.ledger, 'utf8');
        // Twice: with a start time that is not the stranger's, and with its own, as if the clock of the kernel had been coarse.
        const startTime = procProcesses().stat(stranger.pid)?.startTime ?? '';
        const recorded = new RegExp(`"pid":${pid},"startTime":"(\\d+)"`);
        expect(ledger).toMatch(recorded);
        writeFileSync(world.paths.ledger, ledger.replace(recorded, `"pid":${stranger.pid},"startTime":"$1"`));
        await world.ok('daemon', 'start');
        await world.settled();
        expect(stranger.complaints).toEqual([]);
        const [second] = (await world.pids())['a'] ?? [];
        await Promise.all([world.kill('controller'), world.kill('runner')]);
        process.kill(second ?? 0, 'SIGKILL');
        const again = new RegExp(`"pid":${second},"startTime":"\\d+"`);
        const taken = `"pid":${stranger.pid},"startTime":"${startTime}"`;
        writeFileSync(world.paths.ledger, readFileSync(world.paths.ledger, 'utf8').replace(again, taken));
        await world.ok('daemon', 'start');
        expect((await world.ok('why', 'a')).stdout).toMatch(/proven/);
        await world.run(['restart', 'a', '--timeout', '2s']);
        await world.ends([1], ['daemon', 'stop', '--all']);
        expect(stranger.complaints).toEqual([]);
      } finally {
        await stranger.end();
      }
      await world.ok('daemon', 'start');
      await world.settled();
    },
  },
  {
    name: 'pid-reused-by-the-kernel',
    faults: [21],
    holds:
      'a bystander that the kernel gives the very pid of an app that has ended: no signal to it, and the app is started anew',
    needs: ['pids'],
    async run(world) {
      world.declare({ name: 'a', script: 'sleep 1000' });
      const args = ['--pid', '--fork', '--mount-proc', 'sh', '-c', '"$@" & wait $!', 'sh'];
      const inside = spawn(
        'unshare',
        [...args, process.execPath, program('pid-reuse.cjs'), world.bin, world.folder],
        {
          env: { ...process.env, ...world.env, STATEWARD_HOME: world.home },
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      const said = JSON.parse(await text(inside.stdout)) as Record<
        'wanted' | 'pid' | 'end' | 'after',
        number | null
      >;
      expect(said.pid).toBe(said.wanted);
      expect(said.end).toBeNull();
      expect(said.after).not.toBe(said.wanted);
      await world.ok('apply');
    },
  },
  {
    name: 'daemon-started-and-stopped-in-a-race',
    faults: [19],
    holds:
      'start, stop and apply at the same time: no command hangs, and one daemon or none is there; apps run on',
    async run(world) {
      const fleet = await Fleet.applied(world);
      const before = await world.pids();
      await fleet.serving(async () => {
        for (let round = 0; round < 5; round++) {
          const commands = Array.from({ length: 6 }, () =>
            world.random.pick([['daemon', 'stop'], ['daemon', 'start'], ['get']]),
          );
          await Promise.all(commands.map((args) => world.ends([0, 1, 69], args)));
        }
        await world.ok('daemon', 'start');
      });
      expect(await world.pids()).toEqual(before);
      await oneDaemon(world);
    },
  },
  {
    name: 'port-taken-by-a-stranger',
    faults: [47],
    holds: 'the app says who has the port; the stranger is left alone; others serve on',
    async run(world) {
      const fleet = await Fleet.applied(world);
      const stranger = spawn('sleep', ['1000'], { stdio: 'ignore', detached: true });
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : 0;
      try {
        await fleet.serving(async () => {
          fleet.declare(
            {},
            {
              name: 'late',
              script: program('server.cjs'),
              exec_mode: 'cluster',
              env: { PORT: String(port) },
              min_uptime: '3s',
              max_restarts: 1,
            },
          );
          const ran = await world.ends([1, 3, 4], ['apply', '--timeout', '15s']);
          expect(ran.text).toMatch(new RegExp(`${port}|EADDRINUSE`));
        });
        expect(server.listening).toBe(true);
        expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
      } finally {
        server.close();
        stranger.kill('SIGKILL');
      }
      fleet.declare();
      await world.ok('apply');
    },
  },
];
