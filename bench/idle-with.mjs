/**
 * What an idle daemon costs with things on that look after apps by themselves, each beside a daemon without them in the same
 * seconds: processor time of controller and runner, 100 servers of Node that nobody asks anything.
 *
 *   node bench/idle-with.mjs [--only probes,watch] [--seconds 90] [--settle 45] [--build DIR] [--json]
 *
 * `plain`: nothing is on. What is on adds to that; the last has everything at once. Percent of one core.
 */
import { mkdirSync } from 'node:fs';
import { request } from 'node:http';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { freePort } from './lab/free-port.mjs';
import { Lab } from './lab/lab.mjs';
import { NO_PM2 } from './lab/pm2.mjs';
import { processorMs } from './lab/processes.mjs';

const APPS = 100;
const SCRAPE_MS = 15_000;
const SERVER = join(import.meta.dirname, 'apps/pid.cjs');

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seconds: { type: 'string', default: '90' },
    settle: { type: 'string', default: '45' },
    build: { type: 'string', default: fileURLToPath(new URL('..', import.meta.url)) },
    json: { type: 'boolean', default: false },
  },
});

/** What each adds to an app, and what goes on beside it. */
const ALONE = {
  plain: { what: 'nothing', of: () => ({}) },
  agent: { what: 'the agent', of: () => ({ agent: true }) },
  probes: {
    what: '`liveness: http` every 10 s',
    of: ({ port }) => ({ liveness: { http: { port, path: '/' }, period: '10s' } }),
  },
  watch: {
    what: '`watch` of a folder of its own',
    of: ({ folder }) => ({ cwd: folder, watch: ['.'] }),
  },
  schedule: { what: '`cron_restart`, far away', of: () => ({ cron_restart: '0 3 1 1 *' }) },
  limits: { what: '`max_memory_restart`', of: () => ({ max_memory_restart: '1G' }) },
  metrics: {
    what: 'the agent, and metrics read every 15 s',
    of: () => ({ agent: true }),
    beside: (lab) => repeat(() => metrics(lab), SCRAPE_MS),
  },
};
const WAYS = {
  ...ALONE,
  all: {
    what: 'all of these',
    of: (place) => Object.assign({}, ...Object.values(ALONE).map(({ of }) => of(place))),
    beside: ALONE.metrics.beside,
  },
};

const wanted = (values.only ?? Object.keys(WAYS).join()).split(',');
const unknown = wanted.find((name) => !Object.hasOwn(WAYS, name));
if (unknown !== undefined) throw new Error(`there is no ${unknown}: ${Object.keys(WAYS).join(', ')}`);

const plain = await begin('plain');
const rows = [];
try {
  for (const name of wanted) {
    const lab = await begin(name);
    try {
      rows.push({ name, what: WAYS[name].what, ...(await beside(lab, plain, WAYS[name])) });
      if (!values.json) console.log(line(rows.at(-1)));
    } finally {
      await lab.close();
    }
  }
} finally {
  await plain.close();
}
if (values.json) console.log(JSON.stringify({ apps: APPS, seconds: Number(values.seconds), rows }, null, 2));

/** A daemon of its own with the apps, which answer. */
async function begin(name) {
  const lab = await Lab.open({ root: resolve(values.build), pm2: NO_PM2 });
  const apps = [];
  const ports = new Set();
  while (ports.size < APPS) ports.add(await freePort());
  for (let i = 0; i < APPS; i++) {
    const folder = join(lab.folder, `app-${i}`);
    mkdirSync(folder);
    const port = [...ports][i];
    const app = { name: `app-${i}`, script: SERVER, exec_mode: 'fork', agent: false };
    apps.push({ ...app, env: { PORT: String(port) }, ...WAYS[name].of({ port, folder }) });
  }
  await lab.stateward('apply', '-f', lab.write('idle', apps));
  return lab;
}

/** Percent of a core that each daemon takes in the same seconds. */
async function beside(lab, plain, { beside: also = () => () => undefined }) {
  const end = also(lab);
  await setTimeout(Number(values.settle) * 1000);
  const all = await Promise.all([lab, plain].map((one) => one.daemon()));
  const pids = all.flatMap(({ controller, runner }) => [controller.pid, runner.pid]);
  const from = { at: performance.now(), used: pids.map((pid) => processorMs([pid])) };
  await setTimeout(Number(values.seconds) * 1000);
  const ms = performance.now() - from.at;
  const [controller, runner, plainController, plainRunner] = pids.map(
    (pid, at) => ((processorMs([pid]) - from.used[at]) / ms) * 100,
  );
  end();
  return { controller, runner, plainController, plainRunner };
}

function line({ name, what, controller, runner, plainController, plainRunner }) {
  const percent = (value) => value.toFixed(2).padStart(5);
  const ratio = (controller + runner) / (plainController + plainRunner);
  return (
    `${name.padEnd(9)} controller ${percent(controller)} %, runner ${percent(runner)} %; plain beside it ` +
    `${percent(plainController)} %, ${percent(plainRunner)} %; ratio ${ratio.toFixed(2)}  (${what})`
  );
}

function repeat(action, everyMs) {
  const timer = setInterval(() => void action(), everyMs);
  return () => clearInterval(timer);
}

/** What a collector of metrics asks for. */
function metrics(lab) {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath: join(lab.home, 'run/api.sock'), path: '/metrics' }, (response) => {
      response.resume().on('end', resolve).on('error', reject);
    });
    sent.on('error', reject).end();
  });
}
