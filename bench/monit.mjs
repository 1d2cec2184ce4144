/**
 * What monit costs: the time of the processor that it, the controller and the runner take while it shows many idle apps, and
 * what the two take without it, in the same run. Needs script(1) for a terminal.
 *
 *   node bench/monit.mjs [--apps 500] [--seconds 60] [--node] [--build DIR]
 *
 * `--node`: Node apps, which have an agent, in the place of programs that sleep. Budget: 3 % of a core, monit and what it
 * costs the controller together.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { timeRun } from './timing.mjs';

const { values } = parseArgs({
  options: {
    apps: { type: 'string', default: '500' },
    seconds: { type: 'string', default: '60' },
    node: { type: 'boolean', default: false },
    build: { type: 'string', default: fileURLToPath(new URL('..', import.meta.url)) },
  },
});
const BUDGET = 3;
const TICKS_PER_SECOND = 100;
const SETTLE_MS = 5_000;
const bin = resolve(values.build, 'dist/bin.cjs');
const folder = mkdtempSync(join(tmpdir(), 'stw-bench-monit-'));
const home = join(folder, 'home');
const env = { ...process.env, STATEWARD_HOME: home, TERM: 'xterm-256color' };
const stateward = (...args) => timeRun([process.execPath, bin, ...args], { cwd: folder, env });

writeFileSync(join(folder, 'idle.cjs'), 'setInterval(() => undefined, 1 << 30);\n');
const program = values.node ? { script: './idle.cjs' } : { script: 'sleep', args: ['infinity'] };
const apps = Array.from({ length: Number(values.apps) }, (_, index) => ({
  name: `app-${index}`,
  ...program,
}));
writeFileSync(join(folder, 'ecosystem.json'), JSON.stringify({ project: 'bench', apps }));
try {
  await stateward('apply', '-f', 'ecosystem.json', '--timeout', '5m');
  const { controller, runner } = await daemonPids();
  await setTimeout(SETTLE_MS);
  const without = await share([controller, runner]);
  const terminal = spawn(
    'script',
    ['-qec', `stty rows 50 cols 160; exec "${process.execPath}" "${bin}" monit`, '/dev/null'],
    {
      ...{ cwd: folder, env },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  terminal.stdout.resume();
  await setTimeout(SETTLE_MS);
  const monit = childOf(childOf(terminal.pid) ?? terminal.pid) ?? childOf(terminal.pid);
  const [of, ours, parent] = await share([monit, controller, runner]);
  terminal.stdin.write('q');
  await new Promise((ended) => terminal.on('exit', ended));
  const percent = (value) => `${value.toFixed(2)} %`;
  console.log(
    `${values.apps} apps: monit ${percent(of)}, controller ${percent(ours)} (without monit ${percent(without[0])}), ` +
      `runner ${percent(parent)} (${percent(without[1])}); monit and what it costs the controller: ` +
      `${percent(of + ours - without[0])} of a core (budget ${BUDGET} %)`,
  );
} finally {
  await stateward('daemon', 'stop', '--all').catch((error) => console.error(error.message));
  rmSync(folder, { recursive: true, force: true });
}

async function daemonPids() {
  const child = spawn(process.execPath, [bin, 'daemon', 'status', '-o', 'json'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  for await (const chunk of child.stdout) text += chunk;
  const { controller, runner } = JSON.parse(text);
  return { controller: controller.pid, runner: runner.pid };
}

/** What each of these took in the next seconds, in percent of one processor. */
async function share(pids) {
  const before = pids.map(ticks);
  await setTimeout(Number(values.seconds) * 1000);
  return pids.map(
    (pid, index) => ((ticks(pid) - before[index]) / TICKS_PER_SECOND / Number(values.seconds)) * 100,
  );
}

/** User and system time, all threads. */
function ticks(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1].split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

function childOf(pid) {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const fields = readFileSync(`/proc/${name}/stat`, 'latin1').split(') ')[1].split(' ');
      if (Number(fields[1]) === pid) return Number(name);
    } catch {
      // It has ended.
    }
  }
  return null;
}
