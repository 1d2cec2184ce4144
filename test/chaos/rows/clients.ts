import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect } from 'vitest';
import { ApiTimes } from '../harness/watch/api-times.ts';
import { Fleet } from '../harness/fleet.ts';
import { memoryOf } from '../harness/watch/memory.ts';
import { until } from '../harness/until.ts';
import type { World } from '../harness/world.ts';
import type { Row } from '../row.ts';

const MB = 1024 * 1024;
const NOBODY = 65_534;

/** Writes `text` to a socket, and waits until that was answered, refused, or nothing has come of it for a while. */
async function say(path: string, text: string | Buffer, waitMs = 300): Promise<void> {
  const socket = connect(path);
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.end(text);
  socket.resume();
  await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, waitMs))]);
  socket.destroy();
}

/** What a client that is broken, or hostile, may send. */
function frames({ random }: World): readonly (string | Buffer)[] {
  const post = (body: string, headers = '') =>
    `POST /v1/apply HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n${headers}\r\n${body}`;
  return [
    random.bytes(random.between(1, 4_096)),
    'GET / HTTP/9.9\r\n\r\n',
    `GET /${'a'.repeat(100_000)} HTTP/1.1\r\nhost: x\r\n\r\n`,
    `GET /v1/apps HTTP/1.1\r\nhost: x\r\n${'x: y\r\n'.repeat(20_000)}\r\n`,
    'POST /v1/apply HTTP/1.1\r\nhost: x\r\ncontent-length: 1073741824\r\n\r\n{',
    post('['.repeat(100_000)),
    post('{"__proto__":{"polluted":true},"constructor":1}'),
    post('null'),
    post('{}', 'transfer-encoding: chunked\r\n'),
    ...['constructor', '__proto__', 'toString', '..%2f..%2fetc%2fpasswd', '%00'].map(
      (name) => `GET /v1/${name} HTTP/1.1\r\nhost: x\r\n\r\n`,
    ),
    // In the words of the runner.
    '{"id":1,"kind":"constructor"}\n',
    '{"id":1,"kind":"hello","protocol":"__proto__"}\n',
    `{"id":1,"kind":"hello","protocol":1,"pad":"${'x'.repeat(5 * MB)}"}\n`,
    `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}\n`,
    `{"cmd":"NODE_STATEWARD_HELLO","nonce":"constructor"}\n`,
  ];
}

