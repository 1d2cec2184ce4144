import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect as connectHttp2 } from 'node:http2';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AgentApp } from '../../support/agent-app.ts';
import { bundle } from '../../support/bundle.ts';
import { nodes } from '../../support/nodes.ts';
import { certificate } from '../../support/certificates.ts';
import { Wire } from '../../support/wire.ts';

let agent: string;
let folder: string;
let apps: AgentApp[] = [];
beforeAll(async () => {
  agent = await bundle('src/agent/main.ts');
});
beforeEach(async () => {
  folder = await mkdtemp('/tmp/stw-');
});
afterEach(async () => {
  for (const app of apps) app.kill();
  await Promise.all(apps.map(({ ended }) => ended));
  apps = [];
  await rm(folder, { recursive: true, force: true });
});

const DRAINED = { cmd: 'NODE_STATEWARD_DRAINED' };

function majorOf(node: string): number {
  return Number(/^v(\d+)/.exec(execFileSync(node, ['--version'], { encoding: 'utf8' }))?.[1]);
}

/** More than any test needs. */
const LONG_MS = 60_000;

/** Asks the app to drain: what it is sent after its answer comes to a server that takes no new connections. */
async function drain(app: AgentApp, ms = LONG_MS, signal: string | null = null): Promise<void> {
  app.send({ cmd: 'NODE_STATEWARD_DRAIN', ms });
  expect(await app.message()).toEqual({ cmd: 'NODE_STATEWARD_DRAINING', signal });
}

/** A connection that the app has accepted: those that it accepts later can be answered only when this one is. */
async function accepted(target: number | string): Promise<Wire> {
  const wire = await Wire.connect(target);
  const later = await Wire.connect(target);
  later.get();
  await later.response();
  later.end();
  return wire;
}

const SEND_PORT = `server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));`;

