import { chmodSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plainEnvironment } from '../../../src/sources/git/program/environment.ts';
import { parseRemote } from '../../../src/sources/git/remote.ts';
import { startSshd, whyNoSshd, type Sshd } from '../../cli/deploy/sshd.ts';
import { freePort } from '../../support/free-port.ts';
import { containing } from '../support/containing.ts';
import { GitHttp } from '../support/git-http.ts';
import { LIMITS, Mirror } from '../support/mirror.ts';
import { Upstream } from '../support/upstream.ts';

const SECRET = 'tok-en&1 %$"\'x';

let upstream: Upstream;
let folder: string;
beforeAll(() => {
  upstream = new Upstream();
  upstream.commit({ 'a.txt': '1' });
  upstream.commit({ 'a.txt': '2' });
  folder = join(upstream.folder, 'files');
  mkdirSync(folder);
});
afterAll(() => upstream[Symbol.dispose]());

function secretFile(name: string, text: string, mode = 0o600): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

describe('a repository behind a web server', () => {
  it('is fetched as one on the disk is: its tip, what follows, a tag, a commit', async () => {
    await using server = await GitHttp.start(upstream.folder);
    using mirror = new Mirror(server.url());
    const first = await mirror.take();
    expect(first.commit).toBe(upstream.at('main'));
    expect(await mirror.repository.has(upstream.at('main~1'))).toBe(false);
    upstream.commit({ 'a.txt': '3' });
    upstream.git(['tag', '-f', 'v1.0.0']);
    expect(await mirror.take({ since: first.commit })).toMatchObject({ step: 'advanced' });
    expect(await mirror.take({ ref: { semver: '*' } })).toMatchObject({ tag: { name: 'v1.0.0' } });
    expect(await mirror.take({ ref: { commit: upstream.at('main~1') } })).toMatchObject({
      commit: upstream.at('main~1'),
    });
    expect(server.seen.every((header) => header === '')).toBe(true);
  });

  it('takes a token from a file, in no argument and no message; without it, or with a wrong one, it says so', async () => {
    await using server = await GitHttp.start(upstream.folder, { auth: `git:${SECRET}` });
    const file = secretFile('token', `${SECRET}\r\nignored\n`);
    using mirror = new Mirror(server.url(), { auth: { kind: 'secret', secretFile: file } });
    expect((await mirror.take()).commit).toBe(upstream.at('main'));
    expect(everyFile(mirror.folder).filter((path) => readFileSync(path).includes(SECRET))).toEqual([]);
    using nobody = new Mirror(server.url());
    expect(await nobody.fetch()).toMatchObject({
      code: 'FETCH_FAILED',
      why: 'auth',
      hint: containing('auth.token_file'),
    });
    const wrong = 'wrong-secret-1';
    using other = new Mirror(server.url(), {
      auth: { kind: 'secret', secretFile: secretFile('wrong', wrong), username: 'ann' },
    });
    const failure = await other.fetch();
    expect(failure).toMatchObject({ why: 'auth' });
    // The server has sent it back.
    expect(JSON.stringify(failure)).not.toContain(wrong);
  });

  it.each([
    ['is not there', () => join(folder, 'none'), /is not there/],
    ['is empty', () => secretFile('empty', ''), /is empty/],
    ['can be read by everybody', () => secretFile('open', 'x', 0o644), /can be read by every user/],
    ['is a folder', () => folder, /is not a file/],
  ])('says of a token file that it %s, before anything is asked', async (_, file, words) => {
    using mirror = new Mirror('http://127.0.0.1:1/shop.git', {
      auth: { kind: 'secret', secretFile: file() },
    });
    expect(await mirror.fetch()).toMatchObject({
      code: 'FETCH_FAILED',
      why: 'auth',
      message: containing(words),
    });
  });

  it('does not follow the server elsewhere, with its secret even less', async () => {
    await using other = await GitHttp.start(upstream.folder);
    await using server = await GitHttp.lying((request, response) => {
      response.writeHead(301, { Location: other.url(`/shop.git${(request.url ?? '').replace('/old', '')}`) });
      response.end();
    });
    using mirror = new Mirror(server.url('/old'), {
      auth: { kind: 'secret', secretFile: secretFile('moved', SECRET) },
    });
    expect(await mirror.fetch()).toMatchObject({
      code: 'FETCH_FAILED',
      why: 'redirected',
      hint: containing('write that address'),
    });
    expect(other.seen).toEqual([]);
  });

  const rest = '# service=git-upload-pack\n';
  it.each([
    ['is not there', 404, '', 'auth'],
    ['has an error of its own', 500, '', 'unreachable'],
    ['speaks something else', 200, '<html>login</html>', 'bad-objects'],
    [
      'says nonsense in the right form',
      200,
      `${(rest.length + 4).toString(16).padStart(4, '0')}${rest}0000zzzz`,
      'bad-objects',
    ],
  ])('says in words what is wrong when it %s', async (_, status, body, why) => {
    await using server = await GitHttp.lying((_request, response) => {
      response.writeHead(status, { 'Content-Type': 'application/x-git-upload-pack-advertisement' });
      response.end(body);
    });
    using mirror = new Mirror(server.url());
    expect(await mirror.fetch()).toMatchObject({ code: 'FETCH_FAILED', why, hint: containing(/./) });
  });

  it('is given up on when it says nothing any more, whatever was promised', async () => {
    await using server = await GitHttp.lying((_request, response) => {
      response.writeHead(200, {
        'Content-Type': 'application/x-git-upload-pack-advertisement',
        'Content-Length': '1000',
      });
      response.write('001e# service=git-upload-pack\n');
    });
    using mirror = new Mirror(server.url(), { limits: { ...LIMITS, stallMs: 300 } });
    expect(await mirror.fetch()).toMatchObject({ code: 'FETCH_FAILED', why: 'stalled' });
    using late = new Mirror(server.url(), { limits: { ...LIMITS, totalMs: 300 } });
    expect(await late.fetch()).toMatchObject({ code: 'FETCH_FAILED', why: containing(/too-long|stalled/) });
    const cancelled = new AbortController();
    using stopped = new Mirror(server.url());
    const fetching = stopped.fetch({ signal: cancelled.signal });
    cancelled.abort();
    expect(await fetching).toMatchObject({ code: 'FETCH_FAILED', why: 'cancelled' });
  });

  it('says that nobody listens, and that there is no such host', async () => {
    using nobody = new Mirror(`http://127.0.0.1:${await freePort()}/shop.git`);
    expect(await nobody.fetch()).toMatchObject({ code: 'FETCH_FAILED', why: 'unreachable' });
    using nowhere = new Mirror('http://no-such-host.invalid/shop.git');
    expect(await nowhere.fetch()).toMatchObject({ code: 'FETCH_FAILED', why: 'unreachable' });
  });
});

