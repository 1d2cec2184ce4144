import { statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunnerRequest } from '../../../src/runner/protocol/messages.ts';
import { sharedNow } from '../../../src/lib/clocks/shared-clock.ts';
import { eventually } from '../../support/eventually.ts';
import { fileContent } from '../../support/files.ts';
import { RunnerClient } from '../../support/runner/runner-client.ts';
import { RunnerRig } from '../../support/runner/runner-rig.ts';

let rig: RunnerRig;
beforeEach(async () => {
  rig = await RunnerRig.start();
});
afterEach(() => rig.close());

describe('the socket of the runner', () => {
  test('is for its owner only', () => {
    expect(statSync(rig.socketPath).mode & 0o777).toBe(0o600);
  });

  test('says who it is', async () => {
    const hello = { kind: 'hello', protocol: 1, version: 'x', controller: false } as const;
    const result = await rig.client.call(hello, 'hello');
    expect(result).toMatchObject({ protocol: 1, version: '0.0.0-test', pid: rig.runner.pid });
    await rig.killRunner();
    await rig.startRunner();
    expect((await rig.client.call(hello, 'hello')).epoch).not.toBe(result.epoch);
  });

  test.each([
    ['the version before', { protocol: 0 }],
    ['none that it says', {}],
  ])('refuses a controller of %s, with the way out, and is not claimed by it', async (_which, said) => {
    const client = await RunnerClient.connectSilently(rig.socketPath);
    const hello = { kind: 'hello', version: '0.9', controller: true, ...said };
    const refused = await client.request(hello as unknown as RunnerRequest);
    expect(refused).toMatchObject({
      ok: false,
      error: {
        code: 'newer-runner',
        message: expect.stringMatching(
          /version 0\.0\.0-test, protocol 1.*newer than.*version 0\.9/,
        ) as string,
        hint: expect.stringContaining('stateward daemon start') as string,
      },
    });
    await expect(client.call({ kind: 'list' })).rejects.toThrow('bad-request: say hello first');
    // The one that was there still is.
    expect(await rig.client.list()).toEqual([]);
    client.close();
  });

  test('serves a newer controller', async () => {
    const client = await RunnerClient.connectSilently(rig.socketPath);
    const hello = { kind: 'hello', protocol: 99, version: '99', controller: true } as const;
    expect(await client.call(hello, 'hello')).toMatchObject({ protocol: 1 });
    expect(await client.list()).toEqual([]);
    client.close();
  });

  test('does not carry out what comes after its time, and says so; and begins what comes in time', async () => {
    const spec = rig.spec();
    const late = { kind: 'spawn', spec, deadline: sharedNow() - 1 } as const;
    await expect(rig.client.call(late as RunnerRequest)).rejects.toThrow('expired');
    expect(await rig.client.list()).toEqual([]);
    expect(await rig.daemonLog()).toContain('came too late and were not carried out');
    const inTime = { kind: 'spawn', spec, deadline: sharedNow() + 60_000 } as const;
    expect(await rig.client.call(inTime as RunnerRequest, 'instance')).toMatchObject({ kind: 'instance' });
  });

  test('wants a hello first', async () => {
    const client = await RunnerClient.connectSilently(rig.socketPath);
    await expect(client.call({ kind: 'list' })).rejects.toThrow('bad-request: say hello first');
    client.close();
  });

  test.each([
    ['a word', 'nonsense\n'],
    ['a number', '42\n'],
    ['an array', '[]\n'],
    ['no id', '{"kind":"list"}\n'],
    ['binary', Buffer.from([0, 255, 254, 10])],
    ['deep nesting', `${'['.repeat(100_000)}\n`],
    ['a wrong field', '{"id":7,"kind":"stop","spec":{"nonce":"../x","signal":"SIGTERM"}}\n'],
    ['a missing field', '{"id":7,"kind":"spawn"}\n'],
    ['a signal that is none', '{"id":7,"kind":"signal","nonce":"x","signal":"constructor","tree":true}\n'],
  ])('answers %s with bad-request and goes on', async (_what, bytes) => {
    rig.client.sendRaw(bytes);
    const frame = await rig.client.frames.next((candidate) => 'id' in candidate);
    expect(frame).toMatchObject({ ok: false, error: { code: 'bad-request' } });
    expect(await rig.client.list()).toEqual([]);
  });

  test.each(['of-the-future', 'constructor', '__proto__', 'toString'])(
    'knows no request %s',
    async (kind) => {
      const response = await rig.client.request({ kind } as unknown as RunnerRequest);
      expect(response).toMatchObject({ ok: false, error: { code: 'unsupported' } });
    },
  );

  test('lets a client go that sends an endless line, and serves the others', async () => {
    const client = await RunnerClient.connectSilently(rig.socketPath);
    client.sendRaw(Buffer.alloc(5 * 1024 * 1024, 'x'));
    await client.closed;
    expect(await rig.client.list()).toEqual([]);
  });

  test('lets a client go that never reads, and serves the others', async () => {
    const slow = await RunnerClient.connect(rig.socketPath, { controller: false });
    slow.pause();
    const filler = 'x'.repeat(500_000);
    for (let count = 0; count < 40; count++) {
      const labels = { ...rig.spec().labels, templateHash: filler };
      const { nonce } = await rig.client.spawn(rig.spec({ labels, file: 'true' }));
      await rig.client.nextState(nonce, 'exited');
      await rig.client.call({ kind: 'forget', nonce });
    }
    await eventually(async () => (await rig.daemonLog()).includes('does not read what it is sent'));
    expect(await rig.client.list()).toEqual([]);
    slow.close();
  });

  test('tells every client that has said hello what happens', async () => {
    const other = await RunnerClient.connect(rig.socketPath, { controller: false });
    const { nonce } = await rig.client.spawn(rig.spec());
    await Promise.all([other.nextState(nonce, 'exited'), rig.client.nextState(nonce, 'exited')]);
    other.close();
  });

  test('gives the place of the controller to the newest', async () => {
    const first = rig.client;
    const second = await RunnerClient.connect(rig.socketPath);
    await first.closed;
    expect(await second.list()).toEqual([]);
    second.close();
  });
});

