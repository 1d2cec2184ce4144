/**
 * Two builds side by side, run by run in turn, so that a slow moment of the machine hits both: whether a change made
 * anything slower. Beside wall time stands the time of the processor, which a busy machine disturbs least.
 *
 *   node bench/compare.mjs --against /path/to/another/built/checkout [--apps 100] [--many 10000] [--runs 9]
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from './frame/statistics.mjs';
import { ticks, timedCommand } from './lab/timed-command.mjs';
import { upCounter } from './lab/up-counter.mjs';

const { values } = parseArgs({
  options: {
    against: { type: 'string' },
    apps: { type: 'string', default: '100' },
    many: { type: 'string', default: '10000' },
    runs: { type: 'string', default: '9' },
  },
});
if (values.against === undefined) throw new Error('name the other checkout: --against /path/to/it');
const runs = Number(values.runs);
const idle = fileURLToPath(new URL('./apps/idle.cjs', import.meta.url));

const here = await side(fileURLToPath(new URL('..', import.meta.url)));
const there = await side(resolve(values.against));
try {
  await compare(`cold start of ${values.apps} apps`, Math.ceil(runs / 2), coldStart);
  for (const one of [here, there]) await coldStart(one);
  for (const args of [
    ['version'],
    ['get'],
    ['describe', 'idle-0'],
    ['validate'],
    ['plan'],
    ['apply'],
    ['diff'],
  ])
    await compare(args.join(' '), runs, (one) => command(one, args));
  await compare('crash to running again', runs * 3, crash);
  for (const one of [here, there]) stop(one);
  for (const one of [here, there]) declare(one, Number(values.many));
  await compare(`plan of ${values.many} apps, no daemon`, Math.ceil(runs / 2), (one) =>
    command(one, ['plan']),
  );
} finally {
  for (const one of [here, there]) {
    stop(one);
    one.up.close();
    rmSync(one.folder, { recursive: true, force: true });
  }
}

/** A build with a folder, a home and a counter of its own. */
async function side(root) {
  const folder = mkdtempSync(join(tmpdir(), 'stw-compare-'));
  const up = await upCounter(join(folder, 'up.sock'));
  // Builds that share a cache of compiled code take each other's out of it.
  const own = { STATEWARD_HOME: join(folder, 'home'), XDG_CACHE_HOME: join(folder, 'cache') };
  const env = { ...process.env, ...own };
  // Read by Node 20 at start, for 20 ms and more: it would hide what is compared.
  delete env.NODE_EXTRA_CA_CERTS;
  const one = { bin: join(root, 'dist/bin.cjs'), folder, up, env };
  declare(one, Number(values.apps));
  return one;
}

function declare({ folder }, count) {
  const apps = Array.from({ length: count }, (_, i) => ({
    name: `idle-${i}`,
    script: idle,
    restart_delay: 0,
    env: { BENCH_SOCKET: join(folder, 'up.sock'), N: String(i) },
  }));
  writeFileSync(join(folder, 'ecosystem.json'), JSON.stringify({ project: 'bench', apps }));
}

/** From nothing, no daemon either, to every app running; with what the daemon used for it. */
async function coldStart(one) {
  stop(one);
  one.up.reset();
  const reached = one.up.reached(Number(values.apps));
  const from = performance.now();
  await command(one, ['apply', '--no-wait']);
  const wall = (await reached) - from;
  const { controller, runner } = pids(one);
  return { wall, controller: processorTime(controller), runner: processorTime(runner) };
}

function command(one, args) {
  return timedCommand([process.execPath, one.bin, ...args], { cwd: one.folder, env: one.env });
}

/** One app is killed: the time until it says again that it is up. */
async function crash(one) {
  const { items } = JSON.parse(output(one, ['get', 'idle-0', '-o', 'json']));
  one.up.reset();
  const reached = one.up.reached(1);
  const from = performance.now();
  process.kill(items[0].status.instances[0].pid, 'SIGKILL');
  return { wall: (await reached) - from };
}

function pids(one) {
  const { controller, runner } = JSON.parse(output(one, ['daemon', 'status', '-o', 'json']));
  return { controller: controller.pid, runner: runner.pid };
}

function stop(one) {
  output(one, ['daemon', 'stop', '--all']);
}

function output(one, args) {
  return execFileSync(process.execPath, [one.bin, ...args], {
    cwd: one.folder,
    env: one.env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

/** Milliseconds of user and system time of a process, see proc_pid_stat(5). */
function processorTime(pid) {
  return ticks(readFileSync(`/proc/${pid}/stat`, 'utf8'), 11);
}

async function compare(name, count, measure) {
  const pairs = [];
  await measure(here);
  await measure(there);
  for (let i = 0; i < count; i++) pairs.push([await measure(here), await measure(there)]);
  for (const figure of Object.keys(pairs[0][0])) {
    const of = (at) => median(pairs.map((pair) => pair[at][figure]));
    const ratio = median(pairs.map(([a, b]) => a[figure] / b[figure]));
    console.log(
      `${name}, ${figure}: ${of(0).toFixed(1)} ms, there ${of(1).toFixed(1)} ms, ratio ${ratio.toFixed(3)}`,
    );
  }
}
