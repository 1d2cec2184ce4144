import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { get as getHttps } from 'node:https';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { allAnswer, answerAt, ClusterRig, portOf } from '../../support/runner/cluster-rig.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';

let rig: ClusterRig;
beforeEach(async () => {
  rig = await ClusterRig.start();
});
afterEach(() => rig.close());

/** Answers every connection with the name of the instance. */
const SERVER = `const server = require('node:net').createServer((socket) => socket.end(ID));`;
const TELL_ERROR = `server.on('error', ({ message, code, syscall, address, port }) =>
  say({ message, code, syscall, address, port }));`;
const serveOn = (where: string): string => `${SERVER} server.listen(${where});`;
const ANY_PORT = serveOn(`0, '127.0.0.1'`);
const STAY = `setInterval(() => undefined, 1e6);`;

const refused = (target: Parameters<typeof answerAt>[0]): Promise<unknown> =>
  expect(answerAt(target)).rejects.toThrow(/ECONNREFUSED|ENOENT/);

describe('instances of an app in cluster mode', () => {
  test('accept from one socket, and say what they listen on', async () => {
    const instances = await rig.apps(2, ANY_PORT);
    const [first, second] = await Promise.all(instances.map((instance) => rig.listening(instance)));
    expect(first).toEqual(second);
    for (const { nonce } of instances) await rig.toldToListen(nonce, first ?? []);
    expect(first?.[0]).toMatch(/^127\.0\.0\.1:\d+$/);
    await allAnswer({ port: portOf(first?.[0] ?? '') }, instances);
  });

  test('listen for themselves on a Node that is too old to share', async () => {
    const old = join(rig.runner.folder, 'old.cjs');
    writeFileSync(old, 'Reflect.deleteProperty(process, "getBuiltinModule");');
    const port = await freePort();
    const source = serveOn(`${port}, '127.0.0.1', () => say(Object.keys(process.env))`);
    const instance = await rig.app(source, { env: { NODE_OPTIONS: `--require=${old}` } });
    const names = (await rig.said(instance)) as readonly string[];
    expect(names.filter((name) => name === 'STATEWARD_SHARED')).toEqual([]);
    expect(await answerAt({ port })).toBe(instance.nonce);
  });

  test('that do not listen yet say so, and those that share nothing say nothing', async () => {
    const sharing = await rig.app(STAY);
    const alone = await rig.client.spawn(rig.runner.spec({ file: 'sleep', args: ['1000'] }));
    expect(sharing.listening).toEqual([]);
    expect(alone).not.toHaveProperty('listening');
  });

  test('leave a port that refuses connections when the last of them has ended', async () => {
    const [first, second] = await rig.apps(2, ANY_PORT);
    if (first === undefined || second === undefined) throw new Error('two expected');
    const port = await rig.port(first);
    await rig.listening(second);
    await rig.stop(first);
    expect(await answerAt({ port })).toBe(second.nonce);
    await rig.stop(second);
    await refused({ port });
  });

  test('serve without a gap while others come and go', async () => {
    const port = await freePort();
    const source = `${serveOn(`${port}, '127.0.0.1'`)}
      process.on('message', () => require('node:cluster').worker.disconnect());`;
    const first = await rig.app(source);
    await rig.listening(first);
    const over = new AbortController();
    const load = (async () => {
      for (let answers = 0; ; answers++) {
        if (over.signal.aborted) return answers;
        await answerAt({ port });
      }
    })();
    const others = await rig.apps(3, source);
    for (const other of others) await rig.listening(other);
    await allAnswer({ port }, others);
    for (const leaving of [first, ...others.slice(1)]) {
      await rig.tell(leaving, 'leave');
      await rig.client.nextState(leaving.nonce, 'exited');
    }
    over.abort();
    expect(await load).toBeGreaterThan(0);
  });

  test('can be closed and listen again', async () => {
    const source = `${SERVER} const where = [Number(process.env.PORT), '127.0.0.1'];
      server.listen(...where);
      process.on('message', (word) => (word === 'close' ? server.close() : server.listen(...where)));`;
    const env = { PORT: String(await freePort()) };
    const instances = await rig.apps(2, source, { env });
    const port = Number(env.PORT);
    const [first, second] = instances;
    if (first === undefined || second === undefined) throw new Error('two expected');
    for (const instance of instances) await rig.listening(instance);
    await allAnswer({ port }, instances);
    await rig.tell(first, 'close');
    await rig.listening(first, 0);
    expect(await answerAt({ port })).toBe(second.nonce);
    await rig.tell(second, 'close');
    await rig.listening(second, 0);
    await refused({ port });
    for (const instance of instances) await rig.tell(instance, 'listen');
    for (const instance of instances) await rig.listening(instance);
    await allAnswer({ port }, instances);
  });

  test('close a server before it has got its socket', async () => {
    const instance = await rig.app(
      `${SERVER} ${TELL_ERROR} server.on('listening', () => say('listening'));
       server.listen(0, '127.0.0.1'); server.close(() => say('closed'));
       require('node:net').createServer().listen(0, '127.0.0.1', () => say('other')); ${STAY}`,
    );
    expect(await rig.said(instance)).not.toBe('listening');
    expect(await rig.listening(instance)).toHaveLength(1);
  });

  test('end by themselves when they have closed what they listened on', async () => {
    const instance = await rig.app(`${SERVER} server.listen(0, () => server.close());`);
    const ended = await rig.client.nextState(instance.nonce, 'exited');
    expect(ended.exit).toMatchObject({ code: 0, requested: false });
  });
});