describe('the end of the runner', () => {
  test('is refused while an instance lives', async () => {
    const { child, instance } = await rig.launch();
    await expect(rig.client.call({ kind: 'shutdown' })).rejects.toThrow('busy');
    child.exit(0);
    await rig.client.nextState(instance.nonce, 'exited');
    await rig.client.call({ kind: 'shutdown' });
    expect(await rig.runnerEnd()).toBe(0);
  });

  test('comes by itself when it is parked, nothing lives and nobody is connected', async () => {
    await rig.client.call({ kind: 'park' });
    rig.client.close();
    expect(await rig.runnerEnd()).toBe(0);
  });

  test('on SIGTERM waits for the apps', async () => {
    const { child, instance } = await rig.launch();
    rig.runner.kill('SIGTERM');
    await eventually(async () => (await rig.daemonLog()).includes('asked to end'));
    expect((await rig.client.list())[0]?.state).toBe('running');
    child.exit(2);
    expect(await rig.runnerEnd()).toBe(0);
    await rig.startRunner();
    expect((await rig.client.list())[0]).toMatchObject({ nonce: instance.nonce, exit: { code: 2 } });
  });

  test('does not come from the other signals', async () => {
    for (const signal of ['SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGQUIT'] as const) rig.runner.kill(signal);
    await eventually(async () => (await rig.daemonLog()).split('has no meaning').length === 5);
    expect(await rig.client.list()).toEqual([]);
  });

  test('a second runner of the same home ends at once and leaves the first alone', async () => {
    const first = rig.runner;
    const client = rig.client;
    await rig.startRunner();
    await eventually(() => rig.runner.exitCode !== null);
    expect(rig.runner.exitCode).toBe(0);
    expect(first.exitCode).toBeNull();
    client.close();
    first.kill('SIGTERM');
    await eventually(() => first.exitCode !== null);
  });
});

describe('the controller', () => {
  const daemon = `
    const socket = require('node:net').connect(process.argv[2] + '/run/runner.sock');
    socket.on('connect', () => socket.write('{"id":1,"kind":"hello","protocol":1,"version":"c","controller":true}\\n'));
    socket.once('data', () => require('node:fs').appendFileSync(process.argv[2] + '/controllers', process.pid + '\\n'));
    socket.on('close', () => process.exit(0));`;

  test('is started again at once when it is killed, and not when the runner is parked', async () => {
    const other = await RunnerRig.start({ daemon });
    const connected = async (count: number): Promise<number> => {
      const lines = await fileContent(
        join(other.home, 'controllers'),
        (text) => text.toString().split('\n').length > count,
      );
      return Number(lines.toString().split('\n')[count - 1]);
    };
    try {
      other.client.close();
      process.kill(await connected(1), 'SIGKILL');
      const second = await connected(2);
      const client = await RunnerClient.connect(other.socketPath, { controller: false });
      await client.call({ kind: 'park' });
      process.kill(second, 'SIGKILL');
      client.close();
      expect(await other.runnerEnd()).toBe(0);
      expect((await other.daemonLog()).split('starting one').length - 1).toBe(2);
    } finally {
      await other.close();
    }
  });

  test('is not started for a home that was removed', async () => {
    await rm(rig.home, { recursive: true, force: true, maxRetries: 10 });
    rig.client.close();
    expect(await rig.runnerEnd()).toBe(0);
  });
});
