import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { makeBin, startSshd, whyNoSshd, type Sshd } from './sshd.ts';

const BIN = fileURLToPath(new URL('../../../dist/bin.cjs', import.meta.url));
const absent = whyNoSshd();
if (absent !== null) console.warn(`deploy is not tried against a host: ${absent}`);

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

let folder: string;
let sshd: Sshd;
let path: string;
let port: number;
/** The folder on the host; each story has one of its own below the same home. */
const at = (...names: readonly string[]): string => join(folder, 'host', ...names);
const work = (...names: readonly string[]): string => join(folder, 'work', ...names);

function git(...args: readonly string[]): string {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', HOME: folder };
  const who = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'init.defaultBranch=main'];
  return execFileSync('git', [...who, ...args], { cwd: work(), encoding: 'utf8', env }).trim();
}

const server = (version: string): string =>
  `require('node:http').createServer((_, r) => r.end('${version}')).listen(Number(process.env.PORT), () => process.send('ready'));`;

function commit(text: string, more: Readonly<Record<string, string>> = {}): void {
  writeFileSync(work('server.js'), text);
  for (const [name, content] of Object.entries(more)) writeFileSync(work(name), content);
  git('add', '-A');
  git('commit', '-q', '-m', `change ${text.length}`);
  git('push', '-q', 'origin', 'HEAD:main');
}

/** Writes the ecosystem file here; `deploy` of it counts at once, the rest when it is committed. */
function declare(settings: Record<string, unknown> = {}): void {
  const file = {
    apps: [
      {
        ...{ name: 'web', script: './server.js', wait_ready: true, listen_timeout: 30_000, instances: 1 },
        ...{
          env: { PORT: port, MODE: 'plain' },
          env_production: { MODE: 'production' },
          rollout: { min_ready: 0 },
        },
      },
    ],
    project: 'shop',
    deploy: {
      production: {
        user: userInfo().username,
        host: '127.0.0.1',
        port: sshd.port,
        key: sshd.key,
        ssh_options: sshd.options,
        repo: join(folder, 'origin.git'),
        ref: 'origin/main',
        path: at(),
        env: {
          PATH: path,
          STATEWARD_HOME: join(folder, 'home'),
          GIT_CONFIG_GLOBAL: join(folder, 'gitconfig'),
        },
        keep_releases: 3,
        ...settings,
      },
    },
  };
  writeFileSync(work('ecosystem.json'), JSON.stringify(file, null, 1));
}