describe('what they listen on', () => {
  const packageAt = (name: string): string => JSON.stringify(createRequire(import.meta.url).resolve(name));
  const text = (port: number): Promise<string> => textOf(get({ port, host: '127.0.0.1', agent: false }));

  test.each<[string, string, boolean, ((port: number) => Promise<string>)?]>([
    [
      'http',
      `require('node:http').createServer((_, response) => response.end(ID)).listen(0, '127.0.0.1')`,
      false,
    ],
    [
      'http, as a module',
      `import { createServer } from 'node:http'; createServer((_, r) => r.end(ID)).listen(0, '127.0.0.1');`,
      true,
    ],
    [
      'https',
      `require('node:https').createServer(TLS, (_, r) => r.end(ID)).listen(0, '127.0.0.1')`,
      false,
      textOverTls,
    ],
    [
      'http2',
      `require('node:http2').createServer((_, response) => response.end(ID)).listen(0, '127.0.0.1')`,
      false,
      textOverHttp2,
    ],
    [
      'express',
      `const express = require(${packageAt('express')});
       express().get('/', (_, response) => response.send(ID)).listen(0, '127.0.0.1')`,
      false,
    ],
    [
      'fastify',
      `const app = require(${packageAt('fastify')})();
       app.get('/', async () => ID); app.listen({ port: 0, host: '127.0.0.1' });`,
      false,
    ],
    [
      'fastify, as a module',
      `import fastify from ${packageAt('fastify')};
       const app = fastify(); app.get('/', async () => ID); await app.listen({ port: 0, host: '127.0.0.1' });`,
      true,
    ],
  ])('is a server of %s', async (_, source, module, ask = text) => {
    const tls = `const TLS = { key: process.env.KEY, cert: process.env.CERT };`;
    const instances = await rig.apps(2, module ? source : `${tls} ${source}`, { module, env: keyPair() });
    const left = new Set(instances.map(({ nonce }) => nonce));
    const port = await rig.port(instances[0] ?? { nonce: '' });
    await rig.listening(instances[1] ?? { nonce: '' });
    while (left.size > 0) left.delete(await ask(port));
  });

  test.each([
    ['localhost', /^(127\.0\.0\.1|\[::1\]):\d+$/],
    ['127.0.0.1', /^127\.0\.0\.1:\d+$/],
    ['0.0.0.0', /^0\.0\.0\.0:\d+$/],
  ])('may be the host %s', async (host, address) => {
    const [first, second] = await rig.apps(2, serveOn(`{ port: 0, host: '${host}' }`));
    const [one, other] = [
      await rig.listening(first ?? { nonce: '' }),
      await rig.listening(second ?? { nonce: '' }),
    ];
    expect(one[0]).toMatch(address);
    expect(one).toEqual(other);
  });

  test('is every address of the host when none is said', async () => {
    const instances = await rig.apps(2, serveOn(''));
    const [address = ''] = await rig.listening(instances[0] ?? { nonce: '' });
    expect(address).toMatch(/^(\[::\]|0\.0\.0\.0):\d+$/);
    await allAnswer({ port: portOf(address) }, instances);
  });

  test('is one port in all instances for each listen(0), in order', async () => {
    const instances = await rig.apps(
      2,
      `const { createServer } = require('node:net');
       const first = createServer((socket) => socket.end('first'));
       const second = createServer((socket) => socket.end('second'));
       first.listen(0, '127.0.0.1'); second.listen(0, '127.0.0.1', () => say([first.address().port, second.address().port]));`,
    );
    const [one, other] = (await Promise.all(instances.map((instance) => rig.said(instance)))) as [
      number[],
      number[],
    ];
    expect(one).toEqual(other);
    expect(new Set(one).size).toBe(2);
    expect(await answerAt({ port: one[0] ?? 0 })).toBe('first');
    expect(await answerAt({ port: one[1] ?? 0 })).toBe('second');
  });

  test('may be a Unix socket, which is gone with the last of them', async () => {
    const instances = await rig.apps(
      2,
      serveOn(`{ path: 'api.sock', readableAll: true, writableAll: true }`),
    );
    const path = join(rig.runner.folder, 'api.sock');
    for (const instance of instances) expect(await rig.listening(instance)).toEqual([path]);
    expect(statSync(path).mode & 0o666).toBe(0o666);
    await allAnswer({ path }, instances);
    for (const instance of instances) await rig.stop(instance);
    expect(existsSync(path)).toBe(false);
  });

  test('is not taken from a file that is there already, nor where a path is too long', async () => {
    const path = join(rig.runner.folder, 'file.sock');
    writeFileSync(path, '');
    const taken = await rig.app(`${SERVER} ${TELL_ERROR} server.listen(${JSON.stringify(path)}); ${STAY}`);
    const long = join(rig.runner.folder, 'x'.repeat(120));
    const cut = await rig.app(`${SERVER} ${TELL_ERROR} server.listen(${JSON.stringify(long)}); ${STAY}`);
    expect(await rig.said(taken)).toMatchObject({ code: 'EADDRINUSE', address: path });
    expect(await rig.said(cut)).toMatchObject({ code: 'ENAMETOOLONG' });
    expect(existsSync(path)).toBe(true);
  });

  test('may be a UDP port: each datagram reaches one of them', async () => {
    const instances = await rig.apps(
      2,
      `const socket = require('node:dgram').createSocket('udp4');
       socket.on('message', (_, { port }) => socket.send(ID, port, '127.0.0.1'));
       socket.bind(0, '127.0.0.1');`,
    );
    const [address = ''] = await rig.listening(instances[0] ?? { nonce: '' });
    expect(address).toMatch(/^127\.0\.0\.1:\d+\/udp$/);
    expect(await rig.listening(instances[1] ?? { nonce: '' })).toEqual([address]);
    const client = createSocket('udp4');
    client.send('who?', portOf(address), '127.0.0.1');
    const [answer] = (await once(client, 'message')) as [Buffer];
    client.close();
    expect(instances.map(({ nonce }) => nonce)).toContain(String(answer));
  });

  test('may be hundreds of ports at once', async () => {
    const source = `for (let i = 0; i < 300; i++) require('node:net').createServer().listen(0, '127.0.0.1');`;
    const [first, second] = await rig.apps(2, source);
    const addresses = await rig.listening(first ?? { nonce: '' }, 300);
    expect(await rig.listening(second ?? { nonce: '' }, 300)).toEqual(addresses);
  });

  test('is their own when they ask for that', async () => {
    const source = `${SERVER} server.listen({ port: 0, host: '127.0.0.1', exclusive: true }, () => say(server.address().port));`;
    const [first, second] = await rig.apps(2, source);
    const port = (await rig.said(first ?? { nonce: '' })) as number;
    expect(await rig.said(second ?? { nonce: '' })).not.toBe(port);
    expect(await answerAt({ port })).toBe(first?.nonce);
  });
});

