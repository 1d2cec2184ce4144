import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { allAnswer, ClusterRig } from '../../support/runner/cluster-rig.ts';

let rig: ClusterRig;
beforeEach(async () => {
  rig = await ClusterRig.start();
});
afterEach(() => rig.close());

const ECHO = `process.on('message', (message) => say({ message }));`;
const STAY = `setInterval(() => undefined, 1e6);`;
const SERVER = `const server = require('node:net').createServer((socket) => socket.end(ID));`;
const ANY_PORT = `${SERVER} server.listen(0, '127.0.0.1');`;
const FORK = { shared: false };

describe('when another runner takes over', () => {
  test('messages go both ways, over the very channel', async () => {
    const app = await rig.app(`${ECHO} ${STAY}`, FORK);
    const { instances, pid } = await rig.runner.upgrade();
    expect([instances, pid]).toEqual([1, rig.client.runnerPid]);
    expect(await rig.line(app, () => true)).toMatchObject({ pid: app.pid, connected: true, adopted: true });
    await rig.tell(app, 'again');
    expect(await rig.said(app)).toMatchObject({ message: 'again' });
  });

  test('instances share what they listen on with those that join', async () => {
    const instances = await rig.apps(2, ANY_PORT);
    const port = await rig.port(instances[0] ?? { nonce: '' });
    for (const instance of instances) await rig.listening(instance);
    await rig.runner.upgrade();
    await rig.cameBack(...instances);
    const late = await rig.app(ANY_PORT, { slot: 2 });
    expect(await rig.port(late)).toBe(port);
    await allAnswer({ port }, [...instances, late]);
  });
});
