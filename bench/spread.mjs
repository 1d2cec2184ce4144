/**
 * How connections that come at once are spread over the instances of one app: what the busiest has, in shares (1: all have
 * the same), the median of the tries and the worst. Beside `node:cluster` and, with --pm2, PM2.
 *
 *   node bench/spread.mjs [--instances 2] [--tries 10] [--pm2 /path/to/pm2]
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { freePort } from './lab/free-port.mjs';
import { timeRun } from './timing.mjs';

const { values } = parseArgs({
  options: {
    tries: { type: 'string', default: '10' },
    instances: { type: 'string', default: '2' },
    pm2: { type: 'string' },
  },
});
const { fetch } = globalThis;
const INSTANCES = Number(values.instances);
const AT_ONCE = [1, 8, 20, 64, 512];
const bin = fileURLToPath(new URL('../dist/bin.cjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'stw-bench-'));
const env = { ...process.env, STATEWARD_HOME: join(folder, 'home'), PM2_HOME: join(folder, 'pm2') };
delete env.NODE_EXTRA_CA_CERTS;
const run = (program, args) => timeRun([process.execPath, program, ...args], { cwd: folder, env });

const script = join(folder, 'app.cjs');
writeFileSync(
  script,
  "require('node:http').createServer((_, response) => response.end(String(process.pid))).listen(Number(process.env.PORT), '127.0.0.1');",
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
const spread = {};
try {
  for (const kind of ['kept', 'new']) {
    for (const count of AT_ONCE) {
      const row = (spread[`${count} ${kind}`] = {});
      const shares = await inTurn((port) => busiest(port, count, kind === 'kept'));
      for (const [name, found] of Object.entries(shares)) row[name] = medianAndWorst(found);
    }
  }
} finally {
  for (const { end } of Object.values(tools)) await end();
  rmSync(folder, { recursive: true, force: true });
}
console.log(
  `connections of the busiest of ${INSTANCES}, in shares: the median of ${values.tries} tries, and the worst; Node ${process.version}`,
);
console.table(spread);

/** What `measure` gives for each tool, tool after tool in each try. */
async function inTurn(measure) {
  const found = {};
  for (let i = 0; i < Number(values.tries); i++) {
    for (const [name, { port }] of Object.entries(tools)) (found[name] ??= []).push(await measure(port));
  }
  return found;
}

/** Opens so many connections at once, with a request on each. Kept: none is closed before all are answered. */
async function busiest(port, count, kept) {
  const answers = await Promise.all(Array.from({ length: count }, () => pidBehind(port, kept)));
  await Promise.all(answers.map(({ socket }) => socket.closed || once(socket.destroy(), 'close')));
  const counts = new Map();
  for (const { pid } of answers) counts.set(pid, (counts.get(pid) ?? 0) + 1);
  return (Math.max(...counts.values()) * INSTANCES) / count;
}

async function pidBehind(port, kept) {
  const head = `GET / HTTP/1.1\r\nHost: bench\r\n${kept ? '' : 'Connection: close\r\n'}\r\n`;
  const socket = connect(port, '127.0.0.1', () => socket.write(head));
  let text = '';
  while (!/\r\n\r\n[\s\S]*\d/.test(text)) text += String((await once(socket, 'data'))[0]);
  return { socket, pid: text.split('\r\n\r\n')[1] };
}

function medianAndWorst(shares) {
  const sorted = [...shares].sort((one, other) => one - other);
  return `${sorted[Math.floor(sorted.length / 2)].toFixed(2)}, ${sorted.at(-1).toFixed(2)}`;
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