describe('an address that is taken', () => {
  test('by another app is refused with its name, until that has ended', async () => {
    const port = await freePort();
    const first = await rig.app(serveOn(`${port}, '127.0.0.1'`), { name: 'web' });
    await rig.listening(first);
    const source = `${SERVER} ${TELL_ERROR} process.on('message', () => server.listen(${port}, '127.0.0.1'));
      server.listen(${port}, '127.0.0.1');`;
    const second = await rig.app(source);
    expect(await rig.said(second)).toEqual({
      message: `listen EADDRINUSE: address already in use 127.0.0.1:${port} (the app shop/web has it)`,
      code: 'EADDRINUSE',
      syscall: 'listen',
      address: '127.0.0.1',
      port,
    });
    const overlapping = await rig.app(`${SERVER} ${TELL_ERROR} server.listen(${port}, '0.0.0.0'); ${STAY}`);
    expect(await rig.said(overlapping)).toMatchObject({
      code: 'EADDRINUSE',
      message: expect.stringContaining(`(the app shop/web has 127.0.0.1:${port})`) as string,
    });
    await rig.stop(first);
    await rig.tell(second, 'again');
    await rig.listening(second);
    await allAnswer({ port }, [second]);
  });

  test('by the app itself is refused as net would', async () => {
    const instance = await rig.app(
      `${SERVER} server.listen(0, '127.0.0.1', () => {
         const other = require('node:net').createServer();
         other.on('error', ({ code, message }) => say({ code, message }));
         other.listen(server.address().port, '127.0.0.1');
       });`,
    );
    expect(await rig.said(instance)).toMatchObject({ code: 'EADDRINUSE' });
  });

  test('by a stranger is refused without a name, and ends an app that does not listen to errors', async () => {
    const stranger = createServer().listen(0, '127.0.0.1');
    await once(stranger, 'listening');
    const { port } = stranger.address() as { port: number };
    const instance = await rig.app(serveOn(String(port)));
    const ended = await rig.client.nextState(instance.nonce, 'exited');
    stranger.close();
    expect(ended.exit?.code).toBe(1);
    const text = await rig.error(instance, 'Node.js');
    expect(text).toContain(`listen EADDRINUSE: address already in use :::${port}\n    at`);
    // The call of listen() is in the stack, and nothing of ours.
    expect(text).toMatch(/at .*app0\.cjs:\d+/);
    expect(text).not.toMatch(/at .*agent/);
  });

  test.runIf(process.getuid?.() === 0)(
    'by the system is not lent to an app that runs as another user',
    async () => {
      chmodSync(rig.runner.folder, 0o755);
      const source = `${SERVER} ${TELL_ERROR} server.listen(80, '127.0.0.1'); ${STAY}`;
      const instance = await rig.app(source, { user: 'nobody' });
      expect(await rig.said(instance)).toMatchObject({ code: 'EACCES', syscall: 'listen', port: 80 });
    },
  );
});

