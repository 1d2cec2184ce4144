import { once } from 'node:events';
import { join } from 'node:path';
import { freePort } from './free-port.mjs';

const PRIMARY = join(import.meta.dirname, '../apps/primary.cjs');
const { fetch } = globalThis;

/**
 * One app of some instances three times: under stateward, under node:cluster, under PM2; each on a port of its own.
 *
 * @param work told `{ ours, bare, pm2 }`, each `{ port, reload() }`; PM2 only where there is one
 * @param options.env of the app; `minReadyMs` how long node:cluster waits in a reload before the old one goes
 */
export async function withServers(lab, { script, instances, env = {}, minReadyMs = 0, more = {} }, work) {
  const app = (port) => ({
    ...{ name: 'web', script, exec_mode: 'cluster', instances, ...more },
    env: { PORT: String(port), ...env },
  });
  const ports = { ours: await freePort(), bare: await freePort(), pm2: await freePort() };
  await lab.stateward('apply', '-f', lab.write('web', [app(ports.ours)]));
  const args = [PRIMARY, script, String(instances), String(minReadyMs)];
  const stdio = ['ignore', 'ignore', 'ignore', 'ipc'];
  const primary = lab.spawn(args, { stdio, env: { PORT: String(ports.bare), ...env } });
  await once(primary, 'message');
  if (lab.hasPm2) await lab.pm2('start', lab.write('pm2-web', [app(ports.pm2)]));
  const servers = {
    ours: { port: ports.ours, reload: () => lab.stateward('reload', 'web') },
    bare: { port: ports.bare, reload: () => reloadBare(primary) },
    pm2: lab.ifPm2({ port: ports.pm2, reload: () => lab.pm2('reload', 'web') }),
  };
  try {
    for (const server of Object.values(servers)) if (server !== undefined) await answer(server.port);
    return await work(servers);
  } finally {
    primary.kill();
    await once(primary, 'exit');
    await lab.stateward('delete', 'web', '--allow-wipe');
    if (lab.hasPm2) await lab.pm2('delete', 'web');
  }
}

/** The text of an answer on a new connection, as soon as there is one. */
export async function answer(port) {
  for (;;) {
    const text = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } }).then(
      (response) => response.text(),
      () => undefined,
    );
    if (text !== undefined) return text;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function reloadBare(primary) {
  const from = performance.now();
  primary.send('reload');
  await once(primary, 'message');
  return performance.now() - from;
}
