import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ClusterRig } from '../../support/runner/cluster-rig.ts';

let rig: ClusterRig;
beforeAll(async () => {
  rig = await ClusterRig.start();
});
afterAll(() => rig.close());

const SERVER = `require('node:net').createServer((socket) => {
  socket.on('error', () => undefined);
  socket.write(ID);
}).listen(0, '127.0.0.1')`;
const ROUNDS = 9;

/** Opens so many at once. Gives how many each has, and closes them. */
async function spread(port: number, count: number): Promise<readonly number[]> {
  const sockets = Array.from({ length: count }, () => connect(port, '127.0.0.1'));
  const first = async (socket: Socket): Promise<string> => String((await once(socket, 'data'))[0]);
  const names = await Promise.all(sockets.map(first));
  await Promise.all(sockets.map(async (socket) => once(socket.destroy(), 'close')));
  return [...countsOf(names).values()];
}

function countsOf(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

describe('connections that come at once and stay', () => {
  test.each([
    { instances: 2, connections: 64, most: 1.5 },
    // More than there are processors: some come up late.
    { instances: 4, connections: 64, most: 1.8 },
  ])(
    'are spread over $instances instances, also where the next come as soon as they have gone',
    async ({ instances, connections, most }) => {
      const name = `app-${instances}-${connections}`;
      const started = await rig.apps(instances, SERVER, { name });
      const port = await rig.port(started[0] ?? { nonce: '' });
      for (const instance of started) await rig.listening(instance);
      const shares: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        shares.push(Math.max(...(await spread(port, connections))) / (connections / instances));
      }
      // What else runs on the host decides a round, and not most of them.
      expect(shares.sort((one, other) => one - other)[Math.floor(ROUNDS / 2)]).toBeLessThanOrEqual(most);
    },
  );
});
