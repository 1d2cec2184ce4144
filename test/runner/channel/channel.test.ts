import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunnerEvent } from '../../../src/runner/protocol/messages.ts';
import { RunnerRig } from '../../support/runner/runner-rig.ts';

let rig: RunnerRig;
beforeEach(async () => {
  rig = await RunnerRig.start();
});
afterEach(() => rig.close());

async function spawn(source: string, ipc = true, shared = false) {
  const script = join(rig.folder, 'app.cjs');
  await writeFile(script, source);
  const spec = rig.spec({ file: process.execPath, args: [script], ipc, shared });
  return rig.client.spawn(spec);
}

type MessageEvent = Extract<RunnerEvent, { event: 'message' }>;

async function nextMessage(nonce: string): Promise<unknown> {
  const frame = await rig.client.frames.next(
    (candidate) => 'event' in candidate && candidate.event === 'message' && candidate.nonce === nonce,
  );
  return (frame as MessageEvent).message;
}

const STAY = 'setInterval(() => undefined, 1e6);';

describe('the channel of a process', () => {
  test('carries messages both ways', async () => {
    const { nonce } = await spawn(`process.on('message', (m) => process.send({ got: m })); ${STAY}`);
    await rig.client.call({ kind: 'send', nonce, message: [1, 'é'] });
    expect(await nextMessage(nonce)).toEqual({ got: [1, 'é'] });
  });

  test('lets it say that it is ready, which the next runner still knows', async () => {
    const { nonce } = await spawn(`process.send('ready', () => process.send('said')); ${STAY}`);
    await nextMessage(nonce);
    expect(await rig.client.list()).toMatchObject([{ nonce, ready: true, connected: true }]);
    await rig.killRunner();
    await rig.startRunner();
    expect(await rig.client.list()).toMatchObject([
      { nonce, state: 'running', ready: true, connected: false, adopted: true },
    ]);
    await expect(rig.client.call({ kind: 'send', nonce, message: 1 })).rejects.toThrow('busy');
  });

  test('may be flooded, or written to with what is not a message, and the runner goes on', async () => {
    const { nonce } = await spawn(
      `const fs = require('node:fs');
       fs.writeSync(3, 'no message\\n{"half":\\n');
       for (let i = 0; i < 5000; i++) process.send(i);
       ${STAY}`,
    );
    expect(await nextMessage(nonce)).toBe(0);
    expect((await rig.client.nextNotice('messages-dropped')).nonce).toBe(nonce);
    const endless = await spawn(`require('node:fs').writeSync(3, 'x'.repeat(200_000)); ${STAY}`);
    expect((await rig.client.nextNotice('messages-dropped')).nonce).toBe(endless.nonce);
    expect(await rig.client.list()).toMatchObject([{ state: 'running' }, { state: 'running' }]);
  });

  test.each([true, false])(
    'drops what is nested so deep that nobody could pass it on (shared: %s)',
    async (shared) => {
      const { nonce } = await spawn(
        `const deep = '['.repeat(20_000) + ']'.repeat(20_000);
       const hidden = '{"cmd":"NODE_STATEWARD_LISTEN","id":1,"data":' + deep + '}';
       require('node:fs').writeSync(3, deep + '\\n' + hidden + '\\n"after it"\\n');
       ${STAY}`,
        true,
        shared,
      );
      expect(await nextMessage(nonce)).toBe('after it');
      expect((await rig.client.nextNotice('messages-dropped')).nonce).toBe(nonce);
    },
  );

  test('carries what is said after a handle, which goes no further', async () => {
    const { nonce } = await spawn(
      `const server = require('node:net').createServer().listen(0, '127.0.0.1', () => {
         process.send('with a handle', server);
         process.send('after it');
       }); ${STAY}`,
    );
    expect(await nextMessage(nonce)).toBe('with a handle');
    expect(await nextMessage(nonce)).toBe('after it');
  });

  test('is not there for a process that was not given one', async () => {
    const { nonce } = await spawn(STAY, false);
    expect(await rig.client.list()).toMatchObject([{ nonce, ready: false, connected: false }]);
    await expect(rig.client.call({ kind: 'send', nonce, message: 1 })).rejects.toThrow('no channel');
  });
});
