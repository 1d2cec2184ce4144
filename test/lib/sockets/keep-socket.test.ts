import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Cancel } from '../../../src/lib/clocks/clock.ts';
import { keepSocket } from '../../../src/lib/sockets/keep-socket.ts';
import { eventually } from '../../support/eventually.ts';

let folder: string;
let path: string;
let server: Server;
let release: Cancel;
/** What happens to the socket as soon as it is made, the next times. */
let strikes: (() => void)[];
const lines: string[] = [];

beforeEach(async () => {
  folder = mkdtempSync('/tmp/stw-');
  path = join(folder, 'a.sock');
  lines.length = 0;
  strikes = [];
  server = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
  const listen = async (): Promise<void> => {
    server.listen(path);
    await once(server, 'listening');
    strikes.shift()?.();
  };
  await listen();
  release = keepSocket({ server, path, listen, log: (line) => lines.push(line) });
});
afterEach(() => {
  release();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function answer(): Promise<string | null> {
  const socket = connect(path);
  return new Promise((resolve) => {
    socket.on('error', () => resolve(null));
    socket.on('data', (data) => {
      resolve(data.toString());
      socket.destroy();
    });
    socket.write('here');
  });
}

const answers = (): Promise<unknown> => eventually(async () => (await answer()) === 'here');

test('a socket that was removed is made again, each time, and connections go on', async () => {
  const open = connect(path);
  await once(open, 'connect');
  for (let time = 1; time <= 3; time++) {
    rmSync(path);
    await answers();
  }
  open.write('still');
  const [data] = (await once(open, 'data')) as [Buffer];
  expect(data.toString()).toBe('still');
  open.destroy();
  expect(lines).toHaveLength(3);
});

test('one that was replaced is put back, by a file or by the socket of a stranger', async () => {
  rmSync(path);
  writeFileSync(path, '');
  await answers();
  const stranger = createServer((socket) => socket.end('no'));
  stranger.listen(join(folder, 'b.sock'));
  await once(stranger, 'listening');
  renameSync(join(folder, 'b.sock'), path);
  await answers();
  stranger.close();
});

test('one that is removed as soon as it is made, as with its whole folder, is made again until it stays', async () => {
  strikes = Array.from({ length: 3 }, () => () => rmSync(path));
  rmSync(path);
  await answers();
  expect(strikes).toEqual([]);
  expect(lines).toHaveLength(4);
});

test('none is made after it was called off', async () => {
  release();
  rmSync(path);
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect(await answer()).toBeNull();
});
