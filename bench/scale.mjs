/**
 * What many apps cost: a project with 100, 500, 1,000 and 5,000 apps, of which every fifth runs (a small program that sleeps).
 * In time of the processor, which a busy machine disturbs least. The last column is what the largest takes beside the one
 * with a tenth of its apps: 10 is in line with the apps, and more than 12 is marked.
 *
 *   node bench/scale.mjs [--apps 100,500,1000,5000] [--every 5] [--runs 5] [--idle 70] [--json]
 *   node bench/scale.mjs --apps 100,1000 --every 1      all of them run
 *   node bench/scale.mjs --short      200 and 2,000 apps, in five minutes
 *
 * `--json` prints `{ apps, rows: [{ id, what, unit, values, growth }] }`; `growth` is null where it tells nothing.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { longestAnswer } from './lab/longest-answer.mjs';
import { memoryOf, processorMs } from './lab/processes.mjs';
import { untilOther } from './lab/until-other.mjs';
import { median } from './frame/statistics.mjs';

const { values } = parseArgs({
  options: {
    apps: { type: 'string' },
    every: { type: 'string', default: '5' },
    runs: { type: 'string' },
    idle: { type: 'string' },
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    build: { type: 'string' },
  },
});
const counts = (values.apps ?? (values.short ? '200,2000' : '100,500,1000,5000')).split(',').map(Number);
const runs = Number(values.runs ?? (values.short ? 3 : 5));
/** A minute and the tenth more contains a look at every app, whenever the last change was (src/triggers/resync.ts). */
const idleSeconds = Number(values.idle ?? 70);
/** One in so many apps runs. */
const every = Number(values.every);
/** The memory that work has needed is given back after two looks at it. */
const REST_MS = 45_000;
/** A controller that comes up looks at every app. */
const SETTLE_MS = 5_000;
/** A look at every app, and what it makes of it, is done by then; with 5,000 apps too. */
const RESYNC_MS = 1_500;
const SAMPLE_MS = 100;
const MS_PER_TICK = 10;
const MOST = 12;
const root = values.build ?? fileURLToPath(new URL('..', import.meta.url));
const bin = join(root, 'dist/bin.cjs');

/** `grows`: whether it is to be in line with the apps; the rest has a part that is the same for any number. */
const ROWS = [
  { id: 'first', what: 'first apply: controller', unit: 'ms', of: (it) => it.first.controller, grows: true },
  {
    id: 'first-wait',
    what: 'first apply: longest wait for an answer',
    unit: 'ms',
    of: (it) => it.first.wait,
  },
  { id: 'first-runner', what: 'first apply: runner', unit: 'ms', of: (it) => it.first.runner, grows: true },
  {
    id: 'again',
    what: 'apply, unchanged: controller',
    unit: 'ms',
    of: (it) => it.again.controller,
    grows: true,
  },
  { id: 'again-client', what: 'apply, unchanged: command', unit: 'ms', of: (it) => it.again.client },
  {
    id: 'change',
    what: 'apply, one app changed: controller',
    unit: 'ms',
    of: (it) => it.change.controller,
    grows: true,
  },
  {
    id: 'change-all',
    what: 'apply, every app changed: controller',
    unit: 'ms',
    of: (it) => it.changeAll.controller,
    grows: true,
  },
  {
    id: 'change-all-wait',
    what: 'apply, every app changed: longest wait for an answer',
    unit: 'ms',
    of: (it) => it.changeAll.wait,
  },
  {
    id: 'delete-all',
    what: 'delete of every app: controller',
    unit: 'ms',
    of: (it) => it.deleteAll.controller,
    grows: true,
  },
  {
    id: 'delete-all-wait',
    what: 'delete of every app: longest wait for an answer',
    unit: 'ms',
    of: (it) => it.deleteAll.wait,
  },
  { id: 'plan', what: 'plan: controller', unit: 'ms', of: (it) => it.plan.controller, grows: true },
  { id: 'get', what: 'get: controller', unit: 'ms', of: (it) => it.get.controller, grows: true },
  { id: 'json', what: 'get -o json: controller', unit: 'ms', of: (it) => it.json.controller, grows: true },
  { id: 'describe', what: 'describe of one: controller', unit: 'ms', of: (it) => it.describe.controller },
  {
    id: 'resync',
    what: 'idle, look at every app: controller',
    unit: 'ms',
    of: (it) => it.idle.resync,
    grows: true,
  },
  { id: 'back', what: 'after kill -9, until it answers: clock', unit: 'ms', of: (it) => it.start.wall },
  {
    id: 'start',
    what: 'after kill -9, until it answers: controller',
    unit: 'ms',
    of: (it) => it.start.controller,
    grows: true,
  },
  {
    id: 'settled',
    what: 'after kill -9, until it has looked at all',
    unit: 'ms',
    of: (it) => it.start.settled,
    grows: true,
  },
  { id: 'idle', what: 'idle: controller', unit: '%', of: (it) => it.idle.controller, grows: true },
  { id: 'idle-runner', what: 'idle: runner', unit: '%', of: (it) => it.idle.runner },
  { id: 'wakes', what: 'idle: wake-ups a second, both', unit: '', of: (it) => it.idle.wakes },
  { id: 'rss', what: 'memory, RSS: controller', unit: 'MB', of: (it) => it.controller.rss },
  { id: 'pss', what: 'memory, PSS: controller', unit: 'MB', of: (it) => it.controller.pss },
  { id: 'rss-runner', what: 'memory, RSS: runner', unit: 'MB', of: (it) => it.runner.rss },
  { id: 'pss-runner', what: 'memory, PSS: runner', unit: 'MB', of: (it) => it.runner.pss },
];