describe('an app in cluster mode', () => {
  test('is a worker to itself, and what it forks is not', async () => {
    const instance = await rig.app(
      `import cluster, { isPrimary, isWorker } from 'node:cluster';
       import { fork } from 'node:child_process';
       import { fileURLToPath } from 'node:url';
       const { worker } = cluster;
       const seen = { isPrimary, isWorker, id: worker?.id, dead: worker?.isDead(), connected: worker?.isConnected(),
         shared: process.env.STATEWARD_SHARED ?? null, fork: typeof cluster.fork };
       if (process.argv[2] === 'child') process.send(seen, () => process.disconnect());
       else fork(fileURLToPath(import.meta.url), ['child']).on('message', (child) => process.send({ said: { seen, child } }));`,
      { module: true, slot: 2 },
    );
    const shared = null;
    expect(await rig.said(instance)).toEqual({
      seen: {
        isPrimary: false,
        isWorker: true,
        id: 3,
        dead: false,
        connected: true,
        shared,
        fork: 'undefined',
      },
      child: { isPrimary: true, isWorker: false, shared, fork: 'function' },
    });
  });

  test('may leave as a worker does: it closes its servers and ends', async () => {
    const instances = await rig.apps(
      2,
      `${SERVER} server.listen(0, '127.0.0.1');
       process.on('message', () => require('node:cluster').worker.disconnect());`,
    );
    const [first, second] = instances;
    if (first === undefined || second === undefined) throw new Error('two expected');
    const port = await rig.port(first);
    await rig.listening(second);
    await rig.tell(first, 'go');
    expect((await rig.client.nextState(first.nonce, 'exited')).exit?.code).toBe(0);
    expect(await answerAt({ port })).toBe(second.nonce);
  });

  test('leaves as a worker does after it has been drained', async () => {
    const instance = await rig.app(
      `${ANY_PORT} process.on('SIGTERM', () => require('node:cluster').worker.disconnect());`,
    );
    await rig.listening(instance);
    const spec = { nonce: instance.nonce, signal: 'SIGTERM', tree: true, graceMs: 20_000, drainMs: 1_000 };
    await rig.client.call({ kind: 'stop', spec });
    const { exit } = await rig.client.nextState(instance.nonce, 'exited');
    expect(exit).toMatchObject({ code: 0, killed: false });
  });

  test('ends when it has nothing to do', async () => {
    const instance = await rig.app(`process.send('ready');`);
    expect((await rig.client.nextState(instance.nonce, 'exited')).exit?.code).toBe(0);
  });

  test('may write what is not a message, or what only Node writes, and the runner goes on', async () => {
    const instance = await rig.app(
      `const fs = require('node:fs');
       fs.writeSync(3, 'no message\\n{"half":\\nnull\\n{"cmd":"NODE_HANDLE_ACK"}\\n{"cmd":"NODE_HANDLE_NACK"}\\n');
       for (const bad of [{}, { id: 901, address: 7 }, { id: 902, address: 'x', port: 1, addressType: -1, flags: 0, index: 0 },
         { id: 903, address: null, port: 99999, addressType: 4, flags: 0, index: 0 }])
         process.send({ cmd: 'NODE_STATEWARD_LISTEN', ...bad });
       process.send({ cmd: 'NODE_STATEWARD_CLOSED', id: 77 });
       ${ANY_PORT}`,
    );
    await allAnswer({ port: await rig.port(instance) }, [instance]);
  });

  test('may send handles that nobody wants: they are closed, and what it says after them arrives', async () => {
    const instance = await rig.app(
      `const net = require('node:net');
       const server = net.createServer((socket) => process.send({ said: 'took' }, socket));
       server.listen(0, '127.0.0.1', () => say(server.address().port));`,
    );
    const port = (await rig.said(instance)) as number;
    for (let i = 0; i < 3; i++) {
      // It ends: the runner holds no copy of the connection.
      expect(await answerAt({ port })).toBe('');
      expect(await rig.said(instance)).toBe('took');
    }
  });

  test('may send 200 MB in one line: it goes on serving, and nobody hears it any more', async () => {
    const [loud, other] = await rig.apps(
      2,
      `${SERVER} server.listen(0, '127.0.0.1');
       process.on('message', () => process.send('x'.repeat(200e6)));`,
    );
    if (loud === undefined || other === undefined) throw new Error('two expected');
    const port = await rig.port(loud);
    await rig.listening(other);
    await rig.tell(loud, 'shout');
    expect((await rig.client.nextNotice('messages-dropped')).nonce).toBe(loud.nonce);
    await allAnswer({ port }, [loud, other]);
    const connected = new Map((await rig.client.list()).map((it) => [it.nonce, it.connected]));
    expect(connected.get(loud.nonce)).toBe(false);
    expect(connected.get(other.nonce)).toBe(true);
    await rig.stop(loud);
    expect(await answerAt({ port })).toBe(other.nonce);
  });

  test('that is stopped harms neither the others nor the runner', async () => {
    const instances = await rig.apps(2, `process.on('message', () => undefined); ${ANY_PORT}`);
    const [hung, other] = instances;
    if (hung === undefined || other === undefined) throw new Error('two expected');
    const port = await rig.port(hung);
    await rig.listening(other);
    await rig.client.call({ kind: 'signal', nonce: hung.nonce, signal: 'SIGSTOP', tree: false });
    for (let i = 0; i < 50; i++) expect(await answerAt({ port })).toBe(other.nonce);
    const flood = async (): Promise<void> => {
      for (;;) await rig.tell(hung, 'x'.repeat(10_000));
    };
    await expect(flood()).rejects.toThrow('does not read its messages');
    const late = await rig.app(ANY_PORT);
    await allAnswer({ port }, [late, other]);
    await rig.stop(hung);
  });

  test('that stops before it takes what it was sent is heard again when it goes on', async () => {
    const hung = await rig.app(
      `${SERVER} process.on('message', (word) => word === 'last' && say('went on'));
       server.listen(0, '127.0.0.1');
       // What listen() asks for is written by then.
       setImmediate(() => process.kill(process.pid, 'SIGSTOP'));`,
    );
    await eventually(() => /\) T /.test(readFileSync(`/proc/${hung.pid}/stat`, 'utf8')));
    const message = 'x'.repeat(10_000);
    const send = { kind: 'send', nonce: hung.nonce, message } as const;
    while ((await rig.client.request(send)).ok);
    const other = await rig.app(ANY_PORT);
    await allAnswer({ port: await rig.port(other) }, [other]);
    await rig.client.call({ kind: 'signal', nonce: hung.nonce, signal: 'SIGCONT', tree: false });
    await eventually(async () => {
      const response = await rig.client.request({ kind: 'send', nonce: hung.nonce, message: 'last' });
      return response.ok;
    });
    expect(await rig.said(hung)).toBe('went on');
    await allAnswer({ port: await rig.port(hung) }, [hung]);
  });
});

