import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Duplex, Readable } from 'node:stream';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bundle } from '../../support/bundle.ts';

let agent: string;
let folder: string;
beforeAll(async () => {
  agent = await bundle('src/agent/main.ts');
});
beforeEach(async () => {
  folder = await mkdtemp('/tmp/stw-');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Starts a script with the agent and a channel, as the runner does. */
async function start(source: string) {
  const script = join(folder, 'app.cjs');
  await writeFile(script, source);
  const child = spawn(process.execPath, ['--require', agent, script], {
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
    env: { ...process.env, NODE_CHANNEL_FD: '3' },
  });
  const channel = child.stdio[3] as Duplex;
  const messages = createInterface({ input: channel })[Symbol.asyncIterator]();
  const lines = createInterface({ input: child.stdout as Readable })[Symbol.asyncIterator]();
  const send = (message: unknown): void => void channel.write(`${JSON.stringify(message)}\n`);
  return {
    send,
    line: async () => String((await lines.next()).value),
    probePort: async (port: number): Promise<number | null> => {
      send({ cmd: 'NODE_STATEWARD_PROBE_PORT', port });
      const answer = JSON.parse(String((await messages.next()).value)) as { probePort: number | null };
      expect(answer).toEqual({ cmd: 'NODE_STATEWARD_PROBE_PORT', port, probePort: answer.probePort });
      return answer.probePort;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) {
        await new Promise((resolve) => child.once('exit', resolve));
      }
    },
  };
}

/** The text that is answered at a port. */
function get(port: number | null): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(text));
    });
    sent.on('error', reject).end();
  });
}

const SERVER = `
  const http = require('node:http');
  const serve = (text, port, done) => {
    const server = http.createServer((request, response) => response.end(text + ' ' + request.socket.remoteAddress));
    server.listen(port, '127.0.0.1', () => done(server, server.address().port));
  };`;

describe('the probe port of a process', () => {
  it('leads to its server on that port, and is the same one when it is asked for again', async () => {
    await using app = await start(`${SERVER}
      serve('one', 0, (_one, one) => serve('two', 0, (_two, two) => console.log(one + ' ' + two)));`);
    const [one = 0, two = 0] = (await app.line()).split(' ').map(Number);
    const probePorts = [await app.probePort(one), await app.probePort(two), await app.probePort(one)];
    expect(probePorts[2]).toBe(probePorts[0]);
    expect(probePorts).not.toContain(one);
    expect(await Promise.all(probePorts.map(get))).toEqual([
      'one 127.0.0.1',
      'two 127.0.0.1',
      'one 127.0.0.1',
    ]);
  });

  it('is none where nothing listens', async () => {
    await using app = await start(`setInterval(() => {}, 60_000); console.log('up');`);
    await app.line();
    expect(await app.probePort(1)).toBeNull();
  });

  it('leads to the server that is there now', async () => {
    await using app = await start(`${SERVER}
      serve('old', 0, (old, port) => {
        console.log(port);
        process.on('message', () => old.close(() => serve('new', port, () => console.log('again'))));
      });`);
    const port = Number(await app.line());
    const probePort = await app.probePort(port);
    expect(await get(probePort)).toBe('old 127.0.0.1');
    app.send('again');
    expect(await app.line()).toBe('again');
    expect(await get(probePort)).toBe('new 127.0.0.1');
  });

  it('keeps no process alive, and is not among what the app can see', async () => {
    await using app = await start(`${SERVER}
      serve('one', 0, (server, port) => {
        console.log(port);
        process.on('internalMessage', () => setTimeout(() => {
          const seen = process._getActiveHandles().filter((handle) => handle instanceof require('node:net').Server);
          console.log(seen.length);
          server.close(() => process.on('exit', () => console.log('ended')));
        }, 50));
      });`);
    const probePort = await app.probePort(Number(await app.line()));
    expect(probePort).not.toBeNull();
    expect([await app.line(), await app.line()]).toEqual(['1', 'ended']);
  });
});
