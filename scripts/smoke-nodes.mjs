/**
 * Runs the built package on every supported line of Node: apply, no-op apply, crash and restart, edit, remove, and an
 * app in cluster mode, of which both instances answer on one port, and go on sharing it when the runner was killed; an app
 * on a terminal of its own, which is typed into, and one that says by sd_notify that it is ready (Linux, with perl). The
 * binaries come from the npm registry as packages, into a folder of the system's temporary folder.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeOf } from './node-of-line.mjs';

const LINES = [20, 22, 24, 26];
const root = fileURLToPath(new URL('..', import.meta.url));
const bin = join(root, 'dist/bin.cjs');

/** Answers with its pid, and leaves the port that both instances were given. */
const WEB = `
const server = require('node:http').createServer((_, response) => response.end(String(process.pid)));
server.listen(0, '127.0.0.1', () => require('node:fs').writeFileSync('port', String(server.address().port)));
`;

/** Asks until so many have answered, and prints who. */
const ASK_ALL = `
const pids = new Set();
(async () => {
  while (pids.size < Number(process.argv[2])) {
    const options = { headers: { connection: 'close' } };
    pids.add(await (await fetch('http://127.0.0.1:' + process.argv[1], options)).text());
  }
  process.stdout.write([...pids].map(Number).sort().join());
})();
`;

/** Says whether its streams are a terminal, and what was typed there. */
const ON_TERMINAL = `
console.log('terminal ' + (process.stdin.isTTY && process.stdout.isTTY));
process.stdin.on('data', (bytes) => console.log('got', String(bytes).trim()));
`;

const SAYS_READY = `use Socket; socket(my $s, PF_UNIX, SOCK_DGRAM, 0);
send($s, "READY=1\\nSTATUS=serves", 0, pack_sockaddr_un($ENV{NOTIFY_SOCKET})); sleep 1000;
`;

const hasPerl = process.platform === 'linux' && spawnSync('perl', ['-v']).status === 0;

let failed = 0;
for (const line of LINES) {
  try {
    smoke(nodeOf(line));
    console.log(`ok node ${line}`);
  } catch (error) {
    failed += 1;
    console.error(`FAILED node ${line}: ${error.message}`);
  }
}
process.exit(failed === 0 ? 0 : 1);

function smoke(node) {
  const folder = mkdtempSync(join(tmpdir(), 'stw-sm-'));
  const home = join(folder, 'home');
  const env = {
    ...process.env,
    STATEWARD_HOME: home,
    NO_COLOR: '1',
    PATH: `${join(node, '..')}:${process.env.PATH}`,
  };
  const run = (expected, ...args) => typed('', expected, ...args);
  const typed = (input, expected, ...args) => {
    const options = { cwd: folder, env, encoding: 'utf8', timeout: 120_000, input };
    const result = spawnSync(node, [bin, ...args], options);
    if (result.status !== expected) {
      throw new Error(`stateward ${args.join(' ')}: exit ${result.status}\n${result.stdout}${result.stderr}`);
    }
    return `${result.stdout}${result.stderr}`;
  };
  const declare = (value, names = ['a', 'b']) => {
    const apps = names.map((name) => ({
      name,
      script: './app.js',
      env: { VALUE: name === 'a' ? value : 'fixed' },
    }));
    writeFileSync(join(folder, 'ecosystem.json'), JSON.stringify({ project: 'smoke', apps }));
  };
  writeFileSync(join(folder, 'app.js'), 'console.log(process.version);setInterval(() => {}, 1e6);');
  const pids = () =>
    Object.fromEntries(
      JSON.parse(run(0, 'get', '-o', 'json')).items.map(({ name, status }) => [
        name,
        status.instances[0].pid,
      ]),
    );
  try {
    declare('one');
    run(0, 'apply');
    const first = pids();
    assert(/\b0 processes touched/.test(run(0, 'apply')), 'the second apply touched something');
    declare('two');
    run(0, 'apply');
    const second = pids();
    assert(first.a !== second.a && first.b === second.b, 'an edit of a touched something else');
    assert(
      run(0, 'logs', 'a').includes(execFileSync(node, ['-v'], { encoding: 'utf8' }).trim()),
      'a logged nothing',
    );
    const list = `require(${JSON.stringify(root)}).connect().then((s) => s.list()).then((l) => console.log(l.length))`;
    const listed = execFileSync(node, ['-e', list], { cwd: folder, env, encoding: 'utf8', timeout: 30_000 });
    assert(listed === '2\n', `the library lists ${listed}`);
    declare('two', ['a']);
    run(0, 'apply');
    assert(pids().b === undefined, 'b is still there');
    writeFileSync(join(folder, 'web.js'), WEB);
    const web = { name: 'web', script: './web.js', instances: 2, exec_mode: 'cluster' };
    writeFileSync(join(folder, 'ecosystem.json'), JSON.stringify({ project: 'smoke', apps: [web] }));
    run(0, 'apply');
    const port = readFileSync(join(folder, 'port'), 'utf8');
    const allServe = (count) => {
      const answered = execFileSync(node, ['-e', ASK_ALL, port, String(count)], {
        encoding: 'utf8',
        timeout: 30_000,
      });
      const { status } = JSON.parse(run(0, 'get', '-o', 'json')).items[0];
      const serving = status.instances.map(({ pid }) => pid).sort();
      assert(answered === serving.join(), `${answered} answered, and not ${serving.join()}`);
      const lost = status.conditions.find(({ type }) => type === 'SocketSharing');
      assert(lost === undefined, `${lost?.reason}: ${lost?.message}`);
    };
    allServe(2);
    // V8 says there which flags it does not know.
    const daemonLog = readFileSync(join(home, 'daemon.log'), 'utf8');
    assert(!daemonLog.includes('unrecognized flag'), `the log of the daemon: ${daemonLog}`);
    const runnerPid = () => JSON.parse(run(0, 'daemon', 'status', '-o', 'json')).runner?.pid;
    const killed = runnerPid();
    process.kill(killed, 'SIGKILL');
    while ([killed, undefined].includes(runnerPid()));
    run(0, 'send', 'web', 'hello');
    run(0, 'scale', 'web', '3');
    allServe(3);
    assert(!run(0, 'reload', 'web').includes('gap'), 'the sockets were lost with the runner');
    allServe(3);
    assert(readFileSync(join(folder, 'port'), 'utf8') === port, 'the port is another one');
    if (!hasPerl) return;
    writeFileSync(join(folder, 'term.js'), ON_TERMINAL);
    writeFileSync(join(folder, 'says.pl'), SAYS_READY);
    const apps = [
      { name: 'term', script: './term.js', tty: true },
      { name: 'says', script: './says.pl', interpreter: 'perl', notify: true, listen_timeout: '60s' },
    ];
    writeFileSync(join(folder, 'ecosystem.json'), JSON.stringify({ project: 'smoke', apps }));
    run(0, 'apply');
    assert(run(0, 'why', 'says').includes('slot 0 says: serves'), 'what it says was not heard');
    typed('hello\n', 0, 'attach', 'term');
    const until = Date.now() + 10_000;
    let log = '';
    while (!log.includes('got hello') && Date.now() < until) log = run(0, 'logs', 'term', '--nostream');
    assert(log.includes('terminal true') && log.includes('got hello'), `the terminal shows ${log}`);
  } finally {
    run(0, 'daemon', 'stop', '--all');
    rmSync(folder, { recursive: true, force: true });
  }
}

function assert(condition, message) {
  if (!condition) throw new Error(message);
}
