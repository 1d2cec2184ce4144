import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Duplex, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bundle } from '../../support/bundle.ts';
import { EventQueue } from '../../support/event-queue.ts';
import { nodes } from '../../support/nodes.ts';

let agent: string;
let folder: string;
let path: string;
let server: Server | undefined;
beforeAll(async () => {
  agent = await bundle('src/agent/main.ts');
});
beforeEach(async () => {
  folder = await mkdtemp('/tmp/stw-');
  path = join(folder, 'agents.sock');
});
afterEach(async () => {
  server?.close();
  server = undefined;
  await rm(folder, { recursive: true, force: true });
});

/** Starts a script with the agent and a channel, told where the next runner is; what Node warns of would be seen. */
async function start(node: string, source: string, env: Readonly<Record<string, string>> = {}) {
  const script = join(folder, 'app.cjs');
  await writeFile(script, source);
  const flags = ['--pending-deprecation', '--trace-warnings', '--require', agent];
  const child = spawn(node, [...flags, script], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: {
      ...process.env,
      NODE_CHANNEL_FD: '3',
      STATEWARD_INSTANCE: 'me',
      STATEWARD_AGENTS: path,
      ...env,
    },
  });
  const lines = createInterface({ input: child.stdout as Readable })[Symbol.asyncIterator]();
  const errors = text(child.stderr as Readable);
  const closed = once(child, 'close') as Promise<[number | null, string | null]>;
  return {
    channel: child.stdio[3] as Duplex,
    line: async () => String((await lines.next()).value),
    ended: async () => ({ code: (await closed)[0], errors: await errors }),
    kill: () => child.kill('SIGKILL'),
  };
}

/** Listens where the agent looks. */
async function runner(): Promise<EventQueue<Socket>> {
  const arrivals = new EventQueue<Socket>();
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    arrivals.push(socket);
  });
  server.listen(path);
  await once(server, 'listening');
  return arrivals;
}

async function nextLine(socket: Socket): Promise<unknown> {
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return JSON.parse(chunk.toString().split('\n')[0] ?? '') as unknown;
}

/** Has the agent come and welcomes it. */
async function welcome(arrivals: EventQueue<Socket>): Promise<Socket> {
  const socket = await arrivals.next(any);
  expect(await nextLine(socket)).toEqual({ cmd: 'NODE_STATEWARD_HELLO', nonce: 'me' });
  socket.write(WELCOME);
  expect(await nextLine(socket)).toEqual({ cmd: 'NODE_STATEWARD_HANDED' });
  return socket;
}

const any = (): boolean => true;
const STAY = `setInterval(() => undefined, 1e6);`;
const WELCOME = `${JSON.stringify({ cmd: 'NODE_STATEWARD_WELCOME' })}\n`;

