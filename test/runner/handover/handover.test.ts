import { existsSync, readFileSync, statSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { allAnswer, answerAt, ClusterRig } from '../../support/runner/cluster-rig.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { nodes } from '../../support/nodes.ts';

let rig: ClusterRig;
beforeEach(async () => {
  rig = await ClusterRig.start();
});
afterEach(() => rig.close());

const SERVER = `const server = require('node:net').createServer((socket) => socket.end(ID));`;
const ANY_PORT = `${SERVER} server.listen(0, '127.0.0.1');`;
const ECHO = `process.on('message', (message) => say({ message, slot: process.env.STATEWARD_INSTANCE }));`;
const STAY = `setInterval(() => undefined, 1e6);`;
const FORK = { shared: false };

const isFrozen = (pid: number): boolean => /\) T /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

function pair<T>([first, second]: readonly T[]): [T, T] {
  if (first === undefined || second === undefined) throw new Error('two expected');
  return [first, second];
}

describe.each(nodes)('after the runner was killed, an app in fork mode on %s', (node) => {
  const options = { ...FORK, node };

  test('has its channel back: messages go both ways', async () => {
    const app = await rig.app(`${ECHO} ${STAY}`, options);
    await rig.replaceRunner();
    await rig.cameBack(app);
    await rig.tell(app, 'again');
    expect(await rig.said(app)).toMatchObject({ message: 'again' });
  });

  test('answers heartbeats, and says that it is ready', async () => {
    const app = await rig.app(`process.on('message', () => process.send('ready')); ${STAY}`, options);
    await rig.replaceRunner();
    await rig.cameBack(app);
    await rig.tell(app, { cmd: 'NODE_STATEWARD_PING', id: 5 });
    const frame = await rig.client.frames.next((it) => 'event' in it && it.event === 'message');
    expect(frame).toMatchObject({ nonce: app.nonce, message: { cmd: 'NODE_STATEWARD_PONG', id: 5 } });
    expect((await rig.line(app, () => true)).ready).toBe(false);
    await rig.tell(app, 'say it');
    await rig.line(app, ({ ready }) => ready);
  });

  test('is heard when it said that it is ready to nobody', async () => {
    const app = await rig.app(
      `const timer = setInterval(() => {
         if (process.connected) return;
         clearInterval(timer);
         process.send('ready');
         require('node:fs').writeFileSync('said', '');
       }, 5); ${STAY}`,
      options,
    );
    await rig.runner.killRunner();
    await eventually(() => existsSync(join(rig.runner.folder, 'said')));
    await rig.runner.startRunner();
    await rig.line(app, ({ ready }) => ready);
  });

  test('is stopped by a message, and drained before', async () => {
    const source = `require('node:http').createServer((request, response) => {
        response.write('begun ');
        process.on('internalMessage', ({ cmd }) => cmd === 'NODE_STATEWARD_DRAIN' && response.end('ended'));
      }).listen(Number(process.env.PORT), '127.0.0.1', () => say('listening'));
      process.on('message', (word) => word === 'shutdown' && process.exit(7));`;
    const port = await freePort();
    const app = await rig.app(source, { ...options, env: { PORT: String(port) } });
    await rig.said(app);
    await rig.replaceRunner();
    await rig.cameBack(app);
    const request = get({ port, host: '127.0.0.1', agent: false });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const spec = {
      nonce: app.nonce,
      signal: 'SIGTERM',
      tree: true,
      graceMs: 20_000,
      drainMs: 10_000,
      message: true,
    };
    await rig.client.call({ kind: 'stop', spec });
    expect(await text(response)).toBe('begun ended');
    const { exit } = await rig.client.nextState(app.nonce, 'exited');
    expect(exit).toMatchObject({ requested: true, killed: false });
  });

  test('may lose its channel many times: nothing is printed, and nothing piles up', async () => {
    const app = await rig.app(
      `${ECHO}
       const counts = () => ['internalMessage', 'newListener', 'removeListener'].map((name) => process.listenerCount(name));
       const first = counts().join();
       process.on('message', () => say({ same: counts().join() === first })); ${STAY}`,
      { ...options, env: { NODE_OPTIONS: '--pending-deprecation --trace-warnings' } },
    );
    for (let times = 0; times < 12; times++) {
      await rig.replaceRunner();
      await rig.cameBack(app);
    }
    await rig.tell(app, 'last');
    expect(await rig.said(app)).toMatchObject({ message: 'last' });
    expect(await rig.said(app)).toEqual({ same: true });
    // A file of a log is made with its first line.
    expect(existsSync(rig.runner.logOf(app, 'error'))).toBe(false);
    expect(existsSync(rig.runner.logOf(app))).toBe(false);
  });
});

