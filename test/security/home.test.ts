import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { homeLayout } from '../../src/home/layout.ts';
import { whoCanReplace } from '../../src/home/parents.ts';
import { tightenHome, unsafeInside } from '../../src/home/tighten.ts';
import { Host } from '../support/host.ts';

const isRoot = process.getuid?.() === 0;
const BIN = fileURLToPath(new URL('../../dist/bin.cjs', import.meta.url));
const NOBODY = 65_534;

/** Where a home is, and its folder. */
let host: { readonly folder: string; readonly home: string };
beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'stw-home-'));
  host = { folder, home: join(folder, 'home') };
});
afterEach(() => rmSync(host.folder, { recursive: true }));

/** A home with one of each, as a daemon leaves it. */
function madeHome(): ReturnType<typeof homeLayout> {
  const layout = homeLayout(host.home);
  for (const folder of [
    layout.home,
    layout.run,
    layout.state,
    layout.logs,
    layout.fifos,
    layout.agentFolders,
  ]) {
    mkdirSync(folder, { mode: 0o700 });
  }
  mkdirSync(join(layout.state, 'projects'), { mode: 0o700 });
  mkdirSync(join(layout.logs, 'shop'), { mode: 0o750 });
  mkdirSync(join(layout.agentFolders, '1000'), { mode: 0o711 });
  for (const file of FILES) writeFileSync(join(layout.home, file), '{}', { mode: 0o600 });
  return layout;
}

const FILES = [
  'daemon.log',
  'run/ledger.ndjson',
  'run/controller.lock',
  'run/io/a-1.out',
  'state/ids.json',
  'state/events.ndjson',
  'state/projects/shop.json',
  'logs/shop/web-out.log',
];

function modeOf(path: string): number {
  return statSync(join(host.home, path)).mode & 0o7777;
}