const measured = [];
for (const count of counts) {
  try {
    measured.push({ count, ...(await measure(count)) });
    console.error(`${count} apps measured`);
  } catch (error) {
    // What was measured before is not lost.
    console.error(`${count} apps: ${error.message}`);
    process.exitCode = 1;
  }
}
const there = measured.map(({ count }) => count);
const tenth = there.indexOf(there.at(-1) / 10);
const rows = ROWS.map(({ id, what, unit, of, grows }) => {
  const figures = measured.map((one) => Math.round(of(one) * 100) / 100);
  const growth = grows && tenth !== -1 ? Math.round((figures.at(-1) / figures[tenth]) * 10) / 10 : null;
  return { id, what, unit, values: figures, growth };
});
if (values.json) console.log(JSON.stringify({ apps: there, rows }, null, 2));
else for (const line of table()) console.log(line);

/** As in docs/benchmarks.md. */
function table() {
  const head = ['', ...there.map((count) => count.toLocaleString('en')), 'Growth'];
  const cells = rows.map(({ what, unit, values: figures, growth }) => [
    unit === '' ? what : `${what}, ${unit}`,
    ...figures.map((figure) => (figure >= 100 ? Math.round(figure) : figure).toLocaleString('en')),
    growth === null ? '' : `${growth}${growth > MOST ? ' MISSED' : ''}`,
  ]);
  const all = [head, ...cells];
  const widths = head.map((_, at) => Math.max(...all.map((row) => row[at].length)));
  const line = (row) =>
    `| ${row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at]))).join(' | ')} |`;
  const rule = `| ${widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(head), rule, ...cells.map(line)];
}

async function measure(count) {
  const folder = mkdtempSync(join(tmpdir(), 'stw-scale-'));
  const one = { folder, env: { ...process.env, STATEWARD_HOME: join(folder, 'home') } };
  // Read by every Node 20 at its start, for 20 ms and more.
  delete one.env.NODE_EXTRA_CA_CERTS;
  const running = Math.round(count / every);
  declare(one, { count, running });
  const figures = {};
  try {
    output(one, ['daemon', 'start']);
    figures.first = await answering(one, () => withDaemon(one, ['apply', '-f', 'ecosystem.json']));
    for (const [name, args] of Object.entries({
      again: ['apply'],
      plan: ['plan'],
      get: ['get'],
      json: ['get', '-o', 'json'],
      describe: ['describe', 'app-0'],
    })) {
      await withDaemon(one, args);
      const all = [];
      for (let i = 0; i < runs; i++) all.push(await withDaemon(one, args));
      figures[name] = medians(all);
    }
    declare(one, { count, running, changed: 1 });
    figures.change = await withDaemon(one, ['apply']);
    await setTimeout(REST_MS);
    figures.idle = await idleOf(one);
    const { controller, runner } = pids(one);
    Object.assign(figures, { controller: memory(controller), runner: memory(runner) });
    figures.start = await restart(one);
    declare(one, { count, running, changed: count });
    figures.changeAll = await answering(one, () => withDaemon(one, ['apply']));
    figures.deleteAll = await answering(one, () => withDaemon(one, ['delete', 'all', '--allow-wipe']));
  } finally {
    output(one, ['daemon', 'stop', '--all']);
    rmSync(folder, { recursive: true, force: true });
  }
  return figures;
}

/** With the longest that anybody else had to wait for an answer meanwhile. */
async function answering(one, work) {
  const watch = longestAnswer(join(one.env.STATEWARD_HOME, 'run/api.sock'));
  const figures = await work();
  return { ...figures, wait: await watch.stop() };
}

/** The first `changed` of them are not as they were before; none has to start anew for it. */
function declare({ folder }, { count, running, changed = 0 }) {
  const apps = Array.from({ length: count }, (_, i) => ({
    name: `app-${i}`,
    script: '/bin/sleep',
    args: ['100000'],
    interpreter: 'none',
    env: { NUMBER: String(i) },
    ...(i >= running && { autostart: false }),
    ...(i < changed && { kill_timeout: 4000 + changed }),
  }));
  writeFileSync(join(folder, 'ecosystem.json'), JSON.stringify({ project: 'scale', apps }));
}

/** What a command takes, of itself and of the daemon. */
async function withDaemon(one, args) {
  const daemon = pids(one);
  const before = { controller: cpu(daemon.controller), runner: cpu(daemon.runner) };
  const script = '"$@" >/dev/null 2>"$0"; code=$?; cat /proc/$$/stat; exit $code';
  const child = spawn('sh', ['-c', script, join(one.folder, 'err'), process.execPath, bin, ...args], {
    cwd: one.folder,
    env: one.env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stat = '';
  child.stdout.on('data', (chunk) => (stat += chunk));
  const code = await new Promise((done) => child.on('close', done));
  if (code !== 0)
    throw new Error(`${args.join(' ')} ended with ${code}: ${readFileSync(join(one.folder, 'err'), 'utf8')}`);
  return {
    client: ticks(stat, 13),
    controller: cpu(daemon.controller) - before.controller,
    runner: cpu(daemon.runner) - before.runner,
  };
}

async function idleOf(one) {
  const { controller, runner } = pids(one);
  const begun = [cpu(controller), cpu(runner), switches(controller), switches(runner)];
  const from = performance.now();
  const samples = [begun[0]];
  for (let at = SAMPLE_MS; at <= idleSeconds * 1000; at += SAMPLE_MS) {
    await setTimeout(Math.max(0, from + at - performance.now()));
    samples.push(cpu(controller));
  }
  const ended = [cpu(controller), cpu(runner), switches(controller), switches(runner)];
  const [ofController, ofRunner, ...wakes] = ended.map(
    (value, index) => (value - begun[index]) / idleSeconds,
  );
  return {
    controller: ofController / 10,
    runner: ofRunner / 10,
    wakes: wakes[0] + wakes[1],
    resync: resyncAmong(samples),
  };
}

/**
 * What a look at every app takes by itself. Nothing tells when it comes: it is the busiest moment of an idle controller, less
 * what such a moment takes as often as not.
 */
function resyncAmong(samples) {
  const span = RESYNC_MS / SAMPLE_MS;
  const used = samples.slice(span).map((ms, at) => ms - samples[at]);
  return Math.max(...used) - median(used);
}

/** Voluntary switches of the main thread: how often it was woken. */
function switches(pid) {
  return Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
}

/** The controller is killed, and the next one comes up beside the processes that run. */
async function restart(one) {
  const { controller: before } = pids(one);
  const from = performance.now();
  process.kill(before, 'SIGKILL');
  const now = await untilOther(join(one.env.STATEWARD_HOME, 'run/api.sock'), 'controller', before);
  const wall = performance.now() - from;
  const controller = cpu(now);
  await setTimeout(SETTLE_MS);
  return { wall, controller, settled: cpu(now) };
}

function memory(pid) {
  return { rss: memoryOf([pid], 'Rss'), pss: memoryOf([pid], 'Pss') };
}

function medians(all) {
  return Object.fromEntries(Object.keys(all[0]).map((key) => [key, median(all.map((one) => one[key]))]));
}

function cpu(pid) {
  return processorMs([pid]);
}

function ticks(stat, field) {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[field]) + Number(fields[field + 1])) * MS_PER_TICK;
}

function pids(one) {
  const { controller, runner } = JSON.parse(output(one, ['daemon', 'status', '-o', 'json']));
  return { controller: controller.pid, runner: runner.pid };
}

function output(one, args) {
  return execFileSync(process.execPath, [bin, ...args], {
    cwd: one.folder,
    env: one.env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 1e9,
  });
}