describe('after the runner was killed', () => {
  test.each(nodes)('instances share what they listen on with those that join, on %s', async (node) => {
    const port = await freePort();
    const path = join(rig.runner.folder, 'api.sock');
    const source = `${SERVER} server.listen(${port}, '127.0.0.1');
      require('node:net').createServer((socket) => socket.end(ID)).listen(${JSON.stringify(path)});
      require('node:dgram').createSocket('udp4').bind(${port}, '127.0.0.1');`;
    const instances = await rig.apps(2, source, { node });
    for (const instance of instances) await rig.listening(instance, 3);
    await rig.replaceRunner();
    await rig.cameBack(...instances);
    const addresses = [path, `127.0.0.1:${port}`, `127.0.0.1:${port}/udp`].sort();
    for (const instance of instances) expect(await rig.listening(instance, 3)).toEqual(addresses);
    const late = await rig.app(source, { node, slot: 2 });
    expect(await rig.listening(late, 3)).toEqual(addresses);
    await allAnswer({ port }, [...instances, late]);
    await allAnswer({ path }, [...instances, late]);
    for (const instance of instances) await rig.stop(instance);
    expect(await answerAt({ port })).toBe(late.nonce);
    expect(existsSync(path)).toBe(true);
    await rig.stop(late);
    await expect(answerAt({ port })).rejects.toThrow('ECONNREFUSED');
    await eventually(() => !existsSync(path));
  });

  test('an instance opens a port of its own for probes', async () => {
    const [app, other] = pair(await rig.apps(2, ANY_PORT));
    const port = await rig.port(app);
    await rig.listening(other);
    await rig.replaceRunner();
    await rig.cameBack(app, other);
    await rig.tell(app, { cmd: 'NODE_STATEWARD_PROBE_PORT', port });
    const frame = await rig.client.frames.next((it) => 'event' in it && it.event === 'message');
    const { probePort } = (frame as { readonly message: { readonly probePort: number } }).message;
    for (let times = 0; times < 10; times++) expect(await answerAt({ port: probePort })).toBe(app.nonce);
  });

  test('an instance that starts at that very moment waits for the others, and shares any port of theirs', async () => {
    const first = await rig.app(ANY_PORT);
    const port = await rig.port(first);
    await eventually(() => rig.ledgerHas(first, 1));
    await rig.runner.killRunner();
    const client = rig.runner.startRunner();
    await client;
    const second = await rig.app(ANY_PORT, { slot: 1 });
    expect(await rig.port(second)).toBe(port);
    await allAnswer({ port }, [first, second]);
  });

  test('what an instance asked for in between is its own as before', async () => {
    const port = await freePort();
    const [first, late] = pair(
      await rig.apps(
        2,
        `${SERVER} const listen = () => server.listen(${port}, '127.0.0.1');
         if (process.env.STATEWARD_SLOT === '1') {
           const timer = setInterval(() => { if (process.connected) return; clearInterval(timer); listen();
             require('node:fs').writeFileSync('asked', ''); }, 2);
         } else listen();`,
      ),
    );
    await rig.listening(first);
    await rig.runner.killRunner();
    await rig.runner.startRunner();
    expect(await rig.listening(late)).toEqual([`127.0.0.1:${port}`]);
    await allAnswer({ port }, [first, late]);
  });

  test('and killed again, in the midst of it, everything comes back from those that are left', async () => {
    const instances = await rig.apps(3, ANY_PORT);
    const port = await rig.port(instances[0] ?? { nonce: '' });
    for (const instance of instances) await rig.listening(instance);
    for (let times = 0; times < 4; times++) {
      await rig.runner.killRunner();
      await rig.runner.startRunner();
    }
    await rig.cameBack(...instances);
    const late = await rig.app(ANY_PORT);
    expect(await rig.port(late)).toBe(port);
    await rig.replaceRunner();
    await rig.cameBack(...instances, late);
    await allAnswer({ port }, [...instances, late]);
  });

  test('an app that is frozen has lost its sockets until it goes on', async () => {
    const [frozen, other] = pair(await rig.apps(2, `${ECHO} ${ANY_PORT}`));
    const alone = await rig.app(`${ECHO} ${SERVER} server.listen(0, '127.0.0.1');`, { name: 'alone' });
    const port = await rig.port(frozen);
    await rig.listening(other);
    const lonePort = await rig.port(alone);
    for (const { pid } of [frozen, alone]) process.kill(pid ?? 0, 'SIGSTOP');
    for (const { pid } of [frozen, alone]) await eventually(() => isFrozen(pid ?? 0));
    await rig.replaceRunner();
    await rig.cameBack(other);
    await rig.line(frozen, ({ socketsLost }) => socketsLost);
    await rig.line(alone, ({ socketsLost }) => socketsLost);
    const refused = await rig.app(
      `${SERVER} server.on('error', ({ message }) => say(message)); server.listen(${lonePort}, '127.0.0.1'); ${STAY}`,
      { name: 'alone', slot: 1 },
    );
    expect(await rig.said(refused)).toContain('an earlier runner started hold it until they end');
    const joined = await rig.app(ANY_PORT);
    expect(await rig.port(joined)).toBe(port);
    for (const { pid } of [frozen, alone]) process.kill(pid ?? 0, 'SIGCONT');
    await rig.cameBack(frozen, alone);
    await rig.tell(alone, 'awake');
    expect(await rig.said(alone)).toMatchObject({ message: 'awake' });
    const late = await rig.app(`${SERVER} server.listen(0, '127.0.0.1');`, { name: 'alone', slot: 2 });
    expect(await rig.port(late)).toBe(lonePort);
    await allAnswer({ port }, [frozen, other, joined]);
  });

  test('an app that has disconnected is left alone', async () => {
    const app = await rig.app(`process.disconnect(); ${STAY}`, FORK);
    const other = await rig.app(`${ECHO} ${STAY}`, FORK);
    await rig.line(app, ({ connected }) => connected === false);
    await rig.replaceRunner();
    await rig.cameBack(other);
    expect((await rig.line(app, () => true)).connected).toBe(false);
  });

  test('an app that lives for its messages lives on', async () => {
    const app = await rig.app(ECHO, FORK);
    await rig.replaceRunner();
    await rig.cameBack(app);
    await rig.tell(app, 'still there?');
    expect(await rig.said(app)).toMatchObject({ message: 'still there?' });
  });

  test('nothing of the way back is in the environment of an app', async () => {
    const app = await rig.app(`say(Object.keys(process.env)); ${STAY}`, FORK);
    expect(await rig.said(app)).not.toContain('STATEWARD_AGENTS');
  });
});

describe('the socket where agents find the next runner', () => {
  const path = (): string => join(rig.runner.home, 'run/agents.sock');
  const tried = async (hello: string): Promise<string> => {
    const socket = connect(path());
    socket.write(hello);
    return text(socket);
  };

  test('is for its own user alone', () => {
    expect(statSync(path()).mode & 0o777).toBe(0o600);
  });

  test('lets go of whoever is not missed, and of what it does not understand', async () => {
    const app = await rig.app(`${ECHO} ${STAY}`, FORK);
    const hello = (nonce: string): string => `${JSON.stringify({ cmd: 'NODE_STATEWARD_HELLO', nonce })}\n`;
    expect(await tried(hello('stranger'))).toBe('');
    // It has its channel.
    expect(await tried(hello(app.nonce))).toBe('');
    expect(await tried('x'.repeat(2_000)).catch(() => '')).toBe('');
    await rig.replaceRunner();
    await rig.cameBack(app);
    expect(await tried(hello(app.nonce))).toBe('');
    await rig.tell(app, 'me');
    expect(await rig.said(app)).toMatchObject({ message: 'me' });
  });
});
