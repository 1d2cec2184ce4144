import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Duplex, Readable } from 'node:stream';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bundle } from '../support/bundle.ts';
import { nodes } from '../support/nodes.ts';

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
async function start(node: string, source: string) {
  const script = join(folder, 'app.cjs');
  await writeFile(script, source);
  const child = spawn(node, ['--require', agent, script], {
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
    env: { ...process.env, NODE_CHANNEL_FD: '3' },
  });
  const channel = child.stdio[3] as Duplex;
  const messages = createInterface({ input: channel })[Symbol.asyncIterator]();
  const lines = createInterface({ input: child.stdout as Readable })[Symbol.asyncIterator]();
  const ended = once(child, 'close') as Promise<[number | null, string | null]>;
  return {
    channel,
    ended,
    send: (message: unknown) => channel.write(`${JSON.stringify(message)}\n`),
    message: async (): Promise<unknown> => JSON.parse(String((await messages.next()).value)),
    line: async () => String((await lines.next()).value),
  };
}

const PING = { cmd: 'NODE_STATEWARD_PING', id: 7 };

describe.each(nodes)('the channel of an app on %s', (node) => {
  test('answers a ping, and shows the app neither that nor the descriptor', async () => {
    const app = await start(
      node,
      `process.on('message', (m) => { console.log(m, process.env.NODE_CHANNEL_FD); process.disconnect(); });`,
    );
    app.send(PING);
    expect(await app.message()).toEqual({ cmd: 'NODE_STATEWARD_PONG', id: 7 });
    app.send('hello');
    expect(await app.line()).toBe('hello undefined');
    expect(await app.ended).toEqual([0, null]);
  });

  test('does not keep an app that has nothing to do', async () => {
    const app = await start(node, `process.send('ready');`);
    expect(await app.message()).toBe('ready');
    expect(await app.ended).toEqual([0, null]);
  });

  test('may be lost, and the app does not notice', async () => {
    const app = await start(
      node,
      `process.on('disconnect', () => process.exit(9));
       process.send('up');
       const timer = setInterval(() => {
         process.send('more');
         if (process.connected) return;
         clearInterval(timer);
         process.send('once more', (error) => console.log(error.code));
         setTimeout(() => process.exit(3), 50);
       }, 5);`,
    );
    expect(await app.message()).toBe('up');
    app.channel.destroy();
    expect(await app.line()).toBe('ERR_IPC_CHANNEL_CLOSED');
    expect(await app.ended).toEqual([3, null]);
  });

  test('tells the app of a disconnect that it asked for', async () => {
    const app = await start(node, `process.on('disconnect', () => process.exit(4)); process.disconnect();`);
    expect(await app.ended).toEqual([4, null]);
  });

  test('is not handed on to what the app forks or spawns', async () => {
    const app = await start(
      node,
      `const { fork, spawnSync } = require('node:child_process');
       if (process.argv[2] === 'child') {
         process.send(process.execArgv.length);
         process.disconnect();
       } else {
         const fds = spawnSync('ls', ['/proc/self/fd'], { encoding: 'utf8' }).stdout.trim().split('\\n');
         const child = fork(__filename, ['child']);
         child.on('message', (flags) => { console.log(fds.join(), flags); process.exit(0); });
       }`,
    );
    // Its own look at the folder is descriptor 3; what this machine leaves open is higher.
    expect(await app.line()).toMatch(/^0,1,2,(\d{2,},)*3 0$/);
    expect(await app.ended).toEqual([0, null]);
  });
});
