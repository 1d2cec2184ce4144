// How the API answers while a hundred apps crash at once: p50 and p99 of GET /v1/status, and whether a healthy app
// that runs beside them was left alone. Budget: p99 below 200 ms.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BIN = join(import.meta.dirname, '../dist/bin.cjs');
const APPS = 100;
const SECONDS = 8;
const BUDGET_MS = 200;

const folder = mkdtempSync(join(tmpdir(), 'stw-storm-'));
const home = join(folder, 'home');
const run = (...args) =>
  spawnSync(process.execPath, [BIN, ...args], {
    cwd: folder,
    env: { ...process.env, STATEWARD_HOME: home },
    encoding: 'utf8',
  });
const healthy = () => JSON.parse(run('get', 'healthy', '-o', 'json').stdout).items[0].status.instances[0];

try {
  const storm = Array.from({ length: APPS }, (_, index) => ({
    name: `crash-${index}`,
    script: 'exit 1',
    shell: true,
    restart_delay: 0,
  }));
  const steady = { name: 'healthy', script: 'exec sleep 1000', shell: true };
  writeFileSync(join(folder, 'steady.json'), JSON.stringify({ project: 'storm', apps: [steady] }));
  writeFileSync(join(folder, 'storm.json'), JSON.stringify({ project: 'storm', apps: [steady, ...storm] }));
  run('apply', '-f', 'steady.json');
  const before = healthy();
  run('apply', '-f', 'storm.json', '--no-wait');
  const times = await measure(performance.now() + SECONDS * 1000);
  const after = healthy();
  const list = JSON.parse(run('get', '-o', 'json').stdout).items;
  const restarts = list.reduce((sum, { status }) => sum + status.instances[0].restarts, 0);
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
  const kept = before.pid === after.pid && after.restarts === 0;
  console.log(
    `${APPS} apps, ${restarts} restarts in ${SECONDS} s; GET /v1/status x ${times.length}: ` +
      `p50 ${at(0.5).toFixed(1)} ms, p99 ${at(0.99).toFixed(1)} ms; healthy app ${kept ? 'left alone' : 'TOUCHED'}`,
  );
  process.exitCode = kept && at(0.99) < BUDGET_MS ? 0 : 1;
} finally {
  run('daemon', 'stop', '--all');
  rmSync(folder, { recursive: true, force: true });
}

async function measure(until) {
  const times = [];
  while (performance.now() < until) {
    const start = performance.now();
    await status();
    times.push(performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return times;
}

function status() {
  return new Promise((resolve, reject) => {
    request({ socketPath: join(home, 'run/api.sock'), path: '/v1/status' }, (response) => {
      response.resume().on('end', resolve);
    })
      .on('error', reject)
      .end();
  });
}
