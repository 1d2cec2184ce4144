import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, readlinkSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { BIN, Host, type Ran } from '../support/host.ts';

const PAGE = readFileSync(new URL('../../docs/deploying.md', import.meta.url), 'utf8');

/** The blocks of a section in one language, in their order. */
function blocks(section: string, language: 'sh' | 'yaml'): readonly string[] {
  const [, text = ''] = PAGE.split(`\n## ${section}\n`);
  const [own = ''] = text.split('\n## ');
  return [...own.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map(
    ([, body = '']) => body,
  );
}

/** Ready by its own word: a version that crashes instead is never ready, however late it is. */
const SLEEPER = "process.send('ready'); setInterval(() => {}, 1e6);";
const shop = (...names: readonly string[]): string =>
  [
    'project: shop',
    'apps:',
    ...names.map(
      (name) => `  - { name: ${name}, script: ./${name}/server.js, wait_ready: true, min_uptime: 50 }`,
    ),
    '',
  ].join('\n');

/** A host whose /srv/shop is a folder of the test; a shell stands in the place of ssh, a copy in that of rsync. */
class Deploying extends Host {
  readonly srv = join(this.folder, 'srv');

  constructor() {
    super();
    mkdirSync(this.srv);
    this.#program('stateward', `exec ${process.execPath} ${BIN} "$@"`);
    this.#program('npm', 'exit 0');
    this.#program('ssh', 'for last; do :; done; exec sh -c "$last"');
    this.#program('rsync', `cp -r ./. ${this.srv}`);
  }

  #program(name: string, body: string): void {
    chmodSync(this.write(`bin/${name}`, `#!/bin/sh\n${body}\n`), 0o755);
  }

  /** Runs a block of the page as it is printed, but for the folder. */
  block(text: string, cwd: string, env: Readonly<Record<string, string>> = {}): Ran {
    const script = text.replaceAll('deploy@host:/srv/shop/', this.srv).replaceAll('/srv/shop', this.srv);
    const { status, stdout, stderr } = spawnSync('sh', ['-c', `set -e\n${script}`], {
      ...{ cwd, encoding: 'utf8', timeout: 60_000 },
      env: {
        ...process.env,
        ...{ PATH: `${join(this.folder, 'bin')}:${process.env['PATH'] ?? ''}`, NO_COLOR: '1' },
        ...{ STATEWARD_HOME: this.home, ...env },
      },
    });
    return { code: status, stdout, stderr, text: `${stdout}\n${stderr}` };
  }

  git(cwd: string, ...args: readonly string[]): string {
    const who = ['-c', 'user.name=a', '-c', 'user.email=a@b'];
    return execFileSync('git', [...who, ...args], { cwd, encoding: 'utf8' }).trim();
  }

  /** A repository, and its clone in /srv/shop. */
  cloned(files: Readonly<Record<string, string>>): string {
    const work = join(this.folder, 'work');
    for (const [path, text] of Object.entries(files)) this.write(`work/${path}`, text);
    this.git(work, 'init', '-q', '-b', 'main');
    this.commit(work);
    this.git(this.folder, 'clone', '-q', work, 'srv');
    return work;
  }

  commit(work: string): void {
    this.git(work, 'add', '-A');
    this.git(work, 'commit', '-q', '-m', 'next');
  }
}

