/**
 * Moves three apps of a real PM2 (a fork with a port, a cluster of two, a worker) by `import pm2` and the commands that
 * it prints, with the built package. PM2 comes from the npm registry into a folder of the system's temporary folder, and
 * has a PM2_HOME of its own, whose daemon ends with `pm2 kill`. Skipped, with a sentence, where the registry is away.
 *
 *   npm run test:pm2
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const LINE = '7';
const bin = fileURLToPath(new URL('../dist/bin.cjs', import.meta.url));

/** Answers with its name and pid. */
const SERVER = `
const answer = (_, response) => response.end(process.argv[2] + ' ' + process.pid);
require('node:http').createServer(answer).listen(Number(process.env.PORT), '127.0.0.1');
`;

const programs = installPm2();
if (programs === null) {
  console.log(
    `skipped: PM2 ${LINE} is not here, and npm could not install it (is the registry within reach?)`,
  );
} else {
  const folder = mkdtempSync(join(tmpdir(), 'stw-pm2-'));
  try {
    await move(folder, programs);
    console.log('ok: three apps moved from PM2 by the commands that import pm2 prints');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The folder of its programs; null: it cannot be had. */
function installPm2() {
  const store = join(tmpdir(), `stw-pm2-${LINE}-${process.getuid?.() ?? 'user'}`);
  const programs = join(store, 'node_modules/.bin');
  if (existsSync(join(programs, 'pm2'))) return programs;
  mkdirSync(store, { recursive: true });
  const flags = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--fetch-retries=1'];
  const { status } = spawnSync('npm', ['install', ...flags, '--prefix', store, `pm2@${LINE}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: 120_000,
  });
  return status === 0 ? programs : null;
}

async function move(folder, programs) {
  const own = join(folder, 'bin');
  const pm2Home = join(folder, 'pm2');
  mkdirSync(own);
  mkdirSync(pm2Home);
  writeFileSync(join(own, 'stateward'), `#!/bin/sh\nexec '${process.execPath}' '${bin}' "$@"\n`, {
    mode: 0o755,
  });
  writeFileSync(join(folder, 'server.js'), SERVER);
  writeFileSync(join(folder, 'worker.js'), 'setInterval(() => {}, 1e6);\n');
  const path = [own, programs, process.env.PATH].join(delimiter);
  const env = {
    ...process.env,
    PATH: path,
    PM2_HOME: pm2Home,
    STATEWARD_HOME: join(folder, 'home'),
    NO_COLOR: '1',
  };
  const run = (line, more = {}) => {
    const options = { cwd: folder, env: { ...env, ...more }, encoding: 'utf8', timeout: 120_000 };
    const { status, stdout, stderr } = spawnSync('sh', ['-c', line], options);
    assert(status === 0, `${line}: exit ${status}\n${stdout}${stderr}`);
    return stdout;
  };
  const [web, api] = [await freePort(), await freePort()];
  try {
    run('pm2 start server.js --name web -- web', { PORT: String(web) });
    run('pm2 start server.js --name api -i 2 -- api', { PORT: String(api) });
    run('pm2 start worker.js');
    const before = JSON.parse(run('pm2 jlist')).map(({ pid }) => pid);
    assert(before.length === 4, `PM2 runs ${before.length} processes, and not 4`);
    const daemon = Number(readFileSync(join(pm2Home, 'pm2.pid'), 'utf8'));
    const printed = run('stateward import pm2');
    const steps = printed.split('\n').filter((line) => line.startsWith('  pm2 stop '));
    assert(steps.length === 3, `there are ${steps.length} steps, and not 3:\n${printed}`);
    for (const step of steps) {
      run(step);
      await answers(web, 'web');
      await answers(api, 'api');
    }
    assert(run('pm2 jlist').trim() === '[]', 'PM2 still has apps');
    assert(readFileSync(join(pm2Home, 'dump.pm2'), 'utf8').trim() === '[]', 'PM2 has saved apps');
    run('pm2 kill');
    for (const pid of [daemon, ...before]) await gone(pid);
    const { items } = JSON.parse(run('stateward get -o json'));
    const served = items.map(({ name, status }) => `${name} ${status.instances.length}`).sort();
    assert(served.join() === 'api 2,web 1,worker 1', `stateward runs ${served.join()}`);
    const pids = items.flatMap(({ status }) => status.instances.map(({ pid }) => pid));
    for (const [port, name] of [
      [web, 'web'],
      [api, 'api'],
    ]) {
      const pid = Number((await answers(port, name)).split(' ')[1]);
      assert(pids.includes(pid), `${name} answers from ${pid}, which is no process of stateward`);
    }
    const again = run('stateward apply 2>&1');
    assert(/ 0 processes touched/.test(again), `an apply of the file changes something: ${again}`);
  } finally {
    spawnSync('pm2', ['kill'], { env, stdio: 'ignore', timeout: 60_000 });
    spawnSync('stateward', ['daemon', 'stop', '--all'], { env, stdio: 'ignore', timeout: 60_000 });
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** PM2 tells of a start before the app listens. */
async function answers(port, name) {
  const options = { headers: { connection: 'close' }, signal: globalThis.AbortSignal.timeout(20_000) };
  for (;;) {
    try {
      const text = await (await globalThis.fetch(`http://127.0.0.1:${port}`, options)).text();
      assert(text.startsWith(`${name} `), `port ${port} of ${name} answers ${text}`);
      return text;
    } catch (error) {
      if (error.cause?.code !== 'ECONNREFUSED') throw error;
      await setTimeout(50);
    }
  }
}

async function gone(pid) {
  for (const end = Date.now() + 20_000; existsSync(`/proc/${pid}`) && isRunning(pid); await setTimeout(50)) {
    assert(Date.now() < end, `process ${pid} of PM2 is left behind`);
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

function assert(condition, message) {
  if (!condition) throw new Error(message);
}