describe.each(nodes)('an app on %s whose channel is lost', (node) => {
  test('says who it is, and has a channel when it is welcome', async () => {
    const app = await start(
      node,
      `process.on('message', (m) => { console.log(m, process.connected); process.disconnect(); });
       process.on('disconnect', () => { console.log('asked'); process.exit(5); }); ${STAY}`,
    );
    const arrivals = await runner();
    app.channel.destroy();
    const socket = await welcome(arrivals);
    socket.write('"hello"\n');
    expect(await app.line()).toBe('hello true');
    expect(await app.line()).toBe('asked');
    expect(await app.ended()).toEqual({ code: 5, errors: '' });
  });

  test('ends when it has nothing to do, whether anybody is there or not', async () => {
    const source = `process.on('message', (m) => m === 'go' && process.removeAllListeners('message'));
      setTimeout(() => undefined, 300);`;
    const lonely = await start(node, `setTimeout(() => undefined, 300);`);
    lonely.channel.destroy();
    expect(await lonely.ended()).toEqual({ code: 0, errors: '' });
    const arrivals = await runner();
    const app = await start(node, source);
    app.channel.destroy();
    const socket = await welcome(arrivals);
    socket.write('"go"\n');
    expect(await app.ended()).toEqual({ code: 0, errors: '' });
  });

  test('loads what it takes when somebody is there', async () => {
    const app = await start(
      node,
      `const { Session } = require('node:inspector'); const fs = require('node:fs'); const { lstatSync } = fs;
       const print = () => {
         const urls = []; const session = new Session(); session.connect();
         session.on('Debugger.scriptParsed', ({ params }) => urls.push(params.url));
         session.post('Debugger.enable'); session.disconnect();
         console.log(urls.filter((url) => url.endsWith(${JSON.stringify(basename(agent))})).length);
       };
       let looks = 0;
       fs.lstatSync = (...args) => {
         if (args[0].endsWith('agents.sock') && ++looks === 3) print();
         return lstatSync(...args);
       };
       process.on('message', print); ${STAY}`,
    );
    app.channel.destroy();
    expect(await app.line()).toBe('1');
    const socket = await welcome(await runner());
    socket.write('"count"\n');
    expect(await app.line()).toBe('2');
    app.kill();
  });

  test('that has let go of its channel is not kept by another one', async () => {
    const app = await start(
      node,
      `process.on('message', () => undefined); process.channel.unref();
       const timer = setInterval(() => { if (!process.connected) gone = true; else if (gone) clearInterval(timer); }, 5);
       let gone = false;`,
    );
    const arrivals = await runner();
    app.channel.destroy();
    (await arrivals.next(any)).write(WELCOME);
    expect(await app.ended()).toEqual({ code: 0, errors: '' });
  });

  test('comes again when it is not welcome, or gets an answer that is none', async () => {
    const app = await start(node, STAY);
    const arrivals = await runner();
    app.channel.destroy();
    (await arrivals.next(any)).destroy();
    (await arrivals.next(any)).write('{"cmd":"NODE_STATEWARD_OTHER"}\n');
    (await arrivals.next(any)).write('no JSON\n');
    (await arrivals.next(any)).write('x'.repeat(2_000));
    await welcome(arrivals);
    app.kill();
    expect((await app.ended()).errors).toBe('');
  });

  test('loses nothing of what it had put in the place of process.send', async () => {
    const app = await start(
      node,
      `const send = process.send;
       process.send = function (message, ...rest) { return send.call(process, { wrapped: message }, ...rest); };
       const own = process.send;
       process.on('message', () => { console.log(process.send === own); process.send('mine'); });`,
    );
    const arrivals = await runner();
    app.channel.destroy();
    const socket = await welcome(arrivals);
    socket.write('"go"\n');
    expect(await nextLine(socket)).toEqual({ wrapped: 'mine' });
    expect(await app.line()).toBe('true');
    app.kill();
    expect((await app.ended()).errors).toBe('');
  });
});

test('leaves the next runner time to begin where its app has nothing to do with messages', async () => {
  const app = await start(process.execPath, STAY);
  const lostAt = performance.now();
  app.channel.destroy();
  const socket = await welcome(await runner());
  expect(performance.now() - lostAt).toBeGreaterThan(490);
  socket.destroy();
  app.kill();
});

test('tries less and less often while nobody is there', async () => {
  const app = await start(
    process.execPath,
    `const fs = require('node:fs'); const { lstatSync } = fs; const looks = [];
     process.on('exit', () => undefined);
     fs.lstatSync = (...args) => {
       if (args[0].endsWith('agents.sock') && looks.push(performance.now()) === 14) {
         console.log(JSON.stringify(looks));
         process.exit(0);
       }
       return lstatSync(...args);
     };
     ${STAY}`,
  );
  app.channel.destroy();
  const [lost = 0, ...looks] = JSON.parse(await app.line()) as number[];
  // No timer is early, so the machine can only make the pauses longer.
  const early = looks.filter((at, i) => {
    const before = looks[i - 1] ?? lost;
    return at - before < Math.max(50, (before - lost) / 4) - 5;
  });
  expect([looks.length, early]).toEqual([13, []]);
});
