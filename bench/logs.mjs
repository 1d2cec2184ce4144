/**
 * The log sink: megabytes a second from an app that writes as fast as it can to its log file, against the same program
 * behind a pipe that `cat` writes to a file, in turn.
 *
 *   node bench/logs.mjs [--megabytes 400] [--rounds 7] [--build DIR] [--set KEY=JSON ...]
 *
 * `--set` gives the app a further field of the ecosystem file, as `--set time=true`. Budget: 200 MB/s.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { median } from './frame/statistics.mjs';
import { timeRun } from './timing.mjs';

const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '400' },
    rounds: { type: 'string', default: '7' },
    build: { type: 'string', default: fileURLToPath(new URL('..', import.meta.url)) },
    set: { type: 'string', multiple: true, default: [] },
  },
});
const BUDGET = 200;
const bytes = Number(values.megabytes) * 1_000_000;
const flood = fileURLToPath(new URL('./apps/flood.cjs', import.meta.url));
const bin = resolve(values.build, 'dist/bin.cjs');
const folder = mkdtempSync(join(tmpdir(), 'stw-bench-logs-'));
const socket = join(folder, 'flood.sock');
const log = join(folder, 'flood.log');
const bare = join(folder, 'bare.log');
const env = {
  ...process.env,
  STATEWARD_HOME: join(folder, 'home'),
  FLOOD_SOCKET: socket,
  MEGABYTES: values.megabytes,
};
const stateward = (...args) => timeRun([process.execPath, bin, ...args], { cwd: folder, env });

const more = Object.fromEntries(values.set.map((pair) => pair.split(/=(.*)/s).slice(0, 2)));
const extra = Object.fromEntries(Object.entries(more).map(([key, json]) => [key, JSON.parse(json)]));
const app = {
  name: 'flood',
  script: flood,
  out_file: log,
  autorestart: false,
  log_rotate: false,
  env: { FLOOD_SOCKET: socket, MEGABYTES: values.megabytes },
  ...extra,
};
writeFileSync(join(folder, 'ecosystem.json'), JSON.stringify({ project: 'bench', apps: [app] }));

let connected;
const server = createServer((connection) => connected(connection));
await new Promise((listening) => server.listen(socket, listening));
try {
  await stateward('daemon', 'start');
  const rounds = [];
  for (let round = 0; round <= Number(values.rounds); round++) {
    const pair = [await sink(), await behindPipe()];
    // The first pair warms up.
    if (round > 0) rounds.push(pair);
  }
  const [ours, pipes] = [0, 1].map((index) => rounds.map((pair) => pair[index]));
  const ratio = median(rounds.map(([a, b]) => a / b));
  console.log(
    `log sink: ${median(ours).toFixed(0)} MB/s (${Math.min(...ours).toFixed(0)} to ${Math.max(...ours).toFixed(0)}), ` +
      `writer | cat > file: ${median(pipes).toFixed(0)} MB/s, ${ratio.toFixed(2)} x of it (budget ${BUDGET} MB/s)`,
  );
} finally {
  await stateward('daemon', 'stop', '--all').catch((error) => console.error(error.message));
  server.close();
  rmSync(folder, { recursive: true, force: true });
}

/** Of one run of the app, from its first byte to its last one in the file; the file is emptied after it. */
async function sink() {
  const flooding = timeFlood(log);
  await stateward('apply', '--no-wait', '-f', 'ecosystem.json');
  const speed = await flooding;
  await stateward('delete', 'all', '--allow-wipe');
  truncateSync(log);
  return speed;
}

async function behindPipe() {
  const flooding = timeFlood(bare);
  spawn('sh', ['-c', `"${process.execPath}" "${flood}" | cat > "${bare}"`], { env, stdio: 'inherit' });
  return await flooding;
}

async function timeFlood(file) {
  const connection = await new Promise((resolved) => (connected = resolved));
  connection.resume();
  const from = performance.now();
  connection.write('x');
  while ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) < bytes) await setTimeout(1);
  return bytes / 1000 / (performance.now() - from);
}
