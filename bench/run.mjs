/**
 * Side-by-side figures for the budgets: every figure is a ratio against something measured in the same run, because a
 * machine that is shared changes its speed by the minute.
 *
 *   node bench/run.mjs [--apps 100] [--runs 11] [--pm2 /path/to/pm2]
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { timePairs, timeRun, upCounter } from './timing.mjs';

const { values } = parseArgs({
  options: {
    apps: { type: 'string', default: '100' },
    runs: { type: 'string', default: '11' },
    pm2: { type: 'string' },
  },
});
const count = Number(values.apps);
const runs = Number(values.runs);
const IDLE_MS = 45_000;
const bin = fileURLToPath(new URL('../dist/bin.cjs', import.meta.url));
const idle = fileURLToPath(new URL('./apps/idle.cjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'stw-bench-'));
const file = join(folder, 'ecosystem.json');
const pm2File = join(folder, 'pm2.config.json');
const socket = join(folder, 'up.sock');

const env = { ...process.env, STATEWARD_HOME: join(folder, 'home'), PM2_HOME: join(folder, 'pm2') };
// Read by every Node 20 at start, for 20 ms and more: it would make every ratio look better than it is.
delete env.NODE_EXTRA_CA_CERTS;
const options = { cwd: folder, env };

const stateward = (...args) => timeRun([process.execPath, bin, ...args], options);
const pm2 = (...args) => timeRun([process.execPath, values.pm2, ...args], options);
const bareNode = () => timeRun([process.execPath, '-e', '0'], options);

const apps = Array.from({ length: count }, (_, i) => ({
  name: `idle-${i}`,
  script: idle,
  env: { BENCH_SOCKET: socket, N: String(i) },
}));
writeFileSync(file, JSON.stringify({ project: 'bench', apps }));
writeFileSync(pm2File, JSON.stringify({ apps }));

const up = await upCounter(socket);
try {
  await idleApps();
  await commands();
  if (values.pm2 !== undefined) await besidePm2();
} finally {
  await stateward('daemon', 'stop', '--all').catch((error) => console.error(error.message));
  if (values.pm2 !== undefined) await pm2('kill').catch((error) => console.error(error.message));
  up.close();
  rmSync(folder, { recursive: true, force: true });
}

/** Cold start of all apps against a bare loop that spawns the same. */
async function idleApps() {
  const rounds = Math.max(1, Math.min(5, Math.floor(runs / 3)));
  const { a, b, ratio } = await timePairs(
    rounds,
    async () => {
      await stateward('daemon', 'start');
      const took = await untilUp(() => stateward('apply', '--no-wait', '-f', file));
      await stateward('delete', 'all', '--allow-wipe');
      return took;
    },
    bareLoop,
  );
  report(`${count} idle Node apps, cold to all running`, a, b, { ratio, budget: 1.15, against: 'bare loop' });
}

async function commands() {
  await stateward('apply', '-f', file);
  const of = async (name, args, budget) => {
    const { a, b, ratio } = await timePairs(runs, () => stateward(...args), bareNode);
    report(name, a, b, { ratio, budget, against: 'node -e 0' });
  };
  await of(`get, ${count} apps`, ['get'], 1.5);
  await of(`apply of an unchanged file, ${count} apps`, ['apply', '-f', file], 3);
  await of('version', ['version'], 2.5);
  await of('describe', ['describe', 'idle-0'], 2.5);
  await of(`plan of an unchanged file, ${count} apps`, ['plan', '-f', file], 2.5);
  // What a quiet host costs: V8 gives back what the work above needed only after a while.
  await setTimeout(IDLE_MS);
  memory();
}

function memory() {
  const status = JSON.parse(
    execFileSync(process.execPath, [bin, 'daemon', 'status', '-o', 'json'], { ...options, encoding: 'utf8' }),
  );
  const megabytes = (pid) =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
  const controller = megabytes(status.controller.pid);
  const runner = megabytes(status.runner.pid);
  const total = controller + runner;
  console.log(
    `controller + runner, ${count} idle apps: ${controller.toFixed(0)} + ${runner.toFixed(0)} = ${total.toFixed(0)} MB RSS (budget 110)`,
  );
}

/** The same work with PM2. */
async function besidePm2() {
  await stateward('delete', 'all', '--allow-wipe');
  const took = await untilUp(() => pm2('start', pm2File));
  console.log(`PM2: ${count} idle Node apps, cold to all running: ${took.toFixed(0)} ms`);
  const list = await timePairs(Math.min(runs, 5), () => pm2('ls'), bareNode);
  report('PM2: ls', list.a, list.b, { ratio: list.ratio, against: 'node -e 0' });
  const again = await pm2('start', pm2File);
  console.log(`PM2: start of an unchanged file: ${again.toFixed(0)} ms (restarts every app)`);
  await pm2('delete', 'all');
}

async function untilUp(begin) {
  up.reset();
  const reached = up.reached(count);
  const from = performance.now();
  await begin();
  return (await reached) - from;
}

async function bareLoop() {
  const children = [];
  const took = await untilUp(() => {
    for (const app of apps) {
      const child = spawn(process.execPath, [idle], {
        detached: true,
        stdio: 'ignore',
        env: { ...env, ...app.env },
      });
      children.push(child);
    }
  });
  await Promise.all(
    children.map((child) => {
      const ended = new Promise((resolve) => child.on('exit', resolve));
      child.kill('SIGKILL');
      return ended;
    }),
  );
  return took;
}

function report(name, a, b, { ratio, budget, against }) {
  const verdict =
    budget === undefined
      ? ''
      : ratio <= budget
        ? `  (budget ${budget}: kept)`
        : `  (budget ${budget}: MISSED)`;
  console.log(
    `${name}: ${a.toFixed(1)} ms, ${against}: ${b.toFixed(1)} ms, ratio ${ratio.toFixed(2)}${verdict}`,
  );
}
