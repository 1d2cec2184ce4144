import { execFileSync } from 'node:child_process';
import { renameSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { Host, isAlive } from '../../support/host.ts';

const SLEEPER = 'setInterval(() => {}, 1e6);';
const QUICK = { min_uptime: 50 };

/** Two programs in one repository. */
function repository(host: Host): (...args: readonly string[]) => string {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
      cwd: host.folder,
      encoding: 'utf8',
    }).trim();
  host.write('api/server.js', `require('./lib/util.js'); ${SLEEPER}`);
  host.write('api/lib/util.js', 'module.exports = 1;');
  host.write('web/server.js', SLEEPER);
  host.write('README.md', '# shop');
  host.write('.gitignore', 'home\n');
  host.declare(
    { name: 'api', script: './api/server.js', ...QUICK },
    { name: 'web', script: './web/server.js', ...QUICK },
  );
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('commit', '-q', '-m', 'one');
  return git;
}

describe('code that has changed', () => {
  it('is rolled out by apply, in the one program that it is of', async () => {
    await using host = new Host();
    const git = repository(host);
    await host.ok('apply');
    const before = await host.pids();
    const first = git('rev-parse', '--short=7', 'HEAD');
    host.write('README.md', '# changed');
    host.write('web/notes.md', '# new');
    git('add', '-A');
    git('commit', '-q', '-m', 'words');
    expect((await host.ok('plan')).stdout).toContain('No changes');
    host.write('api/lib/util.js', 'module.exports = 2;');
    git('commit', '-q', '-a', '-m', 'two');
    const second = git('rev-parse', '--short=7', 'HEAD');
    const plan = await host.run(['plan', '--detailed-exitcode']);
    expect(plan.code).toBe(2);
    expect(plan.stdout).toMatch(
      new RegExp(`± api +roll +code: ${first} → ${second} \\(api/lib/util\\.js\\) +1 process`),
    );
    expect(plan.stdout).toContain('1 to roll, 1 unchanged');
    expect((await host.ok('plan')).stdout).toBe(plan.stdout);
    await host.ok('apply');
    const after = await host.pids();
    expect(after.api).not.toEqual(before.api);
    expect(after.web).toEqual(before.web);
    expect((await host.ok('apply')).text).toMatch(/\b0 processes touched/);
    expect(await host.pids()).toEqual(after);
  });

  it('is the same when a file was only touched, or committed as it was', async () => {
    await using host = new Host();
    const git = repository(host);
    host.write('api/lib/util.js', 'module.exports = 3;');
    await host.ok('apply');
    const before = await host.pids();
    const now = new Date();
    utimesSync(join(host.folder, 'api/server.js'), now, now);
    git('commit', '-q', '-a', '-m', 'as it runs');
    git('commit', '-q', '--allow-empty', '-m', 'nothing');
    expect((await host.ok('apply')).text).toMatch(/\b0 processes touched/);
    expect(await host.pids()).toEqual(before);
  });

  it('is known of running processes after the daemon was killed, and before one runs', async () => {
    await using host = new Host();
    repository(host);
    await host.ok('apply');
    await host.ok('daemon', 'stop');
    expect((await host.ok('plan')).stdout).toContain('No changes');
    host.write('web/server.js', `${SLEEPER} // edited`);
    expect((await host.ok('plan')).stdout).toMatch(/± web +roll +code: \w+ → \w+-dirty \(web\/server\.js\)/);
    const { web } = await host.ok('apply').then(() => host.pids());
    expect(isAlive(web?.[0] ?? 0)).toBe(true);
    expect((await host.ok('plan')).stdout).toContain('No changes');
  });

  it('is what a link leads to that was pointed to another release', async () => {
    await using host = new Host();
    for (const release of ['1', '2']) host.write(`releases/${release}/app.js`, `${SLEEPER} // ${release}`);
    symlinkSync('releases/1', join(host.folder, 'current'));
    host.declare({ name: 'app', script: './current/app.js', ...QUICK });
    await host.ok('apply');
    const before = await host.pids();
    symlinkSync('releases/2', join(host.folder, 'next'));
    renameSync(join(host.folder, 'next'), join(host.folder, 'current'));
    const applied = await host.ok('apply');
    expect(applied.text).toMatch(/± app +roll +code: /);
    expect(applied.text).toMatch(/releases\/1\/app\.js → \S*releases\/2\/app\.js/);
    expect((await host.pids()).app).not.toEqual(before.app);
  });

  it('that does not run leaves the old process serving, and is tried again by the next apply', async () => {
    await using host = new Host();
    // Ready behind what may crash: a version that does is never ready, however late it is.
    host.write('app.js', host.sleeper("require('./lib.js'); process.send('ready')"));
    host.write('lib.js', '');
    const app = { name: 'app', script: './app.js', instances: 2, exec_mode: 'cluster', wait_ready: true };
    host.declare({ ...app, ...QUICK });
    await host.ok('apply');
    await host.loaded();
    const before = await host.pids();
    host.write('lib.js', 'process.exit(7);');
    const failed = await host.run(['apply']);
    expect(failed.code).toBe(3);
    expect(await host.pids()).toEqual(before);
    expect((await host.run(['apply'])).code).toBe(3);
    expect(await host.pids()).toEqual(before);
    host.write('lib.js', '// mended');
    await host.ok('apply');
    const after = await host.pids();
    expect(after.app?.filter((pid) => before.app?.includes(pid))).toEqual([]);
    expect((await host.ok('apply')).text).toMatch(/\b0 processes touched/);
  });

  it('runs already where a process has died and come back: only the others are replaced', async () => {
    await using host = new Host();
    host.write('app.js', `require('./lib.js'); ${SLEEPER}`);
    host.write('lib.js', '');
    host.declare({ name: 'app', script: './app.js', instances: 2, exec_mode: 'fork', ...QUICK });
    await host.ok('apply');
    const before = await host.pids();
    host.write('lib.js', '// newer');
    await host.ok('restart', 'app:0');
    const [restarted] = (await host.pids()).app ?? [];
    expect((await host.ok('plan')).stdout).toMatch(/1 process touched, 1 not/);
    await host.ok('apply');
    const after = await host.pids();
    expect(after.app?.[0]).toBe(restarted);
    expect(after.app?.[1]).not.toBe(before.app?.[1]);
  });

  it('is shown by get as a plan has found it, both when it has changed and when it is as it was', async () => {
    await using host = new Host();
    const git = repository(host);
    host.declare({ name: 'api', script: './api/server.js', ...QUICK });
    await host.ok('apply');
    // Nothing is looked at again by itself for as long as this test may take.
    await host.ok('config', 'set', 'intervals.code=1h');
    const synced = async (sync: string) => (await host.apps()).items[0]?.status.sync === sync;
    host.write('api/lib/util.js', '2');
    expect((await host.ok('plan')).stdout).toContain('(api/lib/util.js)');
    await eventually(() => synced('OutOfSync'));
    git('checkout', '-q', 'api');
    expect((await host.ok('plan')).stdout).toContain('No changes');
    await eventually(() => synced('Synced'));
  });

  it('is told of every process, and said where it is newer than the process', async () => {
    await using host = new Host();
    const git = repository(host);
    host.declare({ name: 'api', script: './api/server.js', instances: 2, exec_mode: 'fork', ...QUICK });
    await host.ok('apply');
    const first = git('rev-parse', 'HEAD');
    host.write('api/lib/util.js', '2');
    git('commit', '-q', '-a', '-m', 'two');
    git('checkout', '-q', '-b', 'next');
    host.write('api/lib/util.js', '3');
    await host.ok('restart', 'api:0');
    const second = git('rev-parse', 'HEAD');
    const app = async () => (await host.apps()).items[0]?.status;
    expect(await app()).toMatchObject({
      sync: 'OutOfSync',
      health: 'Healthy',
      instances: [
        { code: { commit: second, branch: 'next', dirty: true } },
        { code: { commit: first, branch: 'main', dirty: false } },
      ],
      problems: [{ type: 'Code', reason: 'CodeNewer' }],
    });
    const newer = /code newer than the process: \w+ → \w+-dirty \(api\/lib\/util\.js\); stateward apply/;
    expect((await host.ok('get')).stdout).toMatch(newer);
    const why = (await host.ok('why', 'api')).stdout;
    expect(why).toMatch(newer);
    expect(why).toContain(`code: slot 0: ${second.slice(0, 7)}-dirty (next); slot 1: `);
    const diff = await host.run(['diff']);
    expect(diff.code).toBe(1);
    expect(diff.stdout).toMatch(/^\+# code: \w+-dirty, on disk \(api\/lib\/util\.js\)$/m);
    expect((await host.ok('history')).stdout).toContain(`${second.slice(0, 7)}-dirty`);
    await host.ok('apply');
    expect(await app()).toMatchObject({ sync: 'Synced' });
    expect(await app()).not.toHaveProperty('problems');
    expect((await host.ok('get', '-o', 'wide')).stdout.match(/-dirty/g)).toHaveLength(2);
    expect((await host.ok('describe', 'api')).stdout).toContain(`${second.slice(0, 7)}-dirty (next)`);
    expect((await host.run(['diff'])).code).toBe(0);
  });

  it('is left as it is by a rollback, which says what it brings along', async () => {
    await using host = new Host();
    host.write('a.js', SLEEPER);
    host.write('b.js', SLEEPER);
    const apps = (level: string): void =>
      host.declare(
        { name: 'a', script: './a.js', env: { LEVEL: level }, code_ignore: ['b.js'], ...QUICK },
        { name: 'b', script: './b.js', code_ignore: ['a.js'], ...QUICK },
      );
    apps('info');
    await host.ok('apply');
    apps('debug');
    await host.ok('apply');
    const before = await host.pids();
    host.write('a.js', `${SLEEPER} // newer`);
    host.write('b.js', `${SLEEPER} // newer`);
    const back = await host.ok('rollback', 'shop');
    expect(back.text).toMatch(/± a +roll +env\.LEVEL: .*\n +code: \w+ → \w+ \(a\.js\)/);
    const after = await host.pids();
    expect(after.b).toEqual(before.b);
    expect(after.a).not.toEqual(before.a);
  });

  it('is work anew for a job that is done, once, and a new try for what has failed', async () => {
    await using host = new Host();
    host.write('job.js', `require('./lib.js');`);
    host.write('app.js', `require('./lib.js'); ${SLEEPER}`);
    host.write('lib.js', `console.log('first'); if (!process.argv[1].endsWith('job.js')) process.exit(1);`);
    host.declare(
      { name: 'job', script: './job.js', autorestart: false },
      { name: 'app', script: './app.js', max_restarts: 0, min_uptime: '20s' },
    );
    expect((await host.run(['apply'])).code).toBe(1);
    host.write('lib.js', `console.log('second');`);
    const plan = (await host.ok('plan')).stdout;
    expect(plan).toMatch(/↑ job +start .*\n +code: \w+ → \w+ \(lib\.js\)/);
    await host.ok('apply');
    expect((await host.ok('logs', 'job', '--out')).stdout).toMatch(/first[^]*second/);
    expect((await host.ok('apply')).text).toMatch(/\b0 processes touched/);
    expect((await host.ok('logs', 'job', '--out')).stdout.match(/second/g)).toHaveLength(1);
  });

  it('makes a saved plan stale', async () => {
    await using host = new Host();
    host.write('app.js', SLEEPER);
    host.declare({ name: 'app', script: './app.js', ...QUICK });
    await host.ok('apply');
    host.write('app.js', `${SLEEPER} // a`);
    host.write('plan.json', (await host.ok('plan', '-o', 'json')).stdout);
    host.write('app.js', `${SLEEPER} // b`);
    const stale = await host.run(['apply', 'plan.json']);
    expect(stale.code).toBe(5);
    expect(stale.stderr).toContain('shop/app: the code on disk has changed');
  });

  it('is not compared where the file says so, and as the file says', async () => {
    await using host = new Host();
    host.write('app.js', SLEEPER);
    host.write('other.js', '');
    host.write('VERSION', '1');
    host.declare(
      { name: 'listed', script: './app.js', code: ['VERSION'], ...QUICK },
      { name: 'off', script: './app.js', code: 'off', ...QUICK },
      { name: 'ignoring', script: './app.js', code_ignore: ['other.js'], ...QUICK },
    );
    await host.ok('apply');
    host.write('other.js', '1');
    expect((await host.ok('plan')).stdout).toContain('No changes');
    host.write('app.js', `${SLEEPER} // 2`);
    expect((await host.ok('plan')).stdout).toMatch(/1 to roll, 2 unchanged/);
    host.write('VERSION', '2');
    expect((await host.ok('plan')).stdout).toMatch(/± listed +roll +code: .* \(VERSION\)/);
  });

  it('is never what an app writes beside it', async () => {
    await using host = new Host();
    repository(host);
    host.write('web/data/db.json', '{}');
    host.write(
      'web/server.js',
      `require('fs').writeFileSync('web/data/db.json', String(Date.now())); ${SLEEPER}`,
    );
    execFileSync('git', ['add', '-A'], { cwd: host.folder });
    await host.ok('apply');
    host.write('web/app.log', 'x');
    host.write('web/uploads/a.js.png', 'x');
    host.write('web/state.sqlite', 'x');
    rmSync(join(host.folder, 'README.md'));
    expect((await host.ok('apply')).text).toMatch(/\b0 processes touched/);
  });
});
