/**
 * Requests that fail while an app is reloaded again and again: 50 clients that keep their connection and 50 that do not,
 * against 2 instances of each app in test/rollout/apps.
 *
 *   node bench/reload.mjs [--reloads 10] [--pm2 /path/to/pm2]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { LoadClients } from '../test/rollout/load-clients.mjs';
import { freePort } from './lab/free-port.mjs';
import { timeRun } from './timing.mjs';

const { values } = parseArgs({
  options: { reloads: { type: 'string', default: '10' }, pm2: { type: 'string' } },
});
const reloads = Number(values.reloads);
const APPS = ['no-handler', 'close-handler', 'express', 'fastify'];
const bin = fileURLToPath(new URL('../dist/bin.cjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'stw-bench-'));
const versionFile = join(folder, 'version');
const env = { ...process.env, STATEWARD_HOME: join(folder, 'home'), PM2_HOME: join(folder, 'pm2') };
delete env.NODE_EXTRA_CA_CERTS;
const run =
  (program) =>
  (...args) =>
    timeRun([process.execPath, program, ...args], { cwd: folder, env });

const stateward = run(bin);
const tools = {
  stateward: {
    async start(app) {
      const file = join(folder, 'ecosystem.json');
      writeFileSync(file, JSON.stringify({ project: 'bench', apps: [app] }));
      await stateward('apply', '-f', file);
    },
    reload: () => stateward('reload', 'web'),
    remove: () => stateward('delete', 'web', '--allow-wipe'),
    end: () => stateward('daemon', 'stop', '--all'),
  },
};
if (values.pm2 !== undefined) {
  const pm2 = run(values.pm2);
  tools.pm2 = {
    async start(app) {
      const file = join(folder, 'pm2.config.json');
      writeFileSync(file, JSON.stringify({ apps: [app] }));
      await pm2('start', file);
    },
    reload: () => pm2('reload', 'web'),
    remove: () => pm2('delete', 'web'),
    end: () => pm2('kill'),
  };
}

const { fetch } = globalThis;
const rows = [];
try {
  for (const app of APPS) {
    for (const [name, tool] of Object.entries(tools)) rows.push(await measure(app, name, tool));
  }
} finally {
  for (const { end } of Object.values(tools)) await end().catch((error) => console.error(error.message));
  rmSync(folder, { recursive: true, force: true });
}
console.table(rows);

async function measure(name, toolName, tool) {
  const port = await freePort();
  const script = fileURLToPath(new URL(`../test/rollout/apps/${name}.cjs`, import.meta.url));
  let version = 0;
  writeFileSync(versionFile, String(version));
  await tool.start({
    name: 'web',
    script,
    exec_mode: 'cluster',
    instances: 2,
    env: { PORT: String(port), VERSION_FILE: versionFile },
  });
  await untilAnswers(port);
  const load = await LoadClients.start(port);
  const took = [];
  let wrong = 0;
  for (let i = 0; i < reloads; i++) {
    writeFileSync(versionFile, String(++version));
    took.push(await tool.reload());
    if ((await versionServed(port)) !== String(version)) wrong += 1;
  }
  const { requests, failed, kinds } = await load.stop();
  await tool.remove();
  return {
    app: name,
    tool: toolName,
    reloads,
    requests,
    failed,
    'old version after reload': wrong,
    'seconds a reload': Number((took.reduce((sum, ms) => sum + ms, 0) / took.length / 1000).toFixed(1)),
    'what failed': Object.entries(kinds)
      .map(([kind, count]) => `${count} ${kind}`)
      .join(', '),
  };
}

async function versionServed(port) {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } });
    return (await response.text()).split(' ')[1];
  } catch {
    return undefined;
  }
}

async function untilAnswers(port) {
  while ((await versionServed(port)) === undefined) await new Promise((resolve) => setTimeout(resolve, 50));
}
