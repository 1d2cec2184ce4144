import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RunnerEvent } from '../../../src/runner/protocol/messages.ts';
import type { SpawnSpec, StopSpec } from '../../../src/runner/protocol/orders.ts';
import type { RunnerExit } from '../../../src/runner/protocol/reports.ts';
import { bundle } from '../../support/bundle.ts';
import { fileText } from '../../support/files.ts';
import { RunnerRig } from '../../support/runner/runner-rig.ts';
import { Wire } from '../../support/wire.ts';

let agent: string;
let rig: RunnerRig;
beforeAll(async () => {
  agent = await bundle('src/agent/main.ts');
});
beforeEach(async () => {
  rig = await RunnerRig.start();
});
afterEach(() => rig.close());

/** More than any test needs. */
const LONG_MS = 60_000;
const STAY = 'setInterval(() => undefined, 1e6);';

async function spawn(source: string, overrides: Partial<SpawnSpec> = {}) {
  const script = join(rig.folder, 'app.cjs');
  await writeFile(script, source);
  const args = ['--require', agent, script];
  return rig.client.spawn(rig.spec({ file: process.execPath, args, ipc: true, ...overrides }));
}

async function message(nonce: string): Promise<unknown> {
  const frame = await rig.client.frames.next(
    (candidate) => 'event' in candidate && candidate.event === 'message' && candidate.nonce === nonce,
  );
  return (frame as Extract<RunnerEvent, { event: 'message' }>).message;
}

/** An app that has told that it is up. */
async function up(source: string) {
  const instance = await spawn(`${source}; ${STAY} process.send('up');`);
  expect(await message(instance.nonce)).toBe('up');
  return instance;
}

/** A server that answers to /wait when it gets the message `answer`, and to everything else at once. */
async function serve(source = '') {
  const instance = await spawn(
    `const server = require('node:http').createServer((request, response) => {
       if (request.url !== '/wait') return response.end('done');
       process.send('waits');
       process.once('message', () => response.end('done'));
     });
     ${source}
     server.listen(0, '127.0.0.1', () => process.send(server.address().port));`,
  );
  return { ...instance, port: (await message(instance.nonce)) as number };
}

/** A request that is under way. */
async function waiting(nonce: string, port: number): Promise<Wire> {
  const wire = await Wire.connect(port);
  wire.get('/wait');
  expect(await message(nonce)).toBe('waits');
  return wire;
}

async function stop(nonce: string, overrides: Partial<StopSpec> = {}): Promise<void> {
  const spec = { nonce, signal: 'SIGINT', tree: true, graceMs: LONG_MS, drainMs: LONG_MS, ...overrides };
  await rig.client.call({ kind: 'stop', spec });
}

async function exitOf(nonce: string): Promise<RunnerExit | null> {
  return (await rig.client.nextState(nonce, 'exited')).exit;
}

const answer = (nonce: string) => rig.client.call({ kind: 'send', nonce, message: 'answer' });

