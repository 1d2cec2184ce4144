import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Host } from '../support/host.ts';

const SECRET = 'c4nary-of-the-owner';
const NOBODY = ['--reuid=65534', '--regid=65534', '--clear-groups'];

let host: Host;
let pids: { readonly controller: number; readonly runner: number; readonly app: number };

beforeAll(async () => {
  if (process.getuid?.() !== 0) return;
  host = new Host();
  host.write('app.js', `console.log('a line'); require('node:net').createServer().listen(0, '127.0.0.1');`);
  host.declare({
    name: 'web',
    script: './app.js',
    env: { DB_PASSWORD: SECRET },
    instances: 1,
    exec_mode: 'cluster',
    min_uptime: 0,
  });
  await host.ok('apply');
  // Nothing is to depend on what is around the home.
  chmodSync(host.folder, 0o755);
  const { controller, runner } = await host.daemon();
  pids = {
    controller: controller?.pid ?? 0,
    runner: runner?.pid ?? 0,
    app: (await host.pids())['web']?.[0] ?? 0,
  };
});
afterAll(() => (process.getuid?.() === 0 ? host[Symbol.asyncDispose]() : undefined));

/** What a program of another user gives out, and how it ends. */
function asNobody(script: string, ...args: readonly string[]): string {
  const source = `
    const codeOf = (run) => { try { return 'done ' + run(); } catch (error) { return error.code ?? error.message; } };
    const fs = require('node:fs'); const [, ...given] = process.argv;
    ${script}`;
  const { stdout, stderr } = spawnSync('setpriv', [...NOBODY, process.execPath, '-e', source, ...args], {
    encoding: 'utf8',
    cwd: '/',
    env: { PATH: process.env['PATH'] ?? '' },
  });
  return stdout.trim() + stderr.trim();
}

const inHome = (path: string): string => join(host.home, path);

describe.runIf(process.getuid?.() === 0)('another user of the host', () => {
  it.each(['run/api.sock', 'run/runner.sock', 'run/agents.sock'])('cannot connect to %s', (path) => {
    const said = asNobody(
      `require('node:net').connect(given[0]).on('error', ({ code }) => console.log(code)).on('connect', () => { console.log('connected'); process.exit(); });`,
      inHome(path),
    );
    expect(said).toBe('EACCES');
  });

  it.each(['.', 'run', 'run/io', 'state', 'logs', 'logs/shop'])('cannot list %s', (path) => {
    expect(asNobody(`console.log(codeOf(() => fs.readdirSync(given[0])));`, inHome(path))).toBe('EACCES');
  });

  it('can read, write, remove and add nothing in the home, nor go through it', () => {
    const paths = readdirSync(host.home, { recursive: true, withFileTypes: true }).map((entry) =>
      join(entry.parentPath, entry.name),
    );
    expect(paths.length).toBeGreaterThan(20);
    const said = asNobody(
      `const flags = fs.constants.O_NONBLOCK;
       for (const path of given) console.log([
         codeOf(() => fs.openSync(path, flags)),
         codeOf(() => fs.openSync(path, fs.constants.O_WRONLY | flags)),
         codeOf(() => fs.statSync(path).mode),
         codeOf(() => fs.unlinkSync(path)),
         codeOf(() => fs.renameSync(path, path + '.x')),
         codeOf(() => fs.writeFileSync(path + '.new', '')),
         codeOf(() => fs.chmodSync(path, 0o777)),
         codeOf(() => fs.linkSync(path, '/tmp/stw-link-' + process.pid)),
       ].join());`,
      ...paths,
    );
    expect([...new Set(said.split('\n'))]).toEqual([Array.from({ length: 8 }, () => 'EACCES').join()]);
  });

  it('would still be kept out by every mode if the home itself were open', () => {
    chmodSync(host.home, 0o711);
    try {
      for (const path of ['run', 'state', 'daemon.log', 'logs']) {
        expect([path, statSync(inHome(path)).mode & 0o007]).toEqual([path, 0]);
        expect(asNobody(`console.log(codeOf(() => fs.openSync(given[0])));`, inHome(path))).toBe('EACCES');
      }
      const sockets = asNobody(
        `require('node:net').connect(given[0]).on('error', ({ code }) => console.log(code)).on('connect', () => { console.log('connected'); process.exit(); });`,
        inHome('run/api.sock'),
      );
      expect(sockets).toBe('EACCES');
    } finally {
      chmodSync(host.home, 0o700);
    }
  });

  it.each(['controller', 'runner', 'app'] as const)(
    'learns from /proc of the %s its command line, and no secret',
    (which) => {
      const pid = String(pids[which]);
      const read = `console.log(codeOf(() => fs.readFileSync('/proc/' + given[0] + '/' + given[1])));`;
      for (const file of ['environ', 'mem', 'maps', 'io'])
        expect(asNobody(read, pid, file)).toMatch(/^(?:EACCES|EPERM|done $)/);
      const fds = asNobody(`console.log(codeOf(() => fs.readdirSync('/proc/' + given[0] + '/fd')));`, pid);
      expect(fds).toMatch(/EACCES|EPERM/);
      expect(asNobody(read, pid, 'cmdline')).not.toContain(SECRET);
      expect(asNobody(`console.log(codeOf(() => process.kill(Number(given[0]), 0)));`, pid)).toBe('EPERM');
    },
  );

  it('finds no abstract socket of ours', () => {
    const names = readFileSync('/proc/net/unix', 'utf8')
      .split('\n')
      .flatMap((line) => /@.*$/.exec(line)?.[0] ?? []);
    expect(names.filter((name) => /stateward|stw/i.test(name))).toEqual([]);
  });

  it('gets nothing from the commands with this home', () => {
    const bin = new URL('../../dist/bin.cjs', import.meta.url).pathname;
    const env = { PATH: process.env['PATH'] ?? '', STATEWARD_HOME: host.home, HOME: '/' };
    for (const args of [
      ['get'],
      ['logs', 'web', '--no-follow'],
      ['stop', 'all'],
      ['daemon', 'stop', '--all'],
      ['plan'],
      ['doctor'],
    ]) {
      const ran = spawnSync('setpriv', [...NOBODY, process.execPath, bin, ...args], {
        encoding: 'utf8',
        env,
        cwd: '/',
      });
      expect([args, ran.status]).not.toEqual([args, 0]);
      expect(ran.stdout + ran.stderr).not.toContain(SECRET);
    }
    expect(statSync(`/proc/${pids.app}`).isDirectory()).toBe(true);
  });

  it('finds nothing of an evaluation of an ecosystem file on the disk', async () => {
    const mine = host.write('temporary/mine', '');
    host.write(
      'ecosystem.config.js',
      `module.exports = { apps: [{ name: 'js', script: './app.js', env: { TOKEN: process.env.GIVEN } , args: [require('node:fs').readdirSync(require('node:os').tmpdir()).join()] }] };`,
    );
    const { stdout } = await host.run(['config', 'render', '-f', 'ecosystem.config.js'], {
      env: { GIVEN: SECRET, TMPDIR: dirname(mine) },
    });
    expect(stdout).not.toContain(SECRET);
    // What there was while it was evaluated, and what there is now.
    expect(stdout).toMatch(/args: \[ mine \]/);
    expect(readdirSync(dirname(mine))).toEqual(['mine']);
  });
});