describe('what lies in a home', () => {
  it.each(['run', 'state', 'state/projects', ...FILES].filter((path) => !path.startsWith('logs')))(
    'is closed to others at a start, and that is said: %s',
    (path) => {
      const layout = madeHome();
      const isFolder = statSync(join(host.home, path)).isDirectory();
      chmodSync(join(host.home, path), 0o777);
      expect(unsafeInside(layout)).toBeNull();
      expect(tightenHome(layout)).toMatchObject({
        ok: true,
        value: [`${join(host.home, path)} could be accessed by other users (mode 0777): closed`],
      });
      expect(modeOf(path)).toBe(0o700);
      expect(isFolder || tightenHome(layout)).toEqual(isFolder || { ok: true, value: [] });
    },
  );

  it('keeps what the group may read of the logs, and what a set-gid folder says of groups', () => {
    const layout = madeHome();
    chmodSync(join(host.home, 'logs/shop'), 0o2777);
    chmodSync(join(host.home, 'logs/shop/web-out.log'), 0o666);
    chmodSync(join(host.home, 'state'), 0o2700);
    expect(tightenHome(layout).ok).toBe(true);
    expect(modeOf('logs/shop')).toBe(0o2750);
    expect(modeOf('logs/shop/web-out.log')).toBe(0o640);
    expect(modeOf('state')).toBe(0o2700);
  });

  it('leaves the folders alone by which the agents of other users come', () => {
    expect(tightenHome(madeHome())).toEqual({ ok: true, value: [] });
    expect(modeOf('run/agents/1000')).toBe(0o711);
  });

  it.each(['run', 'state', 'state/projects', 'run/ledger.ndjson', 'state/ids.json', 'run/io'])(
    'is refused when a link is in its place: %s',
    (path) => {
      const layout = madeHome();
      const moved = join(host.folder, 'elsewhere');
      renameSync(join(host.home, path), moved);
      symlinkSync(moved, join(host.home, path));
      const before = statSync(moved).mode;
      const failure = { code: 'HOME_UNSAFE', message: `${join(host.home, path)} is a symbolic link` };
      expect(unsafeInside(layout)).toMatchObject(failure);
      expect(tightenHome(layout)).toMatchObject({ ok: false, error: failure });
      expect(statSync(moved).mode).toBe(before);
    },
  );

  it('may have its logs elsewhere, by a link of its owner', () => {
    const layout = madeHome();
    renameSync(layout.logs, join(host.folder, 'logs'));
    symlinkSync(join(host.folder, 'logs'), layout.logs);
    expect(tightenHome(layout)).toEqual({ ok: true, value: [] });
  });

  it.runIf(isRoot).each(['run', 'state', 'run/ledger.ndjson', 'state/projects/shop.json', 'daemon.log'])(
    'is refused when it belongs to another user: %s',
    (path) => {
      const layout = madeHome();
      chownSync(join(host.home, path), NOBODY, NOBODY);
      expect(unsafeInside(layout)).toMatchObject({
        code: 'HOME_UNSAFE',
        message: `${join(host.home, path)} belongs to another user`,
        hint: expect.stringContaining('chown') as string,
      });
    },
  );

  it.runIf(isRoot)('may belong to the users of apps where they have something of their own', () => {
    const layout = madeHome();
    for (const path of ['run/io/a-1.out', 'run/agents/1000', 'logs/shop/web-out.log']) {
      chownSync(join(host.home, path), NOBODY, NOBODY);
    }
    expect(tightenHome(layout)).toEqual({ ok: true, value: [] });
  });

  it('is parted from a file elsewhere that is the same', () => {
    const layout = madeHome();
    const other = join(host.folder, 'other');
    linkSync(join(layout.state, 'events.ndjson'), other);
    expect(tightenHome(layout)).toMatchObject({ ok: true, value: [expect.stringContaining('another name')] });
    writeFileSync(other, 'changed');
    expect(readFileSync(join(layout.state, 'events.ndjson'), 'utf8')).toBe('{}');
    expect(readdirSync(layout.state).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('is told in a few lines however much it is', () => {
    const layout = madeHome();
    for (let i = 0; i < 50; i++) writeFileSync(join(layout.state, `${i}.json`), '', { mode: 0o600 });
    for (let i = 0; i < 50; i++) chmodSync(join(layout.state, `${i}.json`), 0o644);
    const outcome = tightenHome(layout);
    const told = outcome.ok ? outcome.value : [];
    expect(told).toHaveLength(11);
    expect(told.at(-1)).toBe('and 40 more files and folders: closed');
  });
});

describe('a home that others could replace', () => {
  it.each([
    [0o777, 'can be written to by everybody'],
    [0o1777, null],
    [0o755, null],
  ])('is warned of: a folder of mode %o above it', (mode, problem) => {
    const parent = join(host.folder, 'parent');
    mkdirSync(join(parent, 'home'), { recursive: true });
    chmodSync(parent, mode);
    const said = whoCanReplace(join(parent, 'home'));
    if (problem === null) expect(said).toBeNull();
    else expect(said).toContain(`${parent} ${problem}`);
  });

  it.runIf(isRoot)('is warned of by doctor: a folder of another user above it', async () => {
    await using host = new Host();
    const parent = join(host.folder, 'parent');
    mkdirSync(join(parent, 'home'), { recursive: true, mode: 0o700 });
    chownSync(parent, NOBODY, NOBODY);
    const { text } = await host.run(['doctor'], { env: { STATEWARD_HOME: join(parent, 'home') } });
    expect(text).toContain(`${parent} belongs to another user`);
  });
});

describe('a daemon', () => {
  let host: Host;
  beforeEach(() => {
    host = new Host();
  });
  afterEach(() => host[Symbol.asyncDispose]());
  const mode = (path: string): number => statSync(join(host.home, path)).mode & 0o7777;
  const start = (
    umask: string,
    ...args: string[]
  ): { readonly status: number | null; readonly stderr: string } => {
    const env = { ...process.env, STATEWARD_HOME: host.home };
    const command = `umask ${umask}; exec "$0" "$@"`;
    return spawnSync('sh', ['-c', command, process.execPath, BIN, ...args], {
      env,
      cwd: host.folder,
      encoding: 'utf8',
    });
  };
  const filesOf = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true, recursive: true }).map((it) => join(it.parentPath, it.name));

  it.each(['0000', '0777'])('makes everything for its owner alone, whatever the umask: %s', (umask) => {
    host.write('app.js', `setInterval(() => console.log('a line'), 100);`);
    host.declare({ name: 'web', script: './app.js', min_uptime: 0 });
    expect(start(umask, 'apply')).toMatchObject({ status: 0 });
    for (const path of [host.home, ...filesOf(host.home)]) {
      const { mode: bits } = statSync(path);
      expect([path, (bits & 0o077).toString(8)]).toEqual([
        path,
        path.includes('/logs/') ? expect.any(String) : '0',
      ]);
      expect([path, bits & 0o027]).toEqual([path, 0]);
      expect([path, bits & 0o600]).toEqual([path, 0o600]);
    }
  });

  it('closes what was opened to others while it was down, and says so in its log and as an event', async () => {
    await host.ok('daemon', 'start');
    await host.ok('daemon', 'stop');
    for (const path of ['state', 'run/runner.sock', 'daemon.log']) chmodSync(join(host.home, path), 0o777);
    await host.ok('daemon', 'start');
    for (const path of ['state', 'run/runner.sock']) expect(mode(path)).toBe(0o700);
    expect(mode('daemon.log')).toBe(0o600);
    const said = `${join(host.home, 'run/runner.sock')} could be accessed by other users (mode 0777): closed`;
    expect(readFileSync(join(host.home, 'daemon.log'), 'utf8').split(said)).toHaveLength(2);
    const { items } = JSON.parse((await host.ok('events', '-o', 'json')).stdout) as {
      readonly items: readonly { readonly reason: string; readonly message: string }[];
    };
    expect(items.filter(({ reason, message }) => reason === 'HomeClosed' && message === said)).toHaveLength(
      1,
    );
  });

  it('does not start on what is not its own, and says which and what to do, in every command that would start it', async () => {
    await host.ok('daemon', 'start');
    await host.ok('daemon', 'stop', '--all');
    const ids = join(host.home, 'state/projects');
    renameSync(ids, join(host.folder, 'projects'));
    symlinkSync(join(host.folder, 'projects'), ids);
    for (const args of [['daemon', 'start'], ['daemon', 'run'], ['start', 'x.js'], ['doctor']]) {
      host.write('x.js', '');
      const { code, text } = await host.run(args);
      expect([args, code]).toEqual([args, args[0] === 'doctor' ? 1 : 77]);
      expect(text).toContain(`${ids} is a symbolic link`);
    }
    unlinkSync(ids);
    renameSync(join(host.folder, 'projects'), ids);
    await host.ok('daemon', 'start');
    expect(existsSync(join(host.home, 'run/api.sock'))).toBe(true);
  });

  it.each(['home', './home', 'a/../home', '../here/home'])(
    'is the same one however its home is written: %s',
    async (written) => {
      const cwd = join(host.folder, 'here');
      mkdirSync(join(cwd, 'a'), { recursive: true });
      const run = (...args: string[]): ReturnType<Host['run']> =>
        host.run(args, { cwd, env: { STATEWARD_HOME: written } });
      expect(await run('daemon', 'start')).toMatchObject({ code: 0 });
      expect((await run('daemon', 'status')).stdout).toContain(join(cwd, 'home'));
      expect(await run('daemon', 'stop', '--all')).toMatchObject({ code: 0 });
    },
  );
});