describe('the environment of git', () => {
  it('is made of nothing but what reaches the network, certificates by the names that git knows', () => {
    const env = {
      SSL_CERT_FILE: '/ca.pem',
      https_proxy: 'http://p',
      GIT_DIR: '/x',
      GIT_SSH_COMMAND: 'x',
      SECRET: 'x',
      HOME: '/root',
    };
    const made = plainEnvironment('/home/scratch', env);
    expect(made).toMatchObject({ GIT_SSL_CAINFO: '/ca.pem', https_proxy: 'http://p', HOME: '/home/scratch' });
    expect(
      Object.keys(made).filter((name) => ['GIT_DIR', 'GIT_SSH_COMMAND', 'SECRET'].includes(name)),
    ).toEqual([]);
    expect(plainEnvironment('/x', { ...env, GIT_SSL_CAINFO: '/git.pem' })).toMatchObject({
      GIT_SSL_CAINFO: '/git.pem',
    });
  });
});

describe.skipIf(whyNoSshd() !== null)('a repository behind ssh', () => {
  let sshd: Sshd;
  let known: string;
  const url = (): string => `ssh://${userInfo().username}@127.0.0.1:${sshd.port}${upstream.dir}`;
  beforeAll(async () => {
    sshd = await startSshd(join(upstream.folder, 'ssh'));
    const host = readFileSync(join(upstream.folder, 'ssh/host.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
    known = join(folder, 'known hosts');
    writeFileSync(known, `[127.0.0.1]:${sshd.port} ${host}\n`);
  });
  afterAll(() => sshd[Symbol.asyncDispose]());

  it('is fetched with the declared key from the declared host', async () => {
    using mirror = new Mirror(url(), { auth: { kind: 'ssh', keyFile: sshd.key, knownHostsFile: known } });
    expect((await mirror.take()).commit).toBe(upstream.at('main'));
  });

  it('is not asked when its host key is another one, or not known', async () => {
    const other = readFileSync(`${sshd.wrongKey}.pub`, 'utf8').split(' ').slice(0, 2).join(' ');
    for (const text of ['', `[127.0.0.1]:${sshd.port} ${other}\n`]) {
      const knownHostsFile = join(folder, 'other hosts');
      writeFileSync(knownHostsFile, text);
      using mirror = new Mirror(url(), { auth: { kind: 'ssh', keyFile: sshd.key, knownHostsFile } });
      expect(await mirror.fetch()).toMatchObject({
        code: 'FETCH_FAILED',
        why: 'host-key',
        hint: containing('known_hosts_file'),
      });
    }
  });

  it('says that a key is not taken, and that a file is none', async () => {
    const fetching = async (keyFile: string): Promise<unknown> => {
      using mirror = new Mirror(url(), { auth: { kind: 'ssh', keyFile, knownHostsFile: known } });
      return await mirror.fetch();
    };
    expect(await fetching(sshd.wrongKey)).toMatchObject({ why: 'auth' });
    expect(await fetching(secretFile('no-key', 'nonsense'))).toMatchObject({ why: 'auth' });
    expect(await fetching(join(folder, 'none'))).toMatchObject({
      why: 'auth',
      message: containing('is not there'),
    });
  });

  it('says that there is no such repository', async () => {
    using mirror = new Mirror(`${url()}-none`, {
      auth: { kind: 'ssh', keyFile: sshd.key, knownHostsFile: known },
    });
    expect(await mirror.fetch()).toMatchObject({
      code: 'FETCH_FAILED',
      why: 'auth',
      message: containing('no such repository'),
    });
  });
});

describe('an address', () => {
  it.each([
    ['https://example.org/shop.git', 'https'],
    ['ssh://git@example.org:2222/shop.git', 'ssh'],
    ['git@example.org:team/shop.git', 'ssh'],
    ['example.org:shop.git', 'ssh'],
    ['file:///srv/git/shop.git', 'file'],
    ['/srv/git/shop.git', 'file'],
  ])('%s is one', (text, protocol) => {
    expect(parseRemote(text)).toMatchObject({ ok: true, value: { protocol, shown: text } });
  });

  it.each([
    ['ext::sh -c id', /run a program/],
    ['https://example.org/a b', /a space/],
    ['git@example.org:a b', /a space/],
    ['ext::sh', /run a program/],
    ['fd::17', /run a program/],
    ['--upload-pack=touch', /"-"/],
    ['ssh://-oProxyCommand=x/y', /"-"|ssh/],
    ['git@-oProxyCommand=x:y', /not an address/],
    ['-oProxyCommand=x:y', /"-"/],
    ['git@example.org:-x', /"-"/],
    ['ssh://git@example.org/-x', /"-"/],
    ['http://example.org/x', /neither secret/],
    ['git://example.org/x', /neither secret/],
    ['ftp://example.org/x', /not by ftp/],
    ['https://ann:s3cret@example.org/x', /auth\.token_file/],
    ['https://s3cret@example.org/x', /auth\.token_file/],
    ['https://example.org/x?a=s3cret', /"\?"/],
    ['ssh://git:s3cret@example.org/x', /password/],
    ['file://host/x', /absolute path/],
    ['./shop.git', /not an address/],
    ['shop', /not an address/],
    ['https://', /not an address|form/],
    ['https://example.org/a\nb', /control character/],
    ['', /not an address/],
  ])('%s is none', (text, words) => {
    const remote = parseRemote(text);
    expect(remote).toMatchObject({ ok: false, error: containing(words) });
    expect(JSON.stringify(remote)).not.toContain('s3cret');
  });
});

function everyFile(path: string): readonly string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
