import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DriverEvent } from '../../../src/driver/driver.ts';
import { RunnerDriver } from '../../../src/driver/runner/runner-driver.ts';
import { stopOrder } from '../../../src/plan/model/stop-order.ts';
import type { RunnerInstance, RunnerRequestFrame } from '../../../src/runner/protocol/messages.ts';
import { makeApp } from '../../plan/fixtures.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const api = makeApp('api');
const order = { nonce: 'n1', app: api, slot: 0, code: undefined };

/** A runner on paper: answers hello and list, and what else a test tells it to. */
function fakeRunner(instances: readonly RunnerInstance[] = []) {
  const folder = mkdtempSync(join(tmpdir(), 'stw-drv-'));
  const socketPath = join(folder, 'runner.sock');
  const clock = new FakeClock();
  const requests: RunnerRequestFrame[] = [];
  const sockets = new Set<Socket>();
  const thrown: unknown[] = [];
  let started = 0;
  let onRequest: ((request: RunnerRequestFrame, socket: Socket) => void) | undefined;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setEncoding('utf8');
    socket.on('error', () => undefined);
    socket.on('data', (text: string) => {
      for (const line of text.split('\n').filter(Boolean))
        answer(JSON.parse(line) as RunnerRequestFrame, socket);
    });
  });
  const answer = (request: RunnerRequestFrame, socket: Socket): void => {
    requests.push(request);
    const reply = (result: unknown): void =>
      void socket.write(`${JSON.stringify({ id: request.id, ok: true, result })}\n`);
    if (request.kind === 'hello') reply({ kind: 'hello', protocol: 1, version: '9', pid: 7, epoch: 'e1' });
    else if (request.kind === 'list') reply({ kind: 'list', instances });
    else onRequest?.(request, socket);
  };
  const driver = new RunnerDriver({
    socketPath,
    version: '1',
    clock,
    launch: { baseEnv: {}, logsDir: '/logs', agentPath: '/agent.cjs', findNode: () => '/usr/bin/node' },
    startRunner: () => (started += 1),
    onError: (error) => thrown.push(error),
  });
  const events: DriverEvent[] = [];
  const waiting: { kind: DriverEvent['kind']; resolve: () => void }[] = [];
  driver.subscribe((event) => {
    events.push(event);
    for (const waiter of waiting.filter(({ kind }) => kind === event.kind)) waiter.resolve();
  });
  return {
    clock,
    driver,
    events,
    thrown,
    requests,
    listen: () => new Promise<void>((resolve) => server.listen(socketPath, resolve)),
    next: (kind: DriverEvent['kind']) => new Promise<void>((resolve) => waiting.push({ kind, resolve })),
    started: () => started,
    answerWith: (handler: (request: RunnerRequestFrame, socket: Socket) => void) => (onRequest = handler),
    send: (frame: unknown) => {
      for (const socket of sockets) socket.write(`${JSON.stringify(frame)}\n`);
    },
    sendText: (text: string) => {
      for (const socket of sockets) socket.write(text);
    },
    hangUp: () => {
      for (const socket of sockets) socket.destroy();
      sockets.clear();
    },
    async [Symbol.asyncDispose]() {
      driver.close();
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function instance(fields: Partial<RunnerInstance> = {}): RunnerInstance {
  return {
    nonce: 'n1',
    labels: {
      project: 'shop',
      app: 'api',
      slot: 0,
      generation: 1,
      restartGeneration: 0,
      revision: 1,
      templateHash: 'h',
    },
    state: 'running',
    pid: 42,
    startedAt: 0,
    upMs: 500,
    adopted: false,
    exit: null,
    ...fields,
  };
}

describe('the driver over a runner', () => {
  it('greets, takes the process table in, and goes on counting uptimes', async () => {
    await using runner = fakeRunner([instance()]);
    await runner.listen();
    await runner.driver.open();
    expect(runner.requests.map(({ kind }) => kind)).toEqual(['hello', 'list']);
    expect(runner.driver.runner).toEqual({ pid: 7, version: '9', epoch: 'e1' });
    runner.clock.advance(250);
    expect(runner.driver.instancesOf('shop/api')).toMatchObject([{ nonce: 'n1', pid: 42, upMs: 750 }]);
  });

  it('asks for a runner when none answers, and connects when it comes up', async () => {
    await using runner = fakeRunner();
    await runner.driver.open();
    expect(runner.driver.reachable).toBe(false);
    expect(runner.started()).toBe(1);
    await runner.listen();
    const connected = runner.next('connected');
    runner.clock.advance(20);
    await connected;
    expect(runner.driver.reachable).toBe(true);
    expect(runner.started()).toBe(1);
  });

  it('takes what comes in one piece in its order: an event after the answer is newer than it', async () => {
    await using runner = fakeRunner();
    await runner.listen();
    await runner.driver.open();
    const ready = { event: 'instance', instance: instance({ ready: true, listening: ['127.0.0.1:3000'] }) };
    runner.answerWith(({ id }, socket) => {
      const answer = { id, ok: true, result: { kind: 'instance', instance: instance({ ready: false }) } };
      socket.write(`${JSON.stringify(answer)}\n${JSON.stringify(ready)}\n`);
    });
    const newest = { saidReady: true, listening: ['127.0.0.1:3000'] };
    const started = await runner.driver.start(order);
    expect(started).toMatchObject({ ok: true, value: newest });
    expect(runner.driver.instancesOf('shop/api')).toMatchObject([newest]);
    await runner.driver.adopt('n1', api, 0);
    expect(runner.driver.instancesOf('shop/api')).toMatchObject([newest]);
  });

  it('answers orders with unreachable when the runner goes away in the middle of one, and comes back to it', async () => {
    await using runner = fakeRunner([instance()]);
    await runner.listen();
    await runner.driver.open();
    runner.answerWith(() => runner.hangUp());
    const stopped = await runner.driver.stop('n1', stopOrder());
    expect(stopped).toMatchObject({ ok: false, error: { code: 'unreachable' } });
    expect(runner.events.at(-1)).toEqual({ kind: 'disconnected' });
    const connected = runner.next('connected');
    runner.clock.advance(1_000);
    await connected;
    expect(runner.driver.reachable).toBe(true);
  });

  it('keeps an exit that was reported before the answer to its spawn', async () => {
    await using runner = fakeRunner();
    await runner.listen();
    await runner.driver.open();
    const exit = { code: 1, signal: null, at: 5, upMs: 3, requested: false, killed: false, error: null };
    runner.answerWith((request, socket) => {
      runner.send({ event: 'instance', instance: instance({ state: 'exited', exit }) });
      socket.write(
        `${JSON.stringify({ id: request.id, ok: true, result: { kind: 'instance', instance: instance() } })}\n`,
      );
    });
    await runner.driver.start(order);
    expect(runner.driver.instancesOf('shop/api')).toMatchObject([{ state: 'exited', exit: { code: 1 } }]);
  });

  it('gives the last lines of a process, and says so where a runner knows nothing of them', async () => {
    await using runner = fakeRunner([instance()]);
    await runner.listen();
    await runner.driver.open();
    const lines = [{ stream: 'error', line: 'boom' }];
    runner.answerWith(({ id, kind }, socket) => {
      const error = { code: 'unsupported', message: 'unknown request tail' };
      const isKnown = runner.requests.filter((request) => request.kind === kind).length === 1;
      const answer = isKnown ? { ok: true, result: { kind: 'tail', lines } } : { ok: false, error };
      socket.write(`${JSON.stringify({ id, ...answer })}\n`);
    });
    expect(await runner.driver.tail('n1')).toEqual({
      ok: true,
      value: [{ stream: 'err', line: 'boom' }],
    });
    expect(runner.requests.at(-1)).toMatchObject({ kind: 'tail', nonce: 'n1' });
    expect(await runner.driver.tail('n1')).toMatchObject({ ok: false, error: { code: 'refused' } });
  });

  it('tells its listeners that an instance was adopted, though the runner sends no event for it', async () => {
    await using runner = fakeRunner([instance()]);
    await runner.listen();
    await runner.driver.open();
    const labels = { ...instance().labels, generation: 2 };
    runner.answerWith((request, socket) => {
      const result = { kind: 'instance', instance: instance({ labels }) };
      socket.write(`${JSON.stringify({ id: request.id, ok: true, result })}\n`);
    });
    await runner.driver.adopt('n1', { ...api, generation: 2 }, 0);
    expect(runner.events.at(-1)).toMatchObject({ kind: 'instance', instance: { generation: 2 } });
  });

  it('goes on where a listener throws, and tells the others', async () => {
    await using runner = fakeRunner();
    const broken = new Error('broken');
    const told: string[] = [];
    runner.driver.subscribe(() => {
      throw broken;
    });
    runner.driver.subscribe(({ kind }) => told.push(kind));
    await runner.listen();
    await runner.driver.open();
    expect(runner.driver.reachable).toBe(true);
    expect([told, runner.thrown]).toEqual([['connected'], [broken]]);
  });

  it('hangs up on a runner that does not speak the protocol', async () => {
    await using runner = fakeRunner();
    await runner.listen();
    await runner.driver.open();
    const gone = runner.next('disconnected');
    runner.sendText('this is not a frame\n');
    await gone;
    expect(runner.driver.reachable).toBe(false);
  });
});
