import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DriverEvent } from '../../../src/driver/driver.ts';
import { RunnerDriver } from '../../../src/driver/runner/runner-driver.ts';
import { stopOrder } from '../../../src/plan/model/stop-order.ts';
import type { AppSpec } from '../../../src/spec/types.ts';
import type { RunnerInstance } from '../../../src/runner/protocol/reports.ts';
import { makeApp } from '../../plan/fixtures.ts';
import { eventually } from '../../support/eventually.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { FakeRunner, WELCOME, type Welcome } from '../../support/runner/fake-runner.ts';
import { labels } from '../../support/runner/labels.ts';

const api = makeApp('api');
const socket = { name: 'http', listen: '8080', mode: null, user: null, group: null, backlog: 511 };
const order = { nonce: 'n1', app: api, slot: 0, code: undefined };

/** A driver over a runner on paper. */
function fakeRunner(instances: readonly RunnerInstance[] = [], welcome?: Welcome) {
  const folder = mkdtempSync(join(tmpdir(), 'stw-drv-'));
  const socketPath = join(folder, 'runner.sock');
  const clock = new FakeClock();
  const thrown: unknown[] = [];
  let started = 0;
  const runner = new FakeRunner(socketPath, { instances, ...(welcome && { welcome }) });
  const driver = new RunnerDriver({
    socketPath,
    version: '1',
    clock,
    sharedNow: () => clock.monotonic(),
    seenOnHost: () =>
      Promise.resolve([
        instance({ nonce: 'seen', pid: 43 }),
        instance({ nonce: 'gone', state: 'exited', exit: null }),
      ]),
    launch: {
      baseEnv: {},
      logsDir: '/logs',
      agentPath: '/agent.cjs',
      servePath: '/serve.cjs',
      terminalPath: '/opt/stateward/terminal.pl',
      findNode: () => '/usr/bin/node',
    },
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
    requests: runner.requests,
    listen: () => runner.listen(),
    next: (kind: DriverEvent['kind']) => new Promise<void>((resolve) => waiting.push({ kind, resolve })),
    started: () => started,
    answerWith: runner.answerWith.bind(runner),
    send: runner.send.bind(runner),
    sendText: runner.sendText.bind(runner),
    hang: runner.hang.bind(runner),
    wake: runner.wake.bind(runner),
    hangUp: runner.hangUp.bind(runner),
    /** Nobody listens any more. */
    end: () => runner[Symbol.asyncDispose](),
    async [Symbol.asyncDispose]() {
      driver.close();
      await runner[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function instance(fields: Partial<RunnerInstance> = {}): RunnerInstance {
  return {
    nonce: 'n1',
    labels,
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

  it('says that a signal was sent before the end that comes of it, also in one piece', async () => {
    await using runner = fakeRunner([instance()]);
    await runner.listen();
    await runner.driver.open();
    const exit = {
      code: null,
      signal: 'SIGKILL',
      at: 5,
      upMs: 3,
      requested: false,
      killed: false,
      error: null,
    };
    const ended = { event: 'instance', instance: instance({ state: 'exited', exit }) };
    runner.answerWith(({ id }, socket) => {
      const answer = { id, ok: true, result: { kind: 'done' } };
      socket.write(`${JSON.stringify(answer)}\n${JSON.stringify(ended)}\n`);
    });
    const told: string[] = [];
    runner.driver.subscribe((event) => told.push(event.kind));
    await runner.driver.signal('n1', 'SIGKILL', false, () => told.push('sent'));
    expect(told[0]).toBe('sent');
    expect(told.length).toBeGreaterThan(1);
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

  it.each([
    ['the signal that it was sent', 'SIGTERM', true],
    ['another one', 'SIGKILL', undefined],
  ])('knows whether a person has ended a process through it: by %s', async (_, signal, sent) => {
    await using runner = fakeRunner([instance()]);
    await runner.listen();
    await runner.driver.open();
    const exit = { code: null, signal, at: 5, upMs: 3, requested: false, killed: false, error: null };
    runner.answerWith(({ id }, socket) => {
      runner.send({ event: 'instance', instance: instance({ state: 'exited', exit }) });
      socket.write(`${JSON.stringify({ id, ok: true, result: { kind: 'done' } })}\n`);
    });
    await runner.driver.signal('n1', 'SIGTERM', false);
    expect(runner.driver.instance('n1')?.exit?.sent).toBe(sent);
  });

  it('has a start fail as it was told', async () => {
    await using runner = fakeRunner();
    await runner.listen();
    await runner.driver.open();
    runner.answerWith(({ id }, socket) => {
      socket.write(
        `${JSON.stringify({ id, ok: true, result: { kind: 'instance', instance: instance() } })}\n`,
      );
    });
    expect(await runner.driver.lackOf(order)).toBeNull();
    await runner.driver.start({ ...order, lack: 'no perl' });
    const spec = { unresolved: 'no perl', script: expect.stringContaining('/nonexistent/') as string };
    expect(runner.requests).toContainEqual(
      expect.objectContaining({ kind: 'spawn', spec: expect.objectContaining(spec) as object }),
    );
  });

  it.each<[string, Partial<AppSpec>]>([
    ['gives no terminals', { tty: true }],
    ['passes no sockets', { sockets: [socket] }],
    ['does not hear what an app says by sd_notify', { notify: true }],
    ['runs no hooks', { hooks: { ...api.spec.hooks, on_failure: { command: ['true'], timeout: 1_000 } } }],
    [
      'has no app read its settings again',
      { reload: { signal: 'SIGHUP', command: null, timeout: 1_000, on_change: [] } },
    ],
    ['ends no app by its `shutdown` command', { shutdown: { command: ['true'], timeout: 1_000 } }],
  ])('asks nothing of a runner that would pass over it: one that %s', async (what, spec) => {
    await using runner = fakeRunner();
    await runner.listen();
    await runner.driver.open();
    runner.answerWith(({ id }, socket) => {
      const error = { code: 'unsupported', message: 'unknown request keep-sockets' };
      socket.write(`${JSON.stringify({ id, ok: false, error })}\n`);
    });
    await runner.driver.keepSockets([]);
    const app = { ...api, spec: { ...api.spec, ...spec } };
    const run = { name: 'on_failure', of: 'n0', slot: 0, reason: 'Exited' } as const;
    const answer = await (spec.hooks !== undefined
      ? runner.driver.startHook({ nonce: 'n1', app, run, facts: { pid: null } })
      : spec.reload !== undefined
        ? runner.driver.reload({ nonce: 'n1', app, slot: 0, count: 1, code: undefined })
        : runner.driver.start({ ...order, app }));
    expect(answer).toMatchObject({ ok: false, error: { code: 'unsupported' } });
    if (spec.hooks === undefined && spec.reload === undefined)
      expect(await runner.driver.lackOf({ ...order, app })).toContain(what);
    const message = answer.ok ? '' : answer.error.message;
    expect(message).toContain(what);
    expect(message).toContain('stateward daemon upgrade');
    const kinds = (): readonly string[] => runner.requests.map(({ kind }) => kind);
    expect(kinds()).not.toContain('spawn');
    if (spec.shutdown == null) return;
    expect(await runner.driver.stop('n1', stopOrder(app))).toEqual(answer);
    expect(kinds()).not.toContain('stop');
    await runner.driver.stop('n1', stopOrder(app, 'kill'));
    expect(kinds()).toContain('stop');
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
    expect(await runner.driver.tail('n1')).toMatchObject({ ok: false, error: { code: 'unsupported' } });
  });

  it('starts no other runner in the place of one that it has ended', async () => {
    await using runner = fakeRunner();
    await runner.listen();
    await runner.driver.open();
    const answers = [
      { ok: false, error: { code: 'busy', message: '1 instances live' } },
      { ok: true, result: { kind: 'done' } },
    ];
    runner.answerWith(({ id }, socket) => socket.write(`${JSON.stringify({ id, ...answers.shift() })}\n`));
    expect(await runner.driver.shutDown()).toMatchObject({ ok: false });
    expect(await runner.driver.shutDown()).toEqual({ ok: true, value: undefined });
    await runner.end();
    for (let step = 0; step < 20; step++) {
      runner.clock.advance(500);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(runner.started()).toBe(0);
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

describe('two versions of the protocol', () => {
  it.each([
    ['the version before', { ...WELCOME, protocol: 0 }],
    ['none that it says', { kind: 'hello', version: '0', pid: 7, epoch: 'e1' }],
  ])('a runner of %s is driven: it serves a newer controller', async (_which, welcome) => {
    await using runner = fakeRunner([instance()], welcome);
    await runner.listen();
    await runner.driver.open();
    expect(runner.driver).toMatchObject({ reachable: true, refusal: null });
    expect(runner.driver.instances()).toHaveLength(1);
  });

  it('a newer runner that answers all the same is not driven, and its table is not believed', async () => {
    await using runner = fakeRunner([instance()], { ...WELCOME, protocol: 99 });
    await runner.listen();
    await runner.driver.open();
    expect(runner.driver).toMatchObject({
      reachable: false,
      refusal: {
        code: 'RUNNER_NEWER',
        message: expect.stringMatching(
          /version 9, protocol 99.* newer than .*version 1, protocol 1/,
        ) as string,
        hint: expect.stringContaining('stateward daemon stop') as string,
      },
    });
    expect(runner.driver.instances()).toEqual([]);
    expect(runner.requests.map(({ kind }) => kind)).toEqual(['hello']);
  });

  it('a newer runner that refuses is told of once, in its own words, and asked again later', async () => {
    const refusal = { code: 'newer-runner', message: 'you are too old', hint: 'take the new one' };
    await using runner = fakeRunner([], refusal);
    await runner.listen();
    await runner.driver.open();
    const failure = { code: 'RUNNER_NEWER', message: 'you are too old', hint: 'take the new one' };
    expect(runner.driver.refusal).toEqual(failure);
    await eventually(() => runner.clock.nextDelayMs() !== undefined);
    runner.clock.advance(5_000);
    await eventually(() => runner.requests.length === 2);
    expect(runner.events).toEqual([{ kind: 'refused', failure }]);
    expect(runner.started()).toBe(0);
    expect(await runner.driver.tail('n1')).toMatchObject({ ok: false, error: { code: 'unreachable' } });
  });

  it('a runner that is just ending has not refused', async () => {
    await using runner = fakeRunner([], { code: 'busy', message: 'the runner is ending' });
    await runner.listen();
    await runner.driver.open();
    expect(runner.driver).toMatchObject({ reachable: false, refusal: null });
  });
});

describe('a runner that does not answer', () => {
  /** Seconds by seconds: an answer has its chance between two ticks, as it has on a real clock. */
  async function pass(runner: ReturnType<typeof fakeRunner>, seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      runner.clock.advance(1_000);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  it('is asked for a word when it is quiet, and never found silent as long as it gives one', async () => {
    await using runner = fakeRunner([instance()]);
    await runner.listen();
    await runner.driver.open();
    await pass(runner, 60);
    expect(runner.requests.filter(({ kind }) => kind === 'ping').length).toBeGreaterThan(10);
    expect(runner.events.map(({ kind }) => kind)).toEqual(['connected']);
  });

  it('is told of, with the table as it was last known, and takes no order', async () => {
    await using runner = fakeRunner([instance()]);
    await runner.listen();
    await runner.driver.open();
    runner.hang();
    await pass(runner, 8);
    expect(runner.driver).toMatchObject({ reachable: false, silence: { pid: 7 }, runner: { pid: 7 } });
    expect(runner.events.map(({ kind }) => kind)).toEqual(['connected', 'silent']);
    expect(runner.driver.instance('n1')?.state).toBe('running');
    expect(await runner.driver.start({ ...order, nonce: 'n2' })).toMatchObject({ ok: false });
    expect(await runner.driver.confirm()).toMatchObject({ code: 'RUNNER_SILENT' });
    // One question is enough to know that it is back: more would only fill its socket.
    const asked = runner.requests.length;
    runner.wake();
    expect(runner.requests.slice(asked).filter(({ kind }) => kind === 'ping')).toHaveLength(1);
  });

  it('is not believed to answer before it is known to be silent', async () => {
    await using runner = fakeRunner();
    await runner.listen();
    await runner.driver.open();
    expect(await runner.driver.confirm()).toBeNull();
    runner.hang();
    const confirmed = runner.driver.confirm();
    await pass(runner, 5);
    expect(await confirmed).toMatchObject({ code: 'RUNNER_SILENT' });
  });

  it('has its orders given up only when it can no longer begin them, and says when it is back', async () => {
    await using runner = fakeRunner([instance()]);
    await runner.listen();
    await runner.driver.open();
    runner.hang();
    await pass(runner, 4);
    const limit = runner.clock.monotonic() + 5_000;
    let answered = false;
    const stopping = runner.driver.stop('n1', stopOrder(api)).then((result) => {
      answered = true;
      return result;
    });
    await pass(runner, 4);
    expect([runner.driver.reachable, answered]).toEqual([false, false]);
    await pass(runner, 3);
    expect(await stopping).toMatchObject({ ok: false, error: { code: 'unreachable' } });
    const back = runner.next('connected');
    runner.wake();
    await pass(runner, 3);
    await back;
    expect(runner.driver).toMatchObject({ reachable: true, silence: null });
    expect(runner.requests.find(({ kind }) => kind === 'stop')?.deadline).toBe(limit);
    // What is on its table is read again before anything else is asked of it.
    expect(runner.requests.at(-1)?.kind).toBe('list');
  });

  it('is told to park for when it wakes, and not waited for', async () => {
    await using runner = fakeRunner();
    await runner.listen();
    await runner.driver.open();
    runner.hang();
    await pass(runner, 8);
    expect(await runner.driver.park()).toMatchObject({ ok: false });
    runner.wake();
    await eventually(() => runner.requests.some(({ kind }) => kind === 'park'));
    expect(runner.requests.find(({ kind }) => kind === 'park')?.deadline).toBeUndefined();
  });

  it('that has never said who it is does not keep its controller from coming up', async () => {
    await using runner = fakeRunner();
    runner.hang();
    await runner.listen();
    const opened = runner.driver.open();
    await eventually(() => runner.clock.nextDelayMs() !== undefined);
    await pass(runner, 6);
    await opened;
    expect(runner.driver).toMatchObject({ reachable: false, silence: { pid: null } });
    // What the host shows is better than nothing, and is not what is acted on.
    await eventually(() => runner.driver.instances().length === 1);
    expect(runner.driver.instance('seen')).toMatchObject({ state: 'running', pid: 43 });
    const back = runner.next('connected');
    runner.wake();
    await back;
    expect(runner.driver).toMatchObject({ reachable: true, runner: { pid: 7 } });
    expect(runner.driver.instances()).toEqual([]);
  });
});