describe.each(nodes)('draining on %s', (node) => {
  const start = async (source: string, file?: string): Promise<AgentApp> => {
    const app = await AgentApp.start(folder, source, { agent, node, ...(file !== undefined && { file }) });
    apps.push(app);
    return app;
  };
  const serve = async (source: string, file?: string) => {
    const app = await start(source, file);
    const { port } = (await app.message()) as { port: number };
    return { app, port };
  };
  /** An http server that answers at once, but to /wait: that waits for the message `answer`. */
  const http = (answer = `response.end('done')`) =>
    serve(
      `const server = require('node:http').createServer((request, response) => {
         const answer = () => { ${answer} };
         if (request.url !== '/wait') return answer();
         process.send('waits');
         process.once('message', answer);
       });
       ${SEND_PORT}`,
    );

  test('is over at once for a script that serves nothing', async () => {
    const app = await start(`setInterval(() => undefined, 1e6); process.send('up');`);
    expect(await app.message()).toBe('up');
    await drain(app);
    expect(await app.message()).toEqual(DRAINED);
  });

  test.each([
    ['SIGINT', `process.on('SIGINT', f); process.on('SIGTERM', f);`],
    ['SIGTERM', `process.on('SIGTERM', f);`],
  ])('tells that the app listens to %s', async (signal, source) => {
    const app = await start(
      `setInterval(() => undefined, 1e6); const f = () => {}; ${source} process.send('up');`,
    );
    expect(await app.message()).toBe('up');
    await drain(app, LONG_MS, signal);
  });

  test('takes no new connection, and the server does not notice', async () => {
    const { app, port } = await serve(
      `const server = require('node:http').createServer();
       server.on('close', () => console.log('closed'));
       ${SEND_PORT}
       process.on('message', () => {
         console.log(server.listening, JSON.stringify(server.address()), server.eventNames().length);
         server.unref().ref();
         server.close((error) => { console.log(error); process.disconnect(); });
       });`,
    );
    await drain(app);
    expect(await app.message()).toEqual(DRAINED);
    expect(await Wire.attempt(port)).toBe('ECONNREFUSED');
    app.send('end');
    expect(await app.line()).toBe(`true {"address":"127.0.0.1","family":"IPv4","port":${port}} 3`);
    expect([await app.line(), await app.line()].sort()).toEqual(['closed', 'undefined']);
    expect(await app.ended).toEqual([0, null]);
  });

  test('keeps the process that only served', async () => {
    const { app } = await serve(
      `const server = require('node:http').createServer(); ${SEND_PORT}
       process.on('SIGINT', () => { console.log('asked'); server.close(() => console.log('closed')); });`,
    );
    await drain(app, LONG_MS, 'SIGINT');
    expect(await app.message()).toEqual(DRAINED);
    app.send({ cmd: 'NODE_STATEWARD_PING', id: 2 });
    expect(await app.message()).toEqual({ cmd: 'NODE_STATEWARD_PONG', id: 2 });
    app.kill('SIGINT');
    expect([await app.line(), await app.line()]).toEqual(['asked', 'closed']);
    expect(await app.ended).toEqual([0, null]);
  });

  test('leaves alone what ends by itself', async () => {
    const { app, port } = await serve(
      `const server = require('node:http').createServer((q, r) => r.end('x', () => q.url === '/end' && process.exit(7))); ${SEND_PORT}`,
    );
    const wire = await accepted(port);
    await drain(app);
    wire.get('/end');
    expect(await app.ended).toEqual([7, null]);
  });

  test.each([
    ['nothing', `response.end('done')`],
    [
      'keep-alive',
      `response.writeHead(200, { Connection: 'keep-alive', 'Content-Length': 4 }); response.end('done')`,
    ],
    [
      'keep-alive in a list',
      `response.writeHead(200, ['connection', 'keep-alive', 'Keep-Alive', 'timeout=99', 'Content-Length', '4']); response.end('done')`,
    ],
    ['keep-alive by setHeader', `response.setHeader('CONNECTION', 'keep-alive'); response.end('done')`],
    ['that it says nothing', `response.removeHeader('connection'); response.end('done')`],
  ])('answers on a connection that it has, and closes it, when the app says %s', async (_what, answer) => {
    const { app, port } = await http(answer);
    const wire = await Wire.connect(port);
    wire.get();
    expect((await wire.response()).head).not.toContain('connection: close');
    await drain(app);
    wire.get();
    const { status, head, body } = await wire.response();
    expect({ status, body }).toEqual({ status: 200, body: 'done' });
    expect(head.match(/^connection:.*$/gm)).toEqual(['connection: close']);
    expect(head).not.toContain('keep-alive:');
    await wire.closed;
    expect(await app.message()).toEqual(DRAINED);
  });

  test('waits for a request under way, and its connection ends with the answer', async () => {
    const { app, port } = await http();
    const wire = await Wire.connect(port);
    wire.get('/wait');
    expect(await app.message()).toBe('waits');
    await drain(app);
    app.send('answer');
    expect((await wire.response()).head).toContain('connection: close');
    await wire.closed;
    expect(await app.message()).toEqual(DRAINED);
  });

  test('keeps a connection whose answer had begun for one more request', async () => {
    const { app, port } = await http(
      `response.writeHead(200, { 'Content-Length': 4 });
       response.write('do');
       process.send('begun');
       process.once('message', () => response.end('ne'))`,
    );
    const wire = await Wire.connect(port);
    wire.get();
    expect(await app.message()).toBe('begun');
    await drain(app);
    app.send('go on');
    expect(await wire.response()).toMatchObject({ body: 'done' });
    wire.get();
    expect(await app.message()).toBe('begun');
    app.send('go on');
    expect((await wire.response()).head).toContain('connection: close');
    expect(await app.message()).toEqual(DRAINED);
  });

  test('closes connections that bring nothing, after a while', async () => {
    const { app, port } = await http();
    const silent = await accepted(port);
    const idle = await Wire.connect(port);
    idle.get();
    await idle.response();
    await drain(app);
    await Promise.all([idle.closed, silent.closed]);
    expect(await app.message()).toEqual(DRAINED);
  });

  test('does not take half a request for nothing', async () => {
    const { app, port } = await http();
    const wire = await Wire.connect(port);
    wire.write('GET / HT');
    const idle = await accepted(port);
    await drain(app);
    await idle.closed;
    wire.write('TP/1.1\r\nHost: x\r\n\r\n');
    expect(await wire.response()).toMatchObject({ status: 200, body: 'done' });
    expect(await app.message()).toEqual(DRAINED);
  });

  test('is over when its time is, whatever is still under way', async () => {
    const { app, port } = await http();
    const wire = await Wire.connect(port);
    wire.get('/wait');
    expect(await app.message()).toBe('waits');
    await drain(app, 200);
    expect(await app.message()).toEqual(DRAINED);
    app.send('answer');
    expect(await wire.response()).toMatchObject({ body: 'done' });
  });

  test('sends a large answer to its end', async () => {
    const { app, port } = await http(`response.end(Buffer.alloc(8e6, 'x'))`);
    const wire = await Wire.connect(port);
    wire.get('/wait');
    expect(await app.message()).toBe('waits');
    await drain(app);
    app.send('answer');
    expect((await wire.response()).body.length).toBe(8e6);
    expect(await app.message()).toEqual(DRAINED);
  });

  test('answers what came in while its loop was blocked', async () => {
    const { app, port } = await http(
      `if (request.url === '/wait') { const end = Date.now() + 300; while (Date.now() < end); } response.end('done')`,
    );
    const [blocked, waiting] = await Promise.all([accepted(port), accepted(port)]);
    blocked.get('/wait');
    expect(await app.message()).toBe('waits');
    app.send('answer');
    waiting.get();
    app.send({ cmd: 'NODE_STATEWARD_DRAIN', ms: 100 });
    expect(await blocked.response()).toMatchObject({ body: 'done' });
    expect(await waiting.response()).toMatchObject({ body: 'done' });
    await app.message();
    expect(await app.message()).toEqual(DRAINED);
  });

  test('does not wait for connections that do not speak HTTP (any more), nor close them', async () => {
    const { app, port } = await serve(
      `const net = require('node:net');
       const echo = (socket) => socket.on('data', (chunk) => socket.write(chunk));
       const plain = net.createServer(echo);
       const server = require('node:http').createServer();
       server.on('upgrade', (request, socket) => {
         socket.write('HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\nUpgrade: echo\\r\\n\\r\\n');
         echo(socket);
       });
       plain.listen(0, '127.0.0.1', () => { process.send({ plain: plain.address().port }); ${SEND_PORT} });`,
    ).then(async ({ app }) => {
      const { port: http } = (await app.message()) as { port: number };
      return { app, port: http };
    });
    const wire = await Wire.connect(port);
    wire.get('/', 'Connection: Upgrade\r\nUpgrade: echo\r\n');
    expect((await wire.response()).head).toContain('connection: upgrade');
    await drain(app);
    expect(await app.message()).toEqual(DRAINED);
    wire.write('still here');
    expect(await wire.until(/here/)).toBe('still here');
  });

  test('knows servers that do not keep the process alive, by their requests', async () => {
    const { app, port } = await serve(
      `setInterval(() => undefined, 1e6);
       const server = require('node:http').createServer((q, r) => r.end('done')); ${SEND_PORT} server.unref();`,
    );
    const wire = await Wire.connect(port);
    wire.get();
    await wire.response();
    await drain(app);
    wire.get();
    expect((await wire.response()).head).toContain('connection: close');
  });

  test('gives up a Unix socket', async () => {
    const path = join(folder, 'app.sock');
    const app = await start(
      `const server = require('node:http').createServer((q, r) => r.end('done'));
       server.listen(${JSON.stringify(path)}, () => process.send('up'));
       process.on('message', () => { console.log(server.address()); process.disconnect(); server.close(); });`,
    );
    expect(await app.message()).toBe('up');
    const wire = await accepted(path);
    await drain(app);
    wire.get();
    expect((await wire.response()).head).toContain('connection: close');
    expect(await app.message()).toEqual(DRAINED);
    expect(await Wire.attempt(path)).toBe('ENOENT');
    app.send('end');
    expect(await app.line()).toBe(path);
    expect(await app.ended).toEqual([0, null]);
  });

  test('of https: handshakes that have begun are answered', async () => {
    const { cert, key } = certificate({ name: 'localhost', names: ['localhost'] });
    const { app, port } = await serve(
      `const server = require('node:https').createServer(${JSON.stringify({ cert, key })}, (q, r) => r.end('done')); ${SEND_PORT}`,
    );
    const options = { port, host: '127.0.0.1', rejectUnauthorized: false };
    const idle = new Wire(connectTls(options));
    idle.get();
    await idle.response();
    const late = await Wire.connect(port);
    const later = new Wire(connectTls(options));
    later.get();
    await later.response();
    later.end();
    await drain(app);
    const tls = new Wire(connectTls({ socket: late.socket, rejectUnauthorized: false }));
    tls.get();
    expect((await tls.response()).head).toContain('connection: close');
    idle.get();
    expect((await idle.response()).head).toContain('connection: close');
    expect(await app.message()).toEqual(DRAINED);
  });

  /** Answers every stream when it gets a message. */
  const http2 = async () => {
    const { app, port } = await serve(
      `const server = require('node:http2').createServer((request, response) => {
         process.send('waits');
         process.once('message', () => response.end('done'));
       });
       ${SEND_PORT}`,
    );
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    const gone = once(session, 'goaway');
    const ask = async () => {
      const stream = session.request();
      expect(await app.message()).toBe('waits');
      return stream;
    };
    return { app, session, gone, ask };
  };

  async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
    let text = '';
    for await (const chunk of stream) text += String(chunk);
    return text;
  }

  test('of http2: a client is told to go when it asks for more, and open streams end', async () => {
    const { app, session, gone, ask } = await http2();
    const first = await ask();
    await drain(app);
    const second = await ask();
    await gone;
    app.send('answer');
    expect(await Promise.all([textOf(first), textOf(second)])).toEqual(['done', 'done']);
    expect(await app.message()).toEqual(DRAINED);
    expect(session.closed).toBe(true);
  });

  // Older servers do not know their sessions.
  test.skipIf(majorOf(node) < 24)('of http2: a silent client is told to go after a while', async () => {
    const { app, gone, ask } = await http2();
    const stream = await ask();
    await drain(app, 1_000);
    await gone;
    app.send('answer');
    expect(await textOf(stream)).toBe('done');
    expect(await app.message()).toEqual(DRAINED);
  });

  test.each([
    [
      'express',
      'app.mjs',
      `const { default: express } = await import(MODULE);
       const app = express();
       app.get('/wait', (q, r) => { process.send('waits'); process.once('message', () => r.send('done')); });
       const server = app.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));`,
    ],
    [
      'fastify',
      'app.mjs',
      `const { default: fastify } = await import(MODULE);
       const app = fastify();
       app.get('/wait', (q, r) => { process.send('waits'); process.once('message', () => r.send('done')); });
       await app.listen({ port: 0, host: '127.0.0.1' });
       process.send({ port: app.server.address().port });`,
    ],
  ])('of %s: a request under way is answered', async (name, file, source) => {
    const module = fileURLToPath(import.meta.resolve(name));
    const { app, port } = await serve(source.replace('MODULE', JSON.stringify(module)), file);
    const wire = await Wire.connect(port);
    wire.get('/wait');
    expect(await app.message()).toBe('waits');
    await drain(app);
    app.send('answer');
    const { head, body } = await wire.response();
    expect(body).toBe('done');
    expect(head).toContain('connection: close');
    expect(await app.message()).toEqual(DRAINED);
  });
});