function start(...args: readonly string[]) {
  const child = spawn(process.execPath, [BIN, 'deploy', 'ecosystem.json', ...args], {
    cwd: work(),
    env: { ...process.env, NO_COLOR: '1', STATEWARD_HOME: join(folder, 'own') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const shown = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (shown.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (shown.err += chunk.toString()));
  return {
    child,
    shown,
    ended: once(child, 'close').then(([code]) => ({ code: code as number | null, ...shown })),
  };
}

const deploy = (...args: readonly string[]): Promise<Ran> => start(...args).ended;
const current = (): string => readlinkSync(at('current'));
const answer = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port}/`)).text();

describe.skipIf(absent !== null)('deploy, against a real ssh server', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'swdep-'));
    mkdirSync(work());
    mkdirSync(join(folder, 'home'), { mode: 0o700 });
    writeFileSync(join(folder, 'gitconfig'), '[safe]\n\tdirectory = *\n');
    path = makeBin(join(folder, 'bin'), BIN);
    [sshd, port] = [await startSshd(join(folder, 'ssh')), await freePort()];
    execFileSync('git', ['init', '-q', '--bare', '-b', 'main', join(folder, 'origin.git')]);
    git('init', '-q');
    git('remote', 'add', 'origin', join(folder, 'origin.git'));
    declare();
    commit(server('one'));
  });
  afterAll(async () => {
    const env = { ...process.env, STATEWARD_HOME: join(folder, 'home') };
    execFileSync(process.execPath, [BIN, 'daemon', 'stop', '--all'], { env, stdio: 'ignore' });
    await sshd[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  test('an update before setup says what to do', async () => {
    const { code, err } = await deploy('production');
    expect(code).toBe(1);
    expect(err).toContain('setup does it');
    expect(err).toContain('nothing was switched');
  });

  test('setup makes the folders and runs its hooks there', async () => {
    declare({ 'pre-setup': 'echo "before in $PWD"', 'post-setup': 'ls' });
    const { code, out, err } = await deploy('production', 'setup');
    expect([code, err]).toEqual([0, '✓ 127.0.0.1  set up\n']);
    expect(out).toContain(`before in ${at()}`);
    expect(readdirSync(at())).toEqual(['.stateward', 'releases', 'shared']);
    declare();
    expect((await deploy('production', 'setup')).code).toBe(0);
  });

  test('an update runs its hooks in a release of its own, switches, and reloads', async () => {
    const post =
      'test ! -e current && echo built > made && pm2 startOrReload ecosystem.json --env production';
    declare({ 'pre-deploy-local': 'echo here > local', 'pre-deploy': 'pwd', 'post-deploy': post });
    const { code, out, err } = await deploy('production');
    expect([code, err.split('\n').at(-2)]).toEqual([0, '✓ 127.0.0.1  deployed and reloaded']);
    expect(current()).toMatch(/^releases\/1-[0-9a-f]{12}$/);
    expect(out).toContain(`${at(current())}\n`);
    expect(err).toContain('deploy ends in that reload itself');
    expect(readFileSync(at('current', 'made'), 'utf8')).toBe('built\n');
    expect(existsSync(work('local'))).toBe(true);
    expect(await answer()).toBe('one');
    rmSync(work('local'));
  });

  test('the next one follows, list shows both, and revert goes back', async () => {
    declare();
    commit(server('two'));
    expect((await deploy('production')).code).toBe(0);
    expect([current().slice(0, 11), await answer()]).toEqual(['releases/2-', 'two']);
    expect((await deploy('production', 'list')).out).toMatch(
      /^ {2}1-[0-9a-f]{12} .*\n\* 2-[0-9a-f]{12} .*change/,
    );
    expect((await deploy('production', 'previous')).out).toMatch(/^ {2}1-/);
    expect((await deploy('production', 'revert')).code).toBe(0);
    expect([current().slice(0, 11), await answer()]).toEqual(['releases/1-', 'one']);
    expect((await deploy('production', 'current')).out).toMatch(/^\* 1-/);
    const further = await deploy('production', 'revert', '1');
    expect([further.code, further.err.includes('there is no release')]).toEqual([1, true]);
    expect(await deploy('production', 'exec', 'cat server.js; exit 7')).toMatchObject({
      code: 7,
      out: expect.stringContaining('one') as string,
    });
  });

  test('a release that does not run leaves the one before, with the exit code of the rollout', async () => {
    const before = current();
    commit('process.exit(3);');
    const { code, err } = await deploy('production');
    expect(code).toBe(3);
    expect(err).toContain('the release before is current again');
    expect([current(), await answer()]).toEqual([before, 'one']);
  });

  test('a hook that fails switches nothing, and leaves nothing of its release', async () => {
    const before = current();
    commit(server('three'));
    declare({ 'pre-deploy': 'echo half > half\nfalse\necho never' });
    const { code, out, err } = await deploy('production');
    expect([code, current(), out.includes('never')]).toEqual([1, before, false]);
    expect(err).toContain('the hook pre-deploy has failed: nothing was switched');
    declare({ 'pre-deploy-local': 'exit 4' });
    const local = await deploy('production');
    expect([local.code, local.out, local.err]).toEqual([
      1,
      '',
      'the hook pre-deploy-local ended with 4: no host was connected to\n',
    ]);
    declare();
    expect((await deploy('production')).code).toBe(0);
    expect(await answer()).toBe('three');
    const unfinished = readdirSync(at('releases')).filter((name) => existsSync(at('releases', name, 'half')));
    expect(unfinished).toEqual([]);
  });

  test('only so many releases are kept', async () => {
    for (const version of ['four', 'five', 'six']) {
      commit(server(version));
      expect((await deploy('production')).code).toBe(0);
    }
    expect(readdirSync(at('releases')).length).toBeLessThanOrEqual(4);
    expect(await answer()).toBe('six');
  });

  test.each([
    ['nosuch', 'the repository has no nosuch'],
    ['deadbeefdeadbeef', 'the repository has no deadbeefdeadbeef'],
  ])('the ref %s is not there, and nothing is switched', async (ref, text) => {
    const before = current();
    const { code, err } = await deploy('production', ref);
    expect([code, current(), err.includes(text)]).toEqual([1, before, true]);
  });

  test('a tag and a commit can be deployed', async () => {
    git('tag', 'v1', 'HEAD~1');
    git('push', '-q', 'origin', 'v1');
    expect((await deploy('production', 'v1')).code).toBe(0);
    expect(await answer()).toBe('five');
    expect((await deploy('production', git('rev-parse', 'HEAD'))).code).toBe(0);
    expect(await answer()).toBe('six');
  });

  test('two at once: the second one begins nothing', async () => {
    declare({ 'pre-deploy': `echo waiting; while [ ! -e ${at('go')} ]; do sleep 0.05; done` });
    const first = start('production');
    await eventually(() => (first.shown.out.includes('waiting') ? true : undefined));
    const second = await deploy('production');
    expect([second.code, second.err.includes('another deploy is at work')]).toEqual([1, true]);
    writeFileSync(at('go'), '');
    expect((await first.ended).code).toBe(0);
    declare();
    expect((await deploy('production')).code).toBe(0);
  });

  test('a connection that is lost in a hook switches nothing, and the next deploy goes through', async () => {
    const before = current();
    declare({ 'pre-deploy': `echo waiting; while [ ! -e ${at('lost')} ]; do sleep 0.05; done` });
    const lost = start('production');
    await eventually(() => (lost.shown.out.includes('waiting') ? true : undefined));
    sshd.cut();
    const { code, err } = await lost.ended;
    expect([code, err.includes('the connection was lost: nothing was switched')]).toEqual([1, true]);
    writeFileSync(at('lost'), '');
    declare();
    await eventually(async () => ((await deploy('production')).code === 0 ? true : undefined));
    expect(current()).not.toBe(before);
    expect(await answer()).toBe('six');
  });

  test.each([
    ['a release that runs is gone on with', true],
    ['one that does not run is switched back', false],
  ])('a connection that is lost after the switch: %s', async (_what, runs) => {
    const [before, served] = [current(), await answer()];
    // Ready late: the connection is cut while the reload is under way.
    const cut = at(`cut-${runs}`);
    commit(`const look = () => {
  if (!require('node:fs').existsSync(${JSON.stringify(cut)})) return setTimeout(look, 50);
  ${runs ? server('late') : 'process.exit(3);'}
};
look();`);
    const lost = start('production');
    await eventually(() => (current() !== before ? true : undefined));
    sshd.cut();
    const { code, err } = await lost.ended;
    expect([code, err.includes('the connection was lost after the switch was begun')]).toEqual([1, true]);
    writeFileSync(cut, '');
    const follows = runs ? 'late' : served;
    await eventually(async () =>
      (await answer().catch(() => null)) === follows && (current() !== before) === runs ? true : undefined,
    );
    // The lock is held until it has come to its end, and is free then.
    declare();
    commit(server('six'), { note: String(runs) });
    await eventually(async () => ((await deploy('production')).code === 0 ? true : undefined));
    expect(await answer()).toBe('six');
  });

  test('a host that hears nothing any more when all is ready switches nothing', async () => {
    const before = current();
    declare();
    commit(server('never'), { note: 'unheard' });
    const { out } = await deploy('production', '--dry-run');
    const script = out.split("<<'SCRIPT'\n")[1]?.replace(/SCRIPT\n$/, '') ?? '';
    const ran = spawnSync('sh', ['-s'], { input: script, encoding: 'utf8' });
    expect([ran.status, ran.stderr]).toEqual([
      1,
      expect.stringContaining('the connection was lost: nothing was switched'),
    ]);
    expect(ran.stdout).toMatch(/^# ready$/m);
    expect(current()).toBe(before);
    expect(await answer()).toBe('six');
  });

  test('hosts come one after another, and the first that fails ends it, or not', async () => {
    declare({ host: ['127.0.0.1', 'nosuch.invalid', 'localhost'] });
    const stopped = await deploy('production', 'exec', 'echo hello');
    expect([stopped.code, stopped.out]).toEqual([69, '127.0.0.1 | hello\n']);
    expect(stopped.err).toContain('- localhost  not tried');
    const went = await deploy('production', 'exec', 'echo hello', '--keep-going');
    expect([went.code, went.out]).toEqual([69, '127.0.0.1 | hello\nlocalhost | hello\n']);
    expect(went.err).toMatch(/✗ nosuch\.invalid {2}no connection: .*resolve/);
  });

  test('a wrong key and a port where nobody listens are no connection', async () => {
    declare({ key: sshd.wrongKey });
    const wrong = await deploy('production');
    expect([wrong.code, wrong.err.includes('Permission denied')]).toEqual([69, true]);
    declare({ port: await freePort() });
    const down = await deploy('production');
    expect([down.code, down.err.includes('Connection refused')]).toEqual([69, true]);
  });

  test('a host without stateward is told before anything is fetched', async () => {
    declare({ env: { PATH: '/usr/bin:/bin' } });
    const { code, err } = await deploy('production');
    expect(code).toBe(69);
    expect(err).toContain('stateward is not on PATH');
  });

  test('a path that cannot be made, and a folder in the place of the link, are said', async () => {
    declare({ path: '/proc/nowhere' });
    expect(await deploy('production', 'setup')).toMatchObject({
      code: 1,
      err: expect.stringContaining('cannot be made') as string,
    });
    mkdirSync(at('other', 'current'), { recursive: true });
    declare({ path: at('other') });
    expect(await deploy('production', 'setup')).toMatchObject({
      code: 1,
      err: expect.stringContaining('is no link') as string,
    });
  });

  test("a checkout of PM2's is moved on from, and stays", async () => {
    mkdirSync(at('old', 'source', '.git'), { recursive: true });
    symlinkSync(at('old', 'source'), at('old', 'current'));
    declare({ path: at('old') });
    expect((await deploy('production', 'setup')).out).toContain('the checkout of PM2, stays as it is');
    expect(lstatSync(at('old', 'current')).isSymbolicLink()).toBe(true);
    expect(readlinkSync(at('old', 'current'))).toBe(at('old', 'source'));
  });

  test('names with everything in them are names', async () => {
    const strange = at(`a b 'c' "d" $(touch ${at('pwned')}) \`x\` ;&|`);
    declare({
      path: strange,
      env: { A: `'; touch ${at('pwned')}; '`, B: 'x\ny', GIT_CONFIG_GLOBAL: join(folder, 'gitconfig') },
    });
    expect((await deploy('production', 'setup')).code).toBe(0);
    expect(existsSync(join(strange, '.stateward', 'repo.git'))).toBe(true);
    expect(existsSync(at('pwned'))).toBe(false);
    declare({ path: strange, env: { A: `'; touch ${at('pwned')}; '`, B: 'x\ny' } });
    appendFileSync(work('ecosystem.json'), '\n');
  });
});

