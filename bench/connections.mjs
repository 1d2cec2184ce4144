/**
 * Requests a second through 2 instances of one app: on kept connections, and on a new one for each. Beside `node:cluster`
 * and, with --pm2, PM2. Needs wrk(1).
 *
 *   node bench/connections.mjs [--seconds 5] [--rounds 3] [--pm2 /path/to/pm2]
 */
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { freePort } from './lab/free-port.mjs';
import { timeRun } from './timing.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    pm2: { type: 'string' },
  },
});
const { fetch } = globalThis;
const execute = promisify(execFile);
const INSTANCES = 2;
const CONNECTIONS = 64;
const bin = fileURLToPath(new URL('../dist/bin.cjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'stw-bench-'));
const env = { ...process.env, STATEWARD_HOME: join(folder, 'home'), PM2_HOME: join(folder, 'pm2') };
delete env.NODE_EXTRA_CA_CERTS;
const run = (program, args) => timeRun([process.execPath, program, ...args], { cwd: folder, env });

const script = join(folder, 'app.cjs');
writeFileSync(
  script,
  "require('node:http').createServer((_, response) => response.end('ok')).listen(Number(process.env.PORT), '127.0.0.1');",
);
const primary = join(folder, 'primary.cjs');
writeFileSync(
  primary,
  `const cluster = require('node:cluster');
   cluster.setupPrimary({ exec: ${JSON.stringify(script)} });
   for (let i = 0; i < ${INSTANCES}; i++) cluster.fork();`,
);

const tools = {
  stateward: await startStateward(),
  'node:cluster': await startCluster(),
  ...(values.pm2 !== undefined && { pm2: await startPm2(values.pm2) }),
};
const best = {};
try {
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [name, { port }] of Object.entries(tools)) {
      const row = (best[name] ??= { 'kept connections': 0, 'new connections': 0 });
      row['kept connections'] = Math.max(row['kept connections'], await load(port, []));
      row['new connections'] = Math.max(
        row['new connections'],
        await load(port, ['-H', 'Connection: close']),
      );
    }
  }
} finally {
  for (const { end } of Object.values(tools)) await end();
  rmSync(folder, { recursive: true, force: true });
}
console.log(`requests a second, the best of ${values.rounds} rounds of ${values.seconds} s each`);
console.table(best);

/** Requests a second. */
async function load(port, options) {
  const { stdout } = await execute('wrk', [
    '-t1',
    `-c${CONNECTIONS}`,
    `-d${values.seconds}s`,
    ...options,
    `http://127.0.0.1:${port}/`,
  ]);
  return Math.round(Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]));
}

async function startStateward() {
  const port = await freePort();
  await run(bin, ['apply', '-f', writeApp('ecosystem.json', port)]);
  return { port, end: () => run(bin, ['daemon', 'stop', '--all']) };
}

async function startPm2(program) {
  const port = await freePort();
  await run(program, ['start', writeApp('pm2.config.json', port)]);
  await untilAnswers(port);
  return { port, end: () => run(program, ['kill']) };
}

async function startCluster() {
  const port = await freePort();
  const child = spawn(process.execPath, [primary], { env: { ...env, PORT: String(port) }, stdio: 'ignore' });
  await untilAnswers(port);
  return { port, end: () => new Promise((resolve) => child.once('exit', resolve).kill()) };
}

function writeApp(name, port) {
  const app = {
    name: 'web',
    script,
    exec_mode: 'cluster',
    instances: INSTANCES,
    env: { PORT: String(port) },
  };
  const file = join(folder, name);
  writeFileSync(file, JSON.stringify({ apps: [app] }));
  return file;
}

async function untilAnswers(port) {
  for (;;) {
    const answered = await fetch(`http://127.0.0.1:${port}/`).then(
      (response) => response.text(),
      () => undefined,
    );
    if (answered !== undefined) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
