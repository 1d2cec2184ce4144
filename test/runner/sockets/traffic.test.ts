import { createConnection } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunnerInstance } from '../../../src/runner/protocol/reports.ts';
import { answerAt, ClusterRig, portOf } from '../../support/runner/cluster-rig.ts';
import { nodes } from '../../support/nodes.ts';
import { eventually } from '../../support/eventually.ts';

let rig: ClusterRig;
beforeAll(async () => {
  rig = await ClusterRig.start();
});
afterAll(() => rig.close());

const TRAFFIC = 'NODE_STATEWARD_TRAFFIC';
const LONG_MS = 600_000;
const SERVER = `const server = require('node:http').createServer((_, response) => response.end(ID));
server.listen(0, '127.0.0.1');
process.on('message', (message) => {
  if (message === 'close') server.close(() => say('closed'));
  if (message === 'look') say({ listening: server.listening, port: server.address().port });
});`;

let apps = 0;
async function pair(node?: string): Promise<{ one: RunnerInstance; other: RunnerInstance; port: number }> {
  const [one, other] = (await rig.apps(2, SERVER, {
    name: `app-${apps++}`,
    ...(node !== undefined && { node }),
  })) as [RunnerInstance, RunnerInstance];
  const [port] = await Promise.all([rig.port(one), rig.port(other)]);
  return { one, other, port };
}

/** Says it and gives what the agent answers. */
async function traffic({ nonce }: RunnerInstance, accept: boolean, forMs = LONG_MS): Promise<boolean> {
  await rig.tell({ nonce }, { cmd: TRAFFIC, accept, ...(!accept && { forMs }) });
  return answered(nonce);
}

async function answered(nonce: string): Promise<boolean> {
  const frame = await rig.client.frames.next(
    (candidate) =>
      'event' in candidate &&
      candidate.event === 'message' &&
      candidate.nonce === nonce &&
      Reflect.get(candidate.message as object, 'cmd') === TRAFFIC,
  );
  return 'message' in frame && Reflect.get(frame.message as object, 'accept') === true;
}

/** Who answers on so many new connections, one after the other. */
async function whoAnswers(port: number, count = 20): Promise<readonly string[]> {
  const names = new Set<string>();
  for (let i = 0; i < count; i++) {
    const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } });
    names.add(await response.text());
  }
  return [...names];
}

describe('an instance that is to leave connections to the others', () => {
  test.each(nodes)('takes none until it is told to, and its server notices nothing, on %s', async (node) => {
    const { one, other, port } = await pair(node);
    expect(await traffic(one, false)).toBe(false);
    expect(await whoAnswers(port)).toEqual([other.nonce]);
    await rig.tell(one, 'look');
    expect(await rig.said(one)).toEqual({ listening: true, port });
    expect(await rig.listening(one)).toEqual([`127.0.0.1:${port}`]);
    expect(await traffic(one, true)).toBe(true);
    expect(await traffic(other, false)).toBe(false);
    expect(await whoAnswers(port)).toEqual([one.nonce]);
    expect(await traffic(other, true)).toBe(true);
    await eventually(async () => (await whoAnswers(port)).length === 2);
  });

  test('goes on with the connections that it has', async () => {
    const { one, other, port } = await pair();
    expect(await traffic(other, false)).toBe(false);
    const socket = createConnection(port, '127.0.0.1');
    const ask = (): Promise<string> =>
      new Promise((resolve) => {
        socket.once('data', (bytes) => resolve(String(bytes)));
        socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
      });
    expect(await ask()).toContain(one.nonce);
    await traffic(other, true);
    expect(await traffic(one, false)).toBe(false);
    expect(await ask()).toContain(one.nonce);
    socket.destroy();
  });

  test.each([
    ['a Unix socket', (folder: string) => JSON.stringify(join(folder, `${apps}.sock`))],
    ['every address of the host', () => '0'],
  ])('takes none from %s', async (_, where) => {
    const source = `require('node:net').createServer((socket) => socket.end(ID)).listen(${where(rig.runner.folder)});`;
    const [one, other] = (await rig.apps(2, source, { name: `app-${apps++}` })) as [
      RunnerInstance,
      RunnerInstance,
    ];
    const [address = ''] = await rig.listening(one);
    await rig.listening(other);
    const target = address.startsWith('/') ? { path: address } : { port: portOf(address) };
    expect(await traffic(one, false)).toBe(false);
    for (let i = 0; i < 20; i++) expect(await answerAt(target)).toBe(other.nonce);
    expect(await traffic(one, true)).toBe(true);
    expect(await traffic(other, false)).toBe(false);
    for (let i = 0; i < 20; i++) expect(await answerAt(target)).toBe(one.nonce);
  });

  test('takes them again by itself when it hears nothing more', async () => {
    const { one, other, port } = await pair();
    expect(await traffic(one, false, 50)).toBe(false);
    expect(await answered(one.nonce)).toBe(true);
    await rig.stop(other);
    expect(await whoAnswers(port, 3)).toEqual([one.nonce]);
  });

  test('can be reached for probes, can close its server, and can be stopped', async () => {
    const { one, other, port } = await pair();
    expect(await traffic(one, false)).toBe(false);
    await rig.tell(one, { cmd: 'NODE_STATEWARD_PROBE_PORT', port });
    const frame = await rig.client.frames.next(
      (candidate) => 'event' in candidate && candidate.event === 'message' && candidate.nonce === one.nonce,
    );
    const { probePort } = (frame as { message: { probePort: number } }).message;
    expect(await whoAnswers(probePort, 2)).toEqual([one.nonce]);
    await rig.tell(one, 'close');
    expect(await rig.said(one)).toBe('closed');
    expect(await rig.listening(one, 0)).toEqual([]);
    expect(await whoAnswers(port, 5)).toEqual([other.nonce]);
    expect(await traffic(other, false)).toBe(false);
    await rig.stop(other);
  });

  test('keeps the socket when its runner dies, hands it to the next, and listens again then', async () => {
    const { one, other, port } = await pair();
    expect(await traffic(one, false)).toBe(false);
    await rig.replaceRunner();
    await rig.cameBack(one, other);
    expect(await whoAnswers(port)).toEqual([other.nonce]);
    await rig.stop(other);
    const asked = whoAnswers(port, 1);
    expect(await traffic(one, true)).toBe(true);
    expect(await asked).toEqual([one.nonce]);
  });
});
