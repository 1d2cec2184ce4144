import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, type TestContext } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { Host } from '../../support/host.ts';
import { nodes } from '../../support/nodes.ts';

const BIN = fileURLToPath(new URL('../../../dist/bin.cjs', import.meta.url));
const EXAMPLE = fileURLToPath(new URL('../../../examples/container', import.meta.url));
const isRoot = process.getuid?.() === 0;
/** A user that no file knows of, as `docker run -u`. */
const UID = '12345';

/** Ends when asked to, and says so. */
const SERVER = `process.on('SIGINT', () => {
  console.log('bye');
  process.exit(0);
});
console.log('pid of my parent: ' + process.ppid);
setInterval(() => {}, 1e6);
process.send('ready');
`;
/** Leaves three processes to process 1, and counts those that stay as zombies when they have ended. */
const ORPHANS = `const { spawn } = require('node:child_process');
const { readdirSync, readFileSync } = require('node:fs');
const orphans = () => readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)).flatMap((pid) => {
  try {
    const [, name, state, parent] = /^[0-9]+ \\((.*)\\) (.) ([0-9]+)/.exec(readFileSync('/proc/' + pid + '/stat', 'utf8'));
    return parent === '1' && /^(sh|setsid|sleep)$/.test(name) ? [state] : [];
  } catch {
    return [];
  }
});
let looks = 0;
const look = () => {
  const left = orphans();
  const isOver = left.every((state) => state === 'Z') && (left.length === 0 || ++looks > 50);
  if (!isOver) return setTimeout(look, 20);
  console.log('zombies: ' + left.length);
};
spawn('sh', ['-c', 'for i in 1 2 3; do (setsid sleep 0.1 &); done'], { stdio: 'ignore' }).once('exit', look);
setInterval(() => {}, 1e6);
`;

interface Box {
  readonly child: ChildProcess;
  readonly shown: { out: string; err: string };
  readonly ended: Promise<number | null>;
  /** Of process 1 in the namespace, as it is called outside. */
  readonly pid: () => Promise<number>;
  /** Runs a command in the box. */
  readonly enter: (...args: readonly string[]) => ReturnType<typeof spawnSync>;
}

/** What a container has: namespaces of its own, a root that cannot be written to, a tmpfs, and no folder of the user. */
function commandFor(host: Host, command: readonly string[]): readonly [string, readonly string[]] {
  const tmpfs = join(host.folder, 'tmpfs');
  mkdirSync(tmpfs, { recursive: true });
  const user = isRoot ? ['setpriv', '--reuid', UID, '--regid', UID, '--clear-groups'] : [];
  const env = ['env', '-i', 'PATH=/usr/bin:/bin', `STATEWARD_HOME=${tmpfs}/stateward`, 'NO_COLOR=1'];
  const script = `set -e
    mount --make-rprivate /
    mount -t tmpfs -o size=32m,mode=1777 tmpfs "$1"
    mount -o remount,bind,ro /
    cd "$2"
    if touch /stw-is-writable 2>/dev/null; then echo 'the root can be written to' >&2; exit 99; fi
    shift 2
    exec "$@"`;
  return [
    'unshare',
    [
      ...(isRoot ? [] : ['-Ur']),
      ...['--pid', '--fork', '--mount', '--mount-proc', '--kill-child'],
      ...['sh', '-c', script, 'box', tmpfs, host.folder, ...user, ...env, ...command],
    ],
  ];
}

/** Skips, with the reason, where a host has no such boxes. */
function prepared(context: TestContext): Host {
  const host = new Host();
  host.write('server.js', SERVER);
  host.write('orphans.js', ORPHANS);
  chmodSync(host.folder, 0o755);
  const [program, args] = commandFor(host, [process.execPath, BIN, 'version']);
  const probe = spawnSync(program, args, { encoding: 'utf8' });
  if (probe.status === 0) return host;
  const why = probe.error?.message ?? probe.stderr.trim();
  rmSync(host.folder, { recursive: true, force: true });
  context.skip(`needs unshare with pid and mount namespaces, and a build that uid ${UID} may read: ${why}`);
  return host;
}