describe('when the runner is killed', () => {
  /** Agents that cannot come back to the next runner. */
  test.each([
    ['of another build', `delete process.env.STATEWARD_AGENTS;`],
    ['on a Node that is built otherwise', `delete require('node:child_process')._forkChild;`],
  ])('they go on serving, and the next one knows what they hold: agents %s', async (_, before) => {
    const preload = join(rig.runner.folder, 'before.cjs');
    writeFileSync(preload, before);
    const options = { env: { NODE_OPTIONS: `--require=${preload}` } };
    const port = await freePort();
    const path = join(rig.runner.folder, 'api.sock');
    const source = `${SERVER} ${TELL_ERROR} server.listen(${port}, '127.0.0.1');
      require('node:net').createServer((socket) => socket.end(ID)).listen(${JSON.stringify(path)});`;
    const instances = await rig.apps(2, source, options);
    for (const instance of instances) await rig.listening(instance, 2);
    for (const instance of instances) await eventually(() => rig.ledgerHas(instance, 2));
    await rig.runner.killRunner();
    await allAnswer({ port }, instances);
    await rig.runner.startRunner();
    await allAnswer({ port }, instances);
    const listening = [path, `127.0.0.1:${port}`].sort();
    for (const instance of instances) await rig.line(instance, ({ socketsLost }) => socketsLost);
    const line = { state: 'running', adopted: true, connected: false, listening, socketsLost: true };
    expect(await rig.client.list()).toMatchObject([line, line]);

    const lone = `${SERVER} ${TELL_ERROR} server.listen(${port}, '127.0.0.1'); ${STAY}`;
    const other = await rig.app(lone, { name: 'web' });
    expect(await rig.said(other)).toMatchObject({
      message: expect.stringContaining('(the app shop/api has it)') as string,
    });
    const same = await rig.app(lone);
    expect(await rig.said(same)).toMatchObject({
      message: expect.stringContaining(
        '(instances of this app that an earlier runner started hold it until they end)',
      ) as string,
    });
    expect(existsSync(path)).toBe(true);
    for (const instance of instances) await rig.stop(instance);
    await eventually(() => !existsSync(path));
    const next = await rig.apps(2, source);
    for (const instance of next) await rig.listening(instance, 2);
    await allAnswer({ port }, next);
    await allAnswer({ path }, next);
  });

  test('they bind for themselves what they listen on from then on', async () => {
    const instance = await rig.app(
      `${SERVER} server.on('listening', () => require('node:fs').writeFileSync('port', String(server.address().port)));
       setInterval(() => { if (!process.connected && !server.listening) server.listen(0, '127.0.0.1'); }, 5);`,
    );
    await rig.client.list();
    await rig.runner.killRunner();
    const file = join(rig.runner.folder, 'port');
    await eventually(() => existsSync(file) && statSync(file).size > 0);
    const port = Number(execFileSync('cat', [file], { encoding: 'utf8' }));
    expect(await answerAt({ port })).toBe(instance.nonce);
    await rig.runner.startRunner();
  });
});

