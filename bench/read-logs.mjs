/**
 * What reading logs costs everybody else: how long the controller answers nothing else, at most, while logs of many apps are
 * merged, searched and followed. In time of the processor, measured in the controller itself (apps/turns.cjs), beside the
 * same while nobody reads; and the time in which `get` is answered meanwhile, which a busy machine makes longer.
 *
 *   node bench/read-logs.mjs [--apps 100] [--megabytes 10] [--build DIR]
 *
 * Budget: 50 ms.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { timeRun } from './timing.mjs';

const { values } = parseArgs({
  options: {
    apps: { type: 'string', default: '100' },
    megabytes: { type: 'string', default: '10' },
    build: { type: 'string', default: fileURLToPath(new URL('..', import.meta.url)) },
  },
});
const BUDGET_MS = 50;
const IDLE_MS = 5_000;
const FOLLOW_MS = 5_000;
const FOLLOWERS = 5;
const HOSTILE = '([^ ]+)+#$';
const count = Number(values.apps);
const bin = resolve(values.build, 'dist/bin.cjs');
const folder = mkdtempSync(join(tmpdir(), 'stw-bench-read-'));
const home = join(folder, 'home');
const turnsSocket = join(folder, 'turns.sock');
const env = { ...process.env, STATEWARD_HOME: home };
const stateward = (...args) => timeRun([process.execPath, bin, ...args], { cwd: folder, env });

const floodSocket = join(folder, 'flood.sock');
const app = (name, megabytes) => ({
  ...{ name, script: fileURLToPath(new URL('./apps/flood.cjs', import.meta.url)) },
  ...{ autorestart: false, log_rotate: false },
  env: { FLOOD_SOCKET: floodSocket, MEGABYTES: megabytes },
});
const some = Array.from({ length: count }, (_, index) => app(`app-${index}`, values.megabytes));
const write = (apps) =>
  writeFileSync(join(folder, 'ecosystem.json'), JSON.stringify({ project: 'bench', apps }));

const server = createServer((connection) => connection.on('error', () => undefined).write('x'));
await new Promise((listening) => server.listen(floodSocket, listening));
try {
  await startController();
  write(some);
  await stateward('apply', '-f', 'ecosystem.json');
  await stateward('wait', 'all', '--for', 'completed').catch(() => undefined);
  const total = ((count * Number(values.megabytes)) / 1000).toFixed(1);
  const idle = await report('nobody reads', () => setTimeout(IDLE_MS));
  const rows = [
    await report(`logs -n 100, ${count} files`, () => stateward('logs', '-n', '100')),
    await report(`logs --since 1h --grep, ${total} GB`, () =>
      stateward('logs', '--since', '1h', '--grep', '[a-c]{2}x$'),
    ),
    await report(`the same with ${HOSTILE}`, () =>
      stateward('logs', '--since', '1h', '--grep', HOSTILE).catch(() => undefined),
    ),
    await report(`${FOLLOWERS} followers of all, one app writes 200 MB`, follow),
  ];
  const worst = Math.max(...rows.map(({ longestMs }) => longestMs));
  console.log(
    `longest turn: ${worst.toFixed(1)} ms of the processor, ${(worst / idle.longestMs).toFixed(1)} x of that while nobody reads (budget ${BUDGET_MS} ms)`,
  );
} finally {
  await stateward('daemon', 'stop', '--all').catch((error) => console.error(error.message));
  server.close();
  rmSync(folder, { recursive: true, force: true });
}

/** As the command line starts it, with apps/turns.cjs in it. */
async function startController() {
  mkdirSync(home, { mode: 0o700 });
  const preload = fileURLToPath(new URL('./apps/turns.cjs', import.meta.url));
  const flags = ['--max-semi-space-size=1', '--require', preload];
  const child = spawn(process.execPath, [...flags, resolve(values.build, 'dist/daemon.cjs'), home], {
    ...{ cwd: home, detached: true, stdio: 'ignore' },
    env: { ...env, TURNS_SOCKET: turnsSocket },
  });
  child.unref();
  await stateward('daemon', 'start');
}

/** Several that follow everything, while one app writes as fast as it can. */
async function follow() {
  const readers = Array.from({ length: FOLLOWERS }, () =>
    spawn(process.execPath, [bin, 'logs', '-f', '-n', '0'], { cwd: folder, env, stdio: 'ignore' }),
  );
  await setTimeout(1_000);
  write([...some, app('late', '200')]);
  await stateward('apply', '--no-wait', '-f', 'ecosystem.json');
  await setTimeout(FOLLOW_MS);
  for (const reader of readers) reader.kill('SIGINT');
}

/** Asks again and again for all apps while something is done. */
async function report(name, work) {
  await turns();
  const from = performance.now();
  let isDone = false;
  const done = work().finally(() => (isDone = true));
  const answers = [];
  while (!isDone) {
    answers.push(await get());
    await setTimeout(5);
  }
  await done;
  const took = (performance.now() - from) / 1000;
  const { longestMs, usedMs } = await turns();
  answers.sort((a, b) => a - b);
  const at = (share) => answers[Math.floor((answers.length - 1) * share)].toFixed(1);
  console.log(
    `${name}: longest turn ${longestMs.toFixed(1)} ms, ${(usedMs / 1000).toFixed(2)} s of the processor in ${took.toFixed(1)} s; ` +
      `get answered in ${at(0.5)} ms, 99 of 100 in ${at(0.99)}, at most ${at(1)}`,
  );
  return { longestMs };
}

async function get() {
  const from = performance.now();
  await new Promise((resolved, failed) => {
    const sent = request({ socketPath: join(home, 'run/api.sock'), path: '/v1/apps' }, (answer) => {
      answer.resume().on('end', resolved).on('error', failed);
    });
    sent.on('error', failed).end();
  });
  return performance.now() - from;
}

async function turns() {
  const connection = connect(turnsSocket);
  let text = '';
  for await (const chunk of connection) text += chunk;
  return JSON.parse(text);
}
