import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent as HttpAgent, get } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AgentApp } from '../../support/agent-app.ts';
import { bundle } from '../../support/bundle.ts';
import { nodes } from '../../support/nodes.ts';

const ask = { cmd: 'NODE_STATEWARD_FIGURES', id: 1, forMs: 10_000 };
const server = `
const server = require('http').createServer((request, response) => {
  if (request.url === '/busy') {
    const block = () => { const end = Date.now() + 300; while (Date.now() < end); };
    setTimeout(() => { block(); setTimeout(() => response.end('done'), 150); }, 150);
    return;
  }
  if (request.url === '/end') setTimeout(() => { server.close(); process.disconnect(); }, 10);
  response.statusCode = request.url === '/none' ? 404 : 200;
  response.end('hi');
}).listen(0, () => console.log(server.address().port));
`;

let folder: string;
let agent: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swfigures-'));
  agent = await bundle('src/agent/main.ts');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function request(port: string, path = '/', agent: HttpAgent | false = false): Promise<void> {
  return new Promise((resolve, reject) => {
    get({ port, path, agent, host: '127.0.0.1' }, (response) => response.resume().once('end', resolve)).once(
      'error',
      reject,
    );
  });
}

function majorOf(node: string): number {
  return Number(execFileSync(node, ['-p', 'process.versions.node.split(".")[0]'], { encoding: 'utf8' }));
}

interface Answer {
  readonly requests: number;
  readonly served: {
    readonly requests: number;
    readonly statuses: readonly number[];
    readonly buckets: readonly number[];
    readonly connections: number;
  };
  readonly heap: { readonly usedBytes: number };
  readonly loop: { readonly activeSeconds: number; readonly idleSeconds: number };
  readonly eventLoopLagMaxMs: number | null;
}

describe.each(nodes)('figures of an app on %s', (node) => {
  it('are counted from the first request on, whoever asks and when', async () => {
    const app = await AgentApp.start(folder, server, { agent, node });
    const port = await app.line();
    for (const path of ['/', '/none', '/']) await request(port, path);
    app.send(ask);
    const { served, heap, loop, ...rest } = (await app.message()) as Answer;
    expect(rest).toMatchObject({ requests: 3, eventLoopLagMs: null, gc: { count: 0, seconds: 0 } });
    expect(served).toMatchObject({ requests: 3, statuses: [0, 2, 0, 1, 0] });
    expect(served.buckets.reduce((sum, count) => sum + count)).toBe(3);
    expect([heap.usedBytes, loop.activeSeconds, loop.idleSeconds].every((value) => value > 0)).toBe(true);
    app.kill();
    await app.ended;
  });

  it('say which connections are open', async () => {
    const app = await AgentApp.start(folder, server, { agent, node });
    const port = await app.line();
    const kept = new HttpAgent({ keepAlive: true });
    await request(port, '/', kept);
    app.send(ask);
    expect(((await app.message()) as Answer).served.connections).toBe(1);
    kept.destroy();
    app.kill();
    await app.ended;
  });

  it('have the requests of HTTP/2 from Node 24 on', async () => {
    const http2 = `const server = require('http2').createServer((request, response) => response.end('hi'));
      server.listen(0, () => console.log(server.address().port));`;
    const app = await AgentApp.start(folder, http2, { agent, node });
    const session = connect(`http://127.0.0.1:${await app.line()}`);
    app.send(ask);
    await app.message();
    for (let count = 0; count < 2; count++) await once(session.request().resume(), 'close');
    app.send(ask);
    expect(await app.message()).toMatchObject({ requests: majorOf(node) < 24 ? 0 : 2 });
    session.destroy();
    app.kill();
    await app.ended;
  });

  it('say how late the event loop was', async () => {
    const app = await AgentApp.start(folder, server, { agent, node });
    const port = await app.line();
    app.send(ask);
    await app.message();
    await request(port, '/busy');
    app.send(ask);
    expect(((await app.message()) as Answer).eventLoopLagMaxMs).toBeGreaterThan(150);
    app.kill();
    await app.ended;
  });

  it('keep no app from ending', async () => {
    const app = await AgentApp.start(folder, server, { agent, node });
    const port = await app.line();
    app.send({ ...ask, forMs: 3_600_000 });
    await app.message();
    await request(port, '/end');
    expect(await app.ended).toEqual([0, null]);
  });

  it('are measured no longer than was asked for', async () => {
    const app = await AgentApp.start(folder, server, { agent, node });
    const port = await app.line();
    app.send({ ...ask, forMs: 0 });
    await app.message();
    // The timer of a moment ago comes before what a request takes.
    await request(port);
    app.send(ask);
    expect(((await app.message()) as Answer).eventLoopLagMaxMs).toBeNull();
    app.kill();
    await app.ended;
  });
});