describe('the page on deploying', () => {
  it('git pull and apply: rolls what has changed, and with --reload everything', async () => {
    await using host = new Deploying();
    const files = {
      'api/server.js': SLEEPER,
      'web/server.js': SLEEPER,
      'ecosystem.yaml': shop('api', 'web'),
    };
    const work = host.cloned(files);
    const [apply = '', reload = ''] = blocks('git pull and apply', 'sh');
    expect(host.block(apply, host.srv)).toMatchObject({ code: 0 });
    const first = await host.pids();
    host.write('work/api/server.js', `${SLEEPER} // 2`);
    host.commit(work);
    expect(host.block(apply, host.srv)).toMatchObject({ code: 0 });
    const second = await host.pids();
    expect(second['api']).not.toEqual(first['api']);
    expect(second['web']).toEqual(first['web']);
    expect(host.block(reload, host.srv)).toMatchObject({ code: 0 });
    const third = await host.pids();
    for (const name of ['api', 'web']) expect(third[name]).not.toEqual(second[name]);
  }, 60_000);

  it('a named release: a new name rolls, and a command without it is refused', async () => {
    await using host = new Deploying();
    const [file = ''] = blocks('A named release', 'yaml');
    const [deploy = ''] = blocks('A named release', 'sh');
    const work = host.cloned({ 'server.js': SLEEPER, 'ecosystem.yaml': file });
    expect(host.block(deploy, host.srv)).toMatchObject({ code: 0 });
    const before = await host.pids();
    host.write('work/README.md', '# 2');
    host.commit(work);
    host.git(host.srv, 'pull', '-q', '--ff-only');
    const sha = host.git(host.srv, 'rev-parse', '--short', 'HEAD');
    const ran = host.block(deploy, host.srv);
    expect(ran.stdout).toMatch(new RegExp(`± api +roll +version: "\\w+" → "${sha}"`));
    expect(ran.stdout).toMatch(/^REVISION .* VERSION .*\n2 .* \w{7,} /m);
    expect(await host.pids()).not.toEqual(before);
    expect(host.block('stateward apply', host.srv).code).toBe(65);
  }, 60_000);

  it('release folders: the link decides, and goes back when the release does not come up', async () => {
    await using host = new Deploying();
    const [deploy = '', guarded = ''] = blocks('Release folders', 'sh');
    const release = (name: string, code: string): string => {
      host.write(`${name}/api/server.js`, code);
      host.write(
        `${name}/ecosystem.yaml`,
        shop('api').replace('min_uptime: 50', 'instances: 2, exec_mode: cluster'),
      );
      return join(host.folder, name);
    };
    const serving = (n: number) =>
      `require('http').createServer((q, r) => r.end('${n}')).listen(0, () => process.send('ready'));`;
    release('srv/releases/41', serving(41));
    symlinkSync('releases/41', join(host.srv, 'current'));
    expect(host.block('stateward apply -f current/ecosystem.yaml', host.srv)).toMatchObject({ code: 0 });
    const first = await host.pids();
    const made = host.block(deploy, host.srv, { NEW: release('new', serving(42)) });
    expect(made).toMatchObject({ code: 0 });
    const second = await host.pids();
    expect(second).not.toEqual(first);
    cpSync(release('broken', 'process.exit(1);'), join(host.srv, 'releases/43'), { recursive: true });
    expect(host.block(guarded, host.srv)).toMatchObject({ code: 3 });
    expect(readlinkSync(join(host.srv, 'current'))).toBe('releases/42');
    expect(await host.pids()).toEqual(second);
    await eventually(async () => !(await host.ok('get')).stdout.includes('newer'));
  }, 90_000);

  it('following a repository: applies only where something came', async () => {
    await using host = new Deploying();
    const [file = ''] = blocks('Following a repository', 'yaml');
    const [follow = ''] = blocks('Following a repository', 'sh');
    chmodSync(host.write('follow/follow.sh', follow), 0o755);
    host.write('follow/ecosystem.yaml', file);
    await host.ok('validate', '-f', 'follow/ecosystem.yaml');
    const work = host.cloned({ 'api/server.js': SLEEPER, 'ecosystem.yaml': shop('api') });
    expect(host.block('stateward apply', host.srv)).toMatchObject({ code: 0 });
    const before = await host.pids();
    const idle = host.block(follow, host.folder, { CLONE: host.srv });
    expect(idle).toMatchObject({ code: 0, stdout: '' });
    host.write('work/api/server.js', `${SLEEPER} // 2`);
    host.commit(work);
    expect(host.block(follow, host.folder, { CLONE: host.srv })).toMatchObject({ code: 0 });
    expect(await host.pids()).not.toEqual(before);
  }, 60_000);

  it('CI over ssh: brings the files, applies, and ends as the command does', async () => {
    await using host = new Deploying();
    const [deploy = '', saved = ''] = blocks('CI over ssh', 'sh');
    host.write('build/ecosystem.yaml', shop('api'));
    host.write('build/api/server.js', SLEEPER);
    const build = join(host.folder, 'build');
    const env = { GIT_SHA: '68da218' };
    expect(host.block(deploy, build, env)).toMatchObject({ code: 0 });
    const before = await host.pids();
    host.write('build/api/server.js', `${SLEEPER} // 2`);
    expect(host.block(deploy, build, env)).toMatchObject({ code: 0 });
    expect(await host.pids()).not.toEqual(before);
    host.write('srv/api/server.js', `${SLEEPER} // 3`);
    expect(host.block(saved, build, env).text).toContain('1 rolled');
    host.write('build/api/server.js', 'process.exit(1)');
    expect(host.block(deploy, build, env).code).toBe(1);
  }, 90_000);
});
