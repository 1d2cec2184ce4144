/** Requests a second through 2 instances of one app, and how its connections are spread over them. */
import { join } from 'node:path';
import { inTurn } from '../lab/in-turn.mjs';
import { withServers } from '../lab/servers.mjs';
import { busiest } from '../load/busiest.mjs';
import { LOAD_NOTES, loadPort } from '../load/load.mjs';

const INSTANCES = 2;
const LOAD = { connections: 64, seconds: 2 };
const ROUNDS = 5;
const TRIES = 10;
const APP = { script: join(import.meta.dirname, '../apps/pid.cjs'), instances: INSTANCES };

/** No program of ours is on the way of a request; what it costs that the agent counts it is in the row `metrics`. */
const NEW =
  'one server differs from run to run by as much as the three from each other; an instance leaves what comes at once to the others for a moment';
const KEPT =
  'the scheduler shares a processor between sessions (sched_autogroup): an instance has one of its own, node:cluster runs in that of the load; with 0 there the ratio is 0.99';

export const rows = [
  throughput(
    'connections-new',
    'new',
    'requests a second, a new connection for each',
    [
      { of: 'ratio', atLeast: 1.4 },
      { of: 'besidePm2', atLeast: 2 },
    ],
    NEW,
  ),
  throughput(
    'connections-kept',
    'kept',
    'requests a second, 64 kept connections',
    [{ of: 'ratio', atLeast: 1, every: true }],
    KEPT,
  ),
  spreadOf(8),
  spreadOf(20),
  spreadOf(64),
  spreadOf(512),
];

function throughput(id, kind, what, goals, reason) {
  return {
    ...{ id, what: `cluster of 2: ${what}`, goals, reason },
    ...{ unit: 'a second', beside: 'node:cluster', pm2: 'PM2', stage: 'nothing' },
    measure: (lab) =>
      withServers(lab, APP, async ({ ours, bare, pm2 }) => {
        const load = (server) => async () => (await loadPort(server.port, { ...LOAD, kind })).perSecond;
        const ways = { ours: load(ours), bare: load(bare), pm2: pm2 && load(pm2) };
        return { samples: await inTurn(ways, { rounds: ROUNDS }), notes: LOAD_NOTES };
      }),
  };
}

/** What the busiest instance has, in shares of the connections: 1 is even, 2 is one for both. */
function spreadOf(count) {
  return {
    id: `spread-${count}`,
    what: `cluster of 2: the most of ${count} kept connections that one instance has`,
    ...{ unit: 'x its share', beside: 'node:cluster', pm2: 'PM2', stage: 'nothing' },
    reason:
      'on a busy host the other process may not come up in time to take its share of connections that come at once',
    // Of a few connections, chance has more to say than any rule.
    goals: count < 20 ? [] : [{ of: 'ours', atMost: 1.5, every: true }],
    measure: (lab) =>
      withServers(lab, APP, async ({ ours, bare, pm2 }) => {
        const spread = (server) => () => busiest(server.port, { count, instances: INSTANCES, isKept: true });
        const ways = { ours: spread(ours), bare: spread(bare), pm2: pm2 && spread(pm2) };
        return { samples: await inTurn(ways, { rounds: TRIES, warmUp: false }) };
      }),
  };
}