describe('draining before a stop', () => {
  test('lets a request under way end, then sends the signal', async () => {
    const { nonce, port } = await serve();
    const wire = await waiting(nonce, port);
    await stop(nonce);
    await answer(nonce);
    expect(await wire.response()).toMatchObject({ status: 200, body: 'done' });
    expect(await exitOf(nonce)).toMatchObject({ signal: 'SIGINT', requested: true, killed: false });
  });

  test('leaves the end to an app that handles the signal', async () => {
    const instance = await serve(
      `process.on('SIGINT', () => server.close((error) => { console.log('closed', error); process.exit(4); }));`,
    );
    const { nonce, port } = instance;
    const wire = await waiting(nonce, port);
    await stop(nonce);
    await answer(nonce);
    await wire.response();
    expect(await exitOf(nonce)).toMatchObject({ code: 4, signal: null, killed: false });
    expect(await fileText(rig.logOf(instance), 'closed')).toBe('closed undefined\n');
  });

  test.each([
    ['to SIGTERM alone gets that', `process.on('SIGTERM', () => process.exit(15))`, { code: 15 }],
    [
      'to both gets SIGINT',
      `for (const s of ['SIGINT', 'SIGTERM']) process.on(s, () => process.exit(2))`,
      { code: 2 },
    ],
    ['to neither gets SIGINT', '', { signal: 'SIGINT' }],
  ])('an app that listens %s', async (_what, source, exit) => {
    const { nonce } = await up(source);
    await stop(nonce);
    expect(await exitOf(nonce)).toMatchObject(exit);
  });

  test('another signal that was asked for is sent as it is', async () => {
    const { nonce } = await up(`process.on('SIGTERM', () => process.exit(15))`);
    await stop(nonce, { signal: 'SIGHUP' });
    expect(await exitOf(nonce)).toMatchObject({ signal: 'SIGHUP' });
  });

  test('ends when its time is over: then come the signal, the grace and the kill', async () => {
    const { nonce, port } = await serve(`process.on('SIGINT', () => process.send('asked'));`);
    const wire = await waiting(nonce, port);
    await stop(nonce, { drainMs: 100 });
    expect(await message(nonce)).toBe('asked');
    // Only now: it may come to its signal late, and is to be killed after that.
    await stop(nonce, { drainMs: 0, graceMs: 100 });
    expect(await exitOf(nonce)).toMatchObject({ signal: 'SIGKILL', killed: true });
    await wire.closed;
  });

  test('is cut short by a stop without it', async () => {
    const { nonce, port } = await serve();
    const wire = await waiting(nonce, port);
    await stop(nonce);
    await stop(nonce);
    expect(await rig.client.list()).toMatchObject([{ state: 'stopping' }]);
    await stop(nonce, { drainMs: 0 });
    expect(await exitOf(nonce)).toMatchObject({ signal: 'SIGINT', requested: true });
    await wire.closed;
  });

  test('is over when the process ends by itself', async () => {
    const { nonce, port } = await serve(`process.on('message', () => process.exit(3));`);
    await waiting(nonce, port);
    await stop(nonce);
    await answer(nonce);
    expect(await exitOf(nonce)).toMatchObject({ code: 3, requested: true });
  });

  test('is over when the process closes its channel', async () => {
    const { nonce, port } = await serve(`process.on('message', () => process.disconnect());`);
    await waiting(nonce, port);
    await stop(nonce);
    await answer(nonce);
    expect(await exitOf(nonce)).toMatchObject({ signal: 'SIGINT' });
  });

  test('is given up when nobody answers: the loop hangs, or there is no agent', async () => {
    const hung = await up(`process.on('message', () => { for (;;); })`);
    await answer(hung.nonce);
    await stop(hung.nonce);
    const without = await spawn(`process.send('up'); process.on('message', () => undefined);`, {
      args: [join(rig.folder, 'app.cjs')],
    });
    expect(await message(without.nonce)).toBe('up');
    await stop(without.nonce);
    const ends = await Promise.all([exitOf(hung.nonce), exitOf(without.nonce)]);
    expect(ends).toMatchObject([{ signal: 'SIGINT' }, { signal: 'SIGINT' }]);
  });

  test('a process without a channel gets the signal at once', async () => {
    const { child, instance } = await rig.launch();
    await child.catchSignals('SIGINT');
    await stop(instance.nonce);
    expect((await child.next('signal')).signal).toBe('SIGINT');
    child.exit(0);
    expect(await exitOf(instance.nonce)).toMatchObject({ code: 0, requested: true });
  });

  test('is of no concern to a request that is malformed', async () => {
    const { nonce } = await up('');
    await expect(stop(nonce, { drainMs: -1 })).rejects.toThrow('drainMs');
    await expect(stop(nonce, { message: 'yes' as unknown as boolean })).rejects.toThrow('message');
  });
});

describe('asking by message', () => {
  const LISTENS = `process.on('message', (m) => m === 'shutdown' && process.exit(6));`;
  const NO_SIGNAL = `process.on('SIGINT', () => process.exit(9)); process.on('SIGTERM', () => process.exit(9));`;

  test('says `shutdown` after the drain, and sends no signal', async () => {
    const { nonce, port } = await serve(`${LISTENS} ${NO_SIGNAL}`);
    const wire = await waiting(nonce, port);
    await stop(nonce, { message: true });
    await answer(nonce);
    await wire.response();
    expect(await exitOf(nonce)).toMatchObject({ code: 6, signal: null, killed: false });
  });

  test('kills, after the grace, what does not listen', async () => {
    const { nonce } = await up(NO_SIGNAL);
    await stop(nonce, { message: true, graceMs: 100 });
    expect(await exitOf(nonce)).toMatchObject({ signal: 'SIGKILL', killed: true });
  });

  test('sends the signal where there is no channel', async () => {
    const { child, instance } = await rig.launch();
    await child.catchSignals('SIGINT');
    await stop(instance.nonce, { message: true });
    await child.next('signal');
    child.exit(0);
    expect(await exitOf(instance.nonce)).toMatchObject({ code: 0 });
  });

  test('a stop that asks by signal after all is heard', async () => {
    const { nonce } = await up(NO_SIGNAL);
    await stop(nonce, { message: true, drainMs: 0 });
    await stop(nonce, { message: true, drainMs: 0 });
    await stop(nonce, { drainMs: 0 });
    expect(await exitOf(nonce)).toMatchObject({ code: 9 });
  });
});
