/**
 * What Node has for a cluster without a manager: `primary.cjs APP INSTANCES [MIN_READY_MS]`. Says "up" over the channel; on
 * "reload" replaces worker by worker, each old one once the new one has listened for so long, and says "reloaded".
 */
const cluster = require('node:cluster');
const { once } = require('node:events');

const [exec, instances, minReadyMs = '0'] = process.argv.slice(2);
cluster.setupPrimary({ exec });

async function start() {
  const worker = cluster.fork();
  await once(worker, 'listening');
  return worker;
}

async function reload(workers) {
  for (const [slot, old] of workers.entries()) {
    workers[slot] = await start();
    await new Promise((resolve) => setTimeout(resolve, Number(minReadyMs)));
    old.kill('SIGINT');
    await once(old, 'exit');
  }
}

(async () => {
  const workers = await Promise.all(Array.from({ length: Number(instances) }, start));
  process.on('message', () => void reload(workers).then(() => process.send('reloaded')));
  process.on('disconnect', () => process.exit());
  process.send('up');
})();
