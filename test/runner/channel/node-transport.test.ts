import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bindSocket, type SocketHandle } from '../../../src/runner/sockets/bind-socket.ts';
import { nodeTransport } from '../../../src/runner/channel/node-transport.ts';
import type { Transport } from '../../../src/runner/channel/transport.ts';
import { FakeClock } from '../../support/fake-clock.ts';

let clock: FakeClock;
let child: ChildProcess;
let transport: Transport;
let handle: SocketHandle;
let answers: boolean[];
let closed: Promise<void>;

beforeEach(() => {
  clock = new FakeClock();
  answers = [];
  // It takes nothing, and answers nothing.
  child = spawn('sleep', ['1000'], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  closed = new Promise((resolve) => {
    transport = nodeTransport(
      child,
      clock,
    )({
      onBytes: () => undefined,
      onHandle: (handle) => handle.close(),
      onHandleAnswer: (received) => {
        answers.push(received);
        transport.handleAnswered(received);
      },
      onClose: resolve,
    });
  });
  const where = { address: '127.0.0.1', port: 0, addressType: 4 } as const;
  const bound = bindSocket({ ...where, flags: 0, readableAll: false, writableAll: false });
  if (typeof bound === 'number') throw new Error(`cannot bind: ${bound}`);
  ({ handle } = bound);
});
afterEach(async () => {
  handle.close();
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
});

test('a process that does not answer for a socket holds up what follows for 5 s and no longer', () => {
  expect(transport.write('with a socket', handle)).toBe(true);
  for (let i = 0; !transport.full; i++) transport.write(i);
  clock.advance(5_000);
  expect(answers).toEqual([true]);
  expect(transport.full).toBe(false);
  // Its answer comes after all.
  transport.handleAnswered(true);
  expect(transport.write('more')).toBe(true);
});

test('one that ends without an answer has closed its channel', async () => {
  transport.write('with a socket', handle);
  transport.write('behind it', handle);
  child.kill('SIGKILL');
  await closed;
  clock.advance(60_000);
  expect(answers).toEqual([]);
  expect(transport.write('more')).toBe(false);
});

test('closing does not wait for an answer', async () => {
  transport.write('with a socket', handle);
  transport.write('behind it');
  transport.close();
  await closed;
  expect(child.connected).toBe(false);
});