const nodes = (process.env.STATEWARD_TEST_NODES ?? '').split(':').filter((path) => existsSync(path));

describe.skipIf(nodes.length === 0)('with interpreters of other versions than the runner', () => {
  test('they share all the same', async () => {
    const all = [process.execPath, ...nodes];
    const instances = await Promise.all(all.map((node, slot) => rig.app(ANY_PORT, { node, slot })));
    for (const instance of instances) await rig.listening(instance);
    await allAnswer({ port: await rig.port(instances[0] ?? { nonce: '' }) }, instances);
    const udp = `require('node:dgram').createSocket('udp4').bind(0, '127.0.0.1');`;
    const sockets = await Promise.all(all.map((node, slot) => rig.app(udp, { node, slot })));
    const addresses = await Promise.all(sockets.map((socket) => rig.listening(socket)));
    expect(new Set(addresses.flat()).size).toBe(1);
  });
});

async function textOf(request: ReturnType<typeof get>): Promise<string> {
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const chunks = await response.toArray();
  return Buffer.concat(chunks as Buffer[]).toString();
}

function textOverTls(port: number): Promise<string> {
  return textOf(getHttps({ port, host: '127.0.0.1', agent: false, rejectUnauthorized: false }));
}

async function textOverHttp2(port: number): Promise<string> {
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  const chunks = await session.request().toArray();
  session.close();
  return Buffer.concat(chunks as Buffer[]).toString();
}

let keys: { KEY: string; CERT: string } | undefined;

function keyPair(): { KEY: string; CERT: string } {
  if (keys !== undefined) return keys;
  const args = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '1',
  ];
  const pem = execFileSync('openssl', [...args, '-subj', '/CN=localhost', '-keyout', '-', '-out', '-'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const cut = pem.indexOf('-----BEGIN CERTIFICATE');
  keys = { KEY: pem.slice(0, cut), CERT: pem.slice(cut) };
  return keys;
}
