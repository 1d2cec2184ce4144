/**
 * Requests that fail while what has a declared socket is replaced, crashes, or loses its daemon: 50 clients that keep their
 * connection and 50 that do not, against one process of bench/apps/activated.py (if there is a python3) and activated.cjs.
 * A request on a kept connection that the program closes at that moment is counted apart, as `resendable`: HTTP clients send it
 * again on another connection. These clients do not.
 *
 *   node bench/sockets.mjs
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { LoadClients } from '../test/rollout/load-clients.mjs';
import { freePort } from './lab/free-port.mjs';

const bin = fileURLToPath(new URL('../dist/bin.cjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'stw-bench-'));
const env = { ...process.env, STATEWARD_HOME: join(folder, 'home') };

const PROGRAMS = {
  python: { script: 'activated.py', interpreter: 'python3' },
  'go-like': { script: 'activated.cjs', agent: false },
};

/** What is done under load, to the app `web`. */
const STEPS = {
  restart: () => stateward('restart', 'web'),
  'rollout of a new version': (app) => app.release(),
  crash: async () => {
    process.kill(processes()[0].pid, 'SIGUSR1');
    await settled();
  },
  'scale to 3 and back': () => {
    stateward('scale', 'web', '3');
    stateward('scale', 'web', '1');
  },
  'kill -9 of the runner, then a rollout': async (app) => {
    process.kill(daemon().runner.pid, 'SIGKILL');
    await settled();
    app.release();
  },
  'kill -9 of runner and controller, then a rollout': async (app) => {
    const { runner, controller } = daemon();
    for (const { pid } of [runner, controller]) process.kill(pid, 'SIGKILL');
    stateward('daemon', 'start');
    await settled();
    app.release();
  },
  'daemon upgrade, then restart': () => {
    stateward('daemon', 'upgrade', '--force');
    stateward('restart', 'web');
  },
};

const rows = [];
const load = [loadavg()[0]];
try {
  for (const [name, program] of Object.entries(PROGRAMS)) {
    if (spawnSync(program.interpreter ?? 'node', ['--version']).error === undefined) {
      rows.push(...(await measure(name, program)));
    } else console.error(`${name}: there is no ${program.interpreter}`);
  }
} finally {
  stateward('daemon', 'stop', '--all');
  rmSync(folder, { recursive: true, force: true });
}
load.push(loadavg()[0]);
console.table(rows);
console.log(`load of the machine before and after: ${load.map((value) => value.toFixed(1)).join(', ')}`);

async function measure(name, { script, ...program }) {
  const port = await freePort();
  const app = {
    version: 0,
    release() {
      const declared = {
        name: 'web',
        script: fileURLToPath(new URL(`apps/${script}`, import.meta.url)),
        ...program,
        code: 'off',
        stop_signal: 'SIGTERM',
        kill_timeout: '30s',
        min_uptime: '500ms',
        sockets: [{ name: 'http', listen: `127.0.0.1:${port}` }],
        env: { VERSION: String(++this.version) },
      };
      writeFileSync(join(folder, 'ecosystem.json'), JSON.stringify({ project: 'bench', apps: [declared] }));
      stateward('apply');
    },
  };
  app.release();
  const rows = [];
  for (const [what, step] of Object.entries(STEPS)) {
    const clients = await LoadClients.start(port);
    await setTimeout(500);
    await step(app);
    await setTimeout(500);
    const { requests, failed, kinds } = await clients.stop();
    const again = Object.entries(kinds).reduce(
      (sum, [kind, count]) => (/^(ECONNRESET|EPIPE) on a kept connection$/.test(kind) ? sum + count : sum),
      0,
    );
    rows.push({ program: name, what, requests, failed: failed - again, resendable: again });
    console.error(rows.at(-1), kinds);
  }
  stateward('delete', 'web', '--allow-wipe');
  return rows;
}

function stateward(...args) {
  const ran = spawnSync(process.execPath, [bin, ...args], { cwd: folder, env, encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(`stateward ${args.join(' ')}: ${ran.stdout}${ran.stderr}`);
  return ran.stdout;
}

function daemon() {
  return JSON.parse(stateward('daemon', 'status', '-o', 'json'));
}

function processes() {
  const [app] = JSON.parse(stateward('get', '-o', 'json')).items;
  return app.status.instances.filter(({ pid }) => pid !== null);
}

/** Every process is there again, and the daemon answers. */
async function settled() {
  for (;;) {
    await setTimeout(300);
    const ran = spawnSync(process.execPath, [bin, 'health', 'web'], { cwd: folder, env });
    if (ran.status === 0) return;
  }
}