function box(host: Host, node: string, ...flags: readonly string[]): Box {
  const [program, args] = commandFor(host, [node, BIN, 'run', ...flags]);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const shown = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (shown.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (shown.err += chunk.toString()));
  const childrenOf = (pid: number): string =>
    readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  let inside = 0;
  return {
    child,
    shown,
    ended: once(child, 'close').then(([code]) => code as number | null),
    pid: async () => (inside ||= Number(await eventually(() => childrenOf(child.pid ?? 0) || undefined))),
    enter: (...command) => {
      const user = ['setpriv', '--reuid', UID, '--regid', UID, '--clear-groups'];
      const env = ['env', '-i', 'PATH=/usr/bin:/bin', `STATEWARD_HOME=${host.folder}/tmpfs/stateward`];
      const line = ['-t', String(inside), '-m', '-p', ...user, ...env, node, BIN, ...command];
      return spawnSync('nsenter', line, { encoding: 'utf8' });
    },
  };
}

function canReap(node: string): boolean {
  const { stdout } = spawnSync(node, ['-p', 'typeof process.execve'], { encoding: 'utf8' });
  return stdout.trim() === 'function';
}

const app = (name: string, script: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  ...{ name, script, min_uptime: 50 },
  ...more,
});

describe.each(nodes)('as process 1 of a container, with %s', (node) => {
  test('run drains and stops on SIGTERM, on a root that is read-only, as a user without a folder', async (context) => {
    await using host = prepared(context);
    host.declare(app('web', './server.js', { wait_ready: true }));
    const { shown, ended, pid, enter } = box(host, node);
    const init = await pid();
    await eventually(() => shown.err.includes('web: healthy'));
    if (isRoot) expect(enter('health')).toMatchObject({ status: 0, stdout: 'healthy: 1 app\n' });
    process.kill(init, 'SIGTERM');
    expect(await ended).toBe(0);
    expect(shown.out).toContain('| bye\n');
  }, 60_000);

  test('run ends with the code of the app that it is told to end with', async (context) => {
    await using host = prepared(context);
    host.declare(
      app('web', './server.js', { wait_ready: true }),
      app('tests', 'exit 7', { shell: true, autorestart: false, depends_on: ['web'] }),
    );
    const { shown, ended } = box(host, node, '--exit-with', 'tests');
    expect(await ended).toBe(7);
    expect(shown.out).toContain('| bye\n');
  }, 60_000);

  test('run reaps what apps leave to it, or says at once that it cannot', async (context) => {
    await using host = prepared(context);
    host.declare(app('orphans', './orphans.js'));
    const { shown, ended, pid } = box(host, node);
    const init = await pid();
    await eventually(() => shown.out.includes('zombies: '));
    process.kill(init, 'SIGTERM');
    expect(await ended).toBe(0);
    const warning = 'cannot reap processes that apps leave behind';
    if (canReap(node)) {
      expect(shown.out).toContain('zombies: 0\n');
      expect(shown.err).not.toContain(warning);
    } else expect(shown.err).toContain(warning);
    expect(shown.err).not.toContain('ExperimentalWarning');
  }, 60_000);
});

/** The words of an instruction of a Dockerfile in its JSON form. */
function wordsOf(dockerfile: string, instruction: string): readonly string[] {
  const found = new RegExp(`^${instruction}\\b.*?(\\[.*\\])$`, 'm').exec(dockerfile)?.[1];
  return JSON.parse(found ?? '[]') as string[];
}

test('the image of examples/container runs, is healthy, answers, and stops as its Dockerfile says', async (context) => {
  await using host = prepared(context);
  const dockerfile = readFileSync(join(EXAMPLE, 'Dockerfile'), 'utf8');
  const [program, verb, ...flags] = [...wordsOf(dockerfile, 'ENTRYPOINT'), ...wordsOf(dockerfile, 'CMD')];
  expect([program, verb]).toEqual(['stateward', 'run']);
  const [checker, ...check] = wordsOf(dockerfile, 'HEALTHCHECK');
  expect(checker).toBe('stateward');
  const port = String(await freePort());
  for (const file of ['ecosystem.yaml', 'web.js', 'worker.js']) {
    host.write(file, readFileSync(join(EXAMPLE, file), 'utf8').replaceAll('8391', port));
  }
  const { shown, ended, pid, enter } = box(host, process.execPath, ...flags);
  const init = await pid();
  await eventually(() => shown.err.includes('worker: healthy'));
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toMatch(/^hello from instance [01]\n$/);
  if (isRoot) {
    const healthy = { status: 0, stdout: 'healthy: 2 apps\n' };
    await eventually(() => enter(...check).status === 0);
    expect(enter(...check)).toMatchObject(healthy);
  }
  process.kill(init, /^STOPSIGNAL (\w+)$/m.exec(dockerfile)?.[1]);
  expect(await ended).toBe(0);
  expect(shown.out.indexOf('worker has put everything away')).toBeLessThan(shown.out.indexOf('| closed'));
  expect(shown.out).toContain('worker has put everything away');
}, 60_000);
