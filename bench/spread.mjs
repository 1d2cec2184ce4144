/**
 * How connections that come at once are spread over the instances of one app: what the busiest has, in shares (1: all have
 * the same), the median of the tries and the worst. Beside `node:cluster` and, with --pm2, PM2.
 *
 *   node bench/spread.mjs [--instances 2] [--tries 10] [--build DIR] [--pm2]
 */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { spread } from './frame/statistics.mjs';
import { inTurn } from './lab/in-turn.mjs';
import { Lab } from './lab/lab.mjs';
import { installPm2, NO_PM2 } from './lab/pm2.mjs';
import { withServers } from './lab/servers.mjs';
import { busiest } from './load/busiest.mjs';

const { values } = parseArgs({
  options: {
    tries: { type: 'string', default: '10' },
    instances: { type: 'string', default: '2' },
    build: { type: 'string', default: join(import.meta.dirname, '..') },
    pm2: { type: 'boolean', default: false },
  },
});
const AT_ONCE = [1, 8, 20, 64, 512];
const instances = Number(values.instances);
const app = { script: join(import.meta.dirname, 'apps/pid.cjs'), instances };

const lab = await Lab.open({ root: resolve(values.build), pm2: values.pm2 ? await installPm2() : NO_PM2 });
try {
  console.log(
    `connections of the busiest of ${instances}, in shares: the median of ${values.tries} tries, and the worst; Node ${process.version}`,
  );
  console.table(await withServers(lab, app, measure));
} finally {
  await lab.close();
}

async function measure({ ours, bare, pm2 }) {
  const table = {};
  for (const isKept of [true, false]) {
    for (const count of AT_ONCE) {
      const tries = (server) => server && (() => busiest(server.port, { count, instances, isKept }));
      const ways = { ours: tries(ours), bare: tries(bare), pm2: tries(pm2) };
      const samples = await inTurn(ways, { rounds: Number(values.tries), warmUp: false });
      const cell = (found) => found && `${spread(found).median.toFixed(2)}, ${spread(found).max.toFixed(2)}`;
      table[`${count} ${isKept ? 'kept' : 'new'}`] = {
        stateward: cell(samples.ours),
        'node:cluster': cell(samples.bare),
        ...(pm2 && { pm2: cell(samples.pm2) }),
      };
    }
  }
  return table;
}