describe('deploy, before it connects', () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'swdep-'));
    mkdirSync(work());
    port = 1;
    sshd = { port: 1, key: '/nowhere', wrongKey: '', options: [] } as unknown as Sshd;
    path = '/bin';
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each<[Record<string, unknown>, string]>([
    [{ ref: '-x' }, 'deploy.production.ref'],
    [{ ref: '--upload-pack=x' }, 'deploy.production.ref'],
    [{ ref: 'a b' }, 'no branch, tag or commit'],
    [{ ref: 'a;b' }, 'no branch, tag or commit'],
    [{ ref: 'a..b' }, 'no branch, tag or commit'],
    [{ ref: '' }, 'deploy.production.ref: it is missing'],
    [{ host: '-oProxyCommand=x' }, 'no name of a host'],
    [{ host: 'a b' }, 'no name of a host'],
    [{ host: [] }, 'deploy.production.host: it is missing'],
    [{ user: '-x' }, 'deploy.production.user'],
    [{ port: 'x' }, 'this is no port'],
    [{ repo: '--upload-pack=x' }, 'deploy.production.repo'],
    [{ path: 'relative' }, 'it must be absolute'],
    [{ path: '/' }, 'it must be absolute'],
    [{ path: '/a\nb' }, 'one line'],
    [{ env: { 'A B': 1 } }, 'a shell cannot have a variable'],
    [{ ssh_options: ['a\nb'] }, 'deploy.production.ssh_options'],
    [{ keep_releases: 0 }, 'from 1 to 999'],
  ])('%j is refused at its place', async (settings, text) => {
    declare(settings);
    const { code, err } = await deploy('production');
    expect([code, err]).toEqual([65, expect.stringContaining(text)]);
    expect(err).toContain('ecosystem.json:');
  });

  test.each<[readonly string[], number, string]>([
    [[], 64, 'no environment is named'],
    [['staging'], 65, 'known are production'],
    [['production', '--', '-x'], 64, 'no branch, tag or commit'],
    [['production', 'revert', '0'], 64, 'no number of releases'],
    [['production', 'exec'], 64, 'no command is named'],
    [['production', 'setup', 'now'], 64, 'unexpected argument: now'],
  ])('%j is refused', async (args, exit, text) => {
    declare();
    const { code, err } = await deploy(...args);
    expect([code, err]).toEqual([exit, expect.stringContaining(text)]);
  });

  test('a dry run prints the scripts, which are sound, without secrets', async () => {
    declare({
      env: { API_TOKEN: 'abcdefgh12345678', PATH: '/bin' },
      'pre-deploy': "echo 'it'",
      'pre-deploy-local': 'make',
    });
    for (const action of ['setup', 'update', 'revert', 'list', 'current', 'previous', 'v1']) {
      const { code, out } = await deploy('production', action, '--dry-run');
      expect(code).toBe(0);
      expect(out).not.toContain('abcdefgh12345678');
      const script = out.split("<<'SCRIPT'\n")[1]?.replace(/SCRIPT\n$/, '') ?? '';
      expect(execFileSync('sh', ['-n'], { input: script, encoding: 'utf8' })).toBe('');
    }
    expect((await deploy('production', '--dry-run')).out).toMatch(/^# here\nmake\n\n# 127\.0\.0\.1\nssh /);
  });

  test('other commands leave the section alone, whatever is in it', () => {
    writeFileSync(work('server.js'), '');
    writeFileSync(
      work('ecosystem.config.js'),
      "module.exports = { apps: [{ script: './server.js' }], deploy: { production: { 'pre-deploy': () => 1, a: Symbol() } } };",
    );
    const env = { ...process.env, STATEWARD_HOME: join(folder, 'own') };
    const out = execFileSync(process.execPath, [BIN, 'validate', '-f', 'ecosystem.config.js'], {
      cwd: work(),
      env,
      encoding: 'utf8',
    });
    expect(out).not.toContain('deploy');
  });
});