export const clients: readonly Row[] = [
  {
    name: 'malformed-frames',
    faults: [53],
    holds:
      'every socket refuses or ignores them; the same controller and runner are there, and apps serve on',
    smoke: true,
    async run(world) {
      const fleet = await Fleet.applied(world);
      const before = await world.pids();
      const daemons = [world.pidOf('controller'), world.pidOf('runner')];
      const { apiSocket, runnerSocket, agentSocket } = world.paths;
      await fleet.serving(async () => {
        for (const path of world.variants([apiSocket, runnerSocket, agentSocket])) {
          await Promise.all(frames(world).map((frame) => say(path, frame)));
        }
      });
      expect([world.pidOf('controller'), world.pidOf('runner')]).toEqual(daemons);
      expect(await world.pids()).toEqual(before);
      await world.settled();
    },
  },
  {
    name: 'slow-clients',
    faults: [52],
    holds: 'clients that never end a request, or never read, are in nobody else’s way; memory is bounded',
    async run(world) {
      const fleet = await Fleet.applied(world);
      const sockets: Socket[] = [];
      const open = (path: string, text: string): void => {
        const socket = connect(path);
        socket.on('error', () => undefined);
        socket.write(text);
        socket.pause();
        sockets.push(socket);
      };
      const controller = world.pidOf('controller') ?? 0;
      const memoryBefore = memoryOf(controller);
      try {
        await fleet.serving(async () => {
          for (let count = 0; count < 20; count++) {
            open(world.paths.apiSocket, 'GET /v1/apps HTTP/1.1\r\nhost: x\r\nx-slow: ');
            open(world.paths.apiSocket, 'GET /v1/apps?watch=true HTTP/1.1\r\nhost: x\r\n\r\n');
            open(world.paths.runnerSocket, '{"id":1,');
            open(world.paths.agentSocket, '{"cmd"');
          }
          const times = new ApiTimes(world.paths.apiSocket);
          for (let round = 0; round < 5; round++) await world.ok('restart', 'sh');
          const p99 = await times.p99();
          world.notes.push(`API p99 ${Math.round(p99)} ms beside 80 slow clients`);
          expect(p99).toBeLessThan(2_000);
        });
        // More than there is room for: until those are let go that never end their request, nobody else comes in.
        for (let count = 0; count < 200; count++)
          open(world.paths.apiSocket, 'GET /v1/apps HTTP/1.1\r\nx-slow: ');
        await until(async () => (await world.run(['get'])).code === 0, 'a command is answered again', 30_000);
        expect(world.pidOf('controller')).toBe(controller);
        expect(memoryOf(controller) - memoryBefore).toBeLessThan(150 * MB);
      } finally {
        for (const socket of sockets) socket.destroy();
      }
      await world.settled();
    },
  },
  {
    name: 'other-local-user',
    faults: [54],
    holds: 'another user of the host reaches no socket and reads no file of the home',
    needs: ['root', 'setpriv'],
    smoke: true,
    async run(world) {
      world.declare({ name: 'a', script: 'sleep 1000', env: { PASSWORD: 'hunter2' } });
      await world.ok('apply');
      // All but the home itself is open: its mode has to do.
      chmodSync(world.folder, 0o755);
      const as = (code: string) =>
        spawnSync(
          'setpriv',
          [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', process.execPath, '-e', code],
          {
            encoding: 'utf8',
          },
        ).stdout;
      const { apiSocket, runnerSocket, agentSocket, ledger, daemonLog, state } = world.paths;
      for (const path of [apiSocket, runnerSocket, agentSocket]) {
        const code = `require('net').connect(${JSON.stringify(path)}).on('connect', () => { console.log('in'); process.exit(); }).on('error', (error) => console.log(error.code))`;
        expect(as(code), path).toBe('EACCES\n');
      }
      for (const path of [ledger, daemonLog, join(state, 'projects/shop.json')]) {
        const code = `try { require('fs').readFileSync(${JSON.stringify(path)}); console.log('read'); } catch (error) { console.log(error.code); }`;
        expect(as(code), path).toBe('EACCES\n');
      }
    },
  },
  {
    name: 'home-that-is-not-safe',
    faults: [55, 56],
    holds:
      'open to others, a link, somebody else’s, or too long a path: refused before anything is started, with the way out',
    async run(world) {
      world.declare({ name: 'a', script: 'sleep 1000' });
      const at = (name: string): string => join(world.folder, name);
      mkdirSync(at('open'), { mode: 0o700 });
      chmodSync(at('open'), 0o777);
      mkdirSync(at('real'), { mode: 0o700 });
      symlinkSync(at('real'), at('link'));
      const long = at('x'.repeat(120));
      for (const [home, code] of [
        [at('open'), 77],
        [at('link'), 77],
        [long, 1],
      ] as const) {
        const ran = await world.ends([code], ['apply', '--home', home]);
        expect(ran.stderr, home).toMatch(/^error\[HOME_/m);
        expect(world.processes()).toEqual([]);
      }
      await world.ok('apply');
    },
  },
  {
    name: 'daemon-started-from-an-app',
    faults: [10],
    holds: 'a daemon that an app starts is not part of it, and does not end with it',
    async run(world) {
      await world.ok('daemon', 'start');
      const inner = join(world.folder, 'inner');
      world.declare({ name: 'a', script: 'sleep 1000' });
      await world.ok('apply');
      const [pid] = (await world.pids())['a'] ?? [];
      const env = {
        STATEWARD_INSTANCE: 'x',
        STATEWARD_APP: 'a',
        STATEWARD_PROJECT: 'shop',
        STATEWARD_SLOT: '0',
      };
      await world.ends([0], ['daemon', 'start', '--home', inner], { env });
      await world.ok('restart', 'a');
      expect((await world.pids())['a']).not.toEqual([pid]);
      await world.ends([0], ['daemon', 'status', '--home', inner]);
      await world.ends([0], ['daemon', 'stop', '--all', '--home', inner]);
    },
  },
  {
    name: 'output-closed',
    faults: [51],
    holds: 'a command whose output nobody reads ends, and does what it was asked to',
    async run(world) {
      world.declare({ name: 'a', script: 'sleep 1000' });
      const line = `"$0" "$1" apply | true; "$0" "$1" get | true`;
      const env = { ...process.env, ...world.env, STATEWARD_HOME: world.home };
      const child = spawn('sh', ['-c', line, process.execPath, world.bin], {
        cwd: world.folder,
        env,
        stdio: 'ignore',
      });
      await once(child, 'exit');
      await world.settled();
    },
  },
];
