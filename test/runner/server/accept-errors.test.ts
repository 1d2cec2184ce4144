import { mkdtempSync, rmSync } from 'node:fs';
import type * as Net from 'node:net';
import { connect, type Server } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { RunnerServer, type ServerHandlers } from '../../../src/runner/server/server.ts';
import { procProcesses } from '../../../src/runner/processes/proc-processes.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const made = vi.hoisted((): { server?: Server } => ({}));
vi.mock('node:net', async (original) => {
  const net = await original<typeof Net>();
  return { ...net, createServer: (...args: never[]) => (made.server = net.createServer(...args)) };
});

const folder = mkdtempSync('/tmp/stw-');
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('the runner serves on when a connection could not be accepted, each time, and says so', async () => {
  const lines: string[] = [];
  const handlers: ServerHandlers = {
    onHello: () => {
      throw new Error('nobody says hello here');
    },
    turnOf: () => Promise.resolve(),
    onRequest: () => Promise.reject(new Error('nobody asks here')),
    onControllerConnected: () => undefined,
    onControllerLost: () => undefined,
    onConnectionClosed: () => undefined,
    log: (line) => lines.push(line),
    clock: new FakeClock(),
    processes: procProcesses(),
  };
  const server = new RunnerServer(handlers);
  const path = join(folder, 'r.sock');
  await server.listen(path);
  const failure = Object.assign(new Error('accept EMFILE'), { code: 'EMFILE', syscall: 'accept' });
  for (let time = 0; time < 3; time++) made.server?.emit('error', failure);
  expect(lines).toEqual(Array(3).fill('cannot accept a connection: accept EMFILE'));
  const client = connect(path);
  await once(client, 'connect');
  client.destroy();
  server.close();
});
