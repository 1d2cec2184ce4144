import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSshd, whyNoSshd } from '../../cli/deploy/sshd.ts';
import { GitHttp } from '../../sources/support/git-http.ts';
import { Host } from '../../support/host.ts';
import { GitShop } from './support/git-shop.ts';

/** Debian's openssh-server; null: it is there. */
const noSshd = whyNoSshd();
const LIMIT = { timeout: 60_000 };
const TOKEN = 'tok-en&1 %$"x';

/** One daemon for all cases: each declares the source anew. */
let host: Host;
let shop: GitShop;

beforeAll(() => {
  host = new Host();
  shop = new GitShop(host);
  shop.declare({ name: 'api', script: 'sleep 1000', shell: true, min_uptime: 50 });
  shop.push('first');
});
afterAll(() => host[Symbol.asyncDispose]());

async function takes(): Promise<void> {
  const commit = shop.push('another');
  const ran = await shop.sync();
  expect(ran.code, ran.text).toBe(0);
  expect((await shop.status()).lastGood?.version).toBe(commit);
}

/** It cannot be looked at: one message with the way out, and nothing that only git says. */
async function fails(words: RegExp, hint: string, what: string): Promise<void> {
  const ran = await shop.sync();
  expect(ran.code, ran.text).toBe(1);
  expect(ran.stderr, what).toMatch(words);
  expect(ran.stderr, what).toContain(hint);
  expect(ran.stderr).not.toMatch(/git ended with code|RPC failed|Could not read from remote/);
}

/** Every place where a person looks says so. */
async function isShown(words: RegExp): Promise<void> {
  const places = ['source list', 'source describe shop', 'why api', 'events'];
  const shown = await Promise.all(places.map(async (line) => (await host.ok(...line.split(' '))).stdout));
  expect(shown.filter((text) => !words.test(text))).toEqual([]);
}

function secret(name: string, text: string): string {
  const file = join(host.folder, name);
  writeFileSync(file, text);
  chmodSync(file, 0o600);
  return file;
}

function selfSigned(): {
  readonly cert: string;
  readonly tls: { readonly key: Buffer; readonly cert: Buffer };
} {
  const [key, cert] = [join(host.folder, 'key.pem'), join(host.folder, 'cert.pem')];
  const asked = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '2',
  ];
  const name = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', [...asked, ...name, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  return { cert, tls: { key: readFileSync(key), cert: readFileSync(cert) } };
}

/** Every file of the home, and what every command prints, without this text. */
async function expectNowhere(text: string): Promise<void> {
  const files = readdirSync(host.home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  expect(files.filter((file) => readFileSync(file).includes(text))).toEqual([]);
  const printed = await Promise.all(
    [
      'source describe shop',
      'source describe shop -o json',
      'source history shop',
      'events -o json',
      'why api',
    ].map(async (line) => (await host.run(line.split(' '))).text),
  );
  expect(printed.filter((one) => one.includes(text))).toEqual([]);
}

describe('a source behind a web server', () => {
  it(
    'is fetched with its token, which is written nowhere; with a wrong one or none it says so',
    LIMIT,
    async () => {
      await using server = await GitHttp.start(host.folder, { auth: `git:${TOKEN}` });
      const keys = { git: server.url(), insecure: true };
      await shop.source({ ...keys, auth: { token_file: secret('token', `${TOKEN}\n`) } });
      await takes();
      await expectNowhere(TOKEN);
      await shop.source({ ...keys, auth: { token_file: secret('wrong', 'wrong-token-1') } });
      await fails(/does not take this one/, 'auth.token_file', 'a wrong token');
      await isShown(/cannot fetch .* does not take this one/);
      await expectNowhere('wrong-token-1');
      await expectNowhere(TOKEN);
      await shop.source(keys);
      await fails(/wants a password or a key/, 'auth.token_file', 'no token');
      await shop.source({
        ...keys,
        git: server.url('/none.git'),
        auth: { token_file: join(host.folder, 'token') },
      });
      await fails(/no such repository/, 'check the address', 'no repository');
    },
  );

  it.skipIf(spawnSync('openssl', ['version']).status !== 0)(
    'is refused with a certificate that nobody vouches for, and taken by a daemon that is told whom to trust',
    LIMIT,
    async () => {
      const { tls, cert } = selfSigned();
      await using server = await GitHttp.start(host.folder, { tls, auth: `git:${TOKEN}` });
      const source = { git: server.url(), auth: { token_file: secret('token', TOKEN) } };
      await shop.source(source);
      await fails(/certificate of the server cannot be trusted/, 'SSL_CERT_FILE', 'self-signed');
      expect(server.seen).toEqual([]);
      await host.ok('daemon', 'stop');
      // Whoever runs the tests may have said so in all of these.
      const env = { SSL_CERT_FILE: cert, GIT_SSL_CAINFO: '', CURL_CA_BUNDLE: '' };
      expect((await host.run(['daemon', 'start'], { env })).code).toBe(0);
      await takes();
    },
  );

  it(
    'that says nothing holds up no other source, and is left at once when it is declared otherwise',
    LIMIT,
    async () => {
      await using silent = await listening(createServer((socket) => socket.on('error', () => undefined)));
      const git = `http://127.0.0.1:${silent.port}/shop.git`;
      await shop.source({ git, insecure: true });
      await host.ok('source', 'sync', 'shop', '--no-wait');
      await silent.asked;
      await shop.source();
      await takes();
    },
  );
});

describe.skipIf(noSshd !== null)(
  `a source behind ssh${noSshd === null ? '' : ` (skipped: ${noSshd})`}`,
  () => {
    it('is fetched from the host whose key is known, and from no other', LIMIT, async () => {
      const folder = join(host.folder, 'ssh');
      await using sshd = await startSshd(folder);
      const keyOf = (name: string): string =>
        readFileSync(join(folder, name), 'utf8').split(' ').slice(0, 2).join(' ');
      const known = (key: string): void =>
        writeFileSync(join(host.folder, 'known_hosts'), `[127.0.0.1]:${sshd.port} ${key}\n`);
      const git = `ssh://${userInfo().username}@127.0.0.1:${sshd.port}${shop.bare}`;
      const auth = { ssh_key_file: sshd.key, known_hosts_file: './known_hosts' };
      known(keyOf('host.pub'));
      await shop.source({ git, auth });
      await takes();
      known(keyOf('wrong.pub'));
      await fails(
        /host key of the server is not known, or has changed/,
        'compare its fingerprint',
        'another host key',
      );
      known(keyOf('host.pub'));
      await shop.source({ git, auth: { ...auth, ssh_key_file: sshd.wrongKey } });
      await fails(/wants a password or a key/, 'auth.ssh_key_file', 'a key that the server does not know');
      await shop.source({ git, auth });
      await takes();
      // What comes by ssh is cut off, again and again: nothing is half there.
      sshd.cut();
      await takes();
    });
  },
);

describe('the copy of a repository', () => {
  it('is made anew at once when it is damaged, also where nobody looks by himself', LIMIT, async () => {
    const mirror = join(host.home, 'sources/shop/repo.git');
    await shop.source({ sync: 'manual', poll: '1s' });
    shop.file('more', 'content that is in the newest commit alone');
    const commit = shop.push('with another file');
    const waits = (): Promise<unknown> =>
      shop.becomes(
        ({ head, waitsFor, conditions }) =>
          head?.version === commit && conditions.length > 0 && waitsFor?.reason === 'WaitsForSync',
      );
    await waits();
    await shop.source({ sync: 'manual' });
    await waits();
    // The objects of the commit are there, and one of its files is not.
    const packs = join(mirror, 'objects/pack');
    const blob = shop.git('rev-parse', `${commit}:more`);
    unpackAllBut(mirror, packs, blob);
    const ran = await shop.sync();
    expect(ran.code, ran.text).toBe(0);
    expect((await shop.status()).lastGood?.version).toBe(commit);
    rmSync(mirror, { recursive: true });
    writeFileSync(mirror, 'no folder any more');
    await takes();
    for (const lock of ['index.lock', 'shallow.lock', 'packed-refs.lock', 'refs/stateward/fetched.lock']) {
      writeFileSync(join(mirror, lock), '');
    }
    await takes();
    expect(readFileSync(join(host.home, 'daemon.log'), 'utf8')).not.toContain('internal error');
    // Versions that never become good do not fill the disk.
    const releases = (): number =>
      readdirSync(join(host.home, 'releases/shop')).filter((name) => !name.startsWith('.')).length;
    await shop.source({ keep: 1 });
    const counts: number[] = [];
    for (let count = 0; count < 5; count++) {
      shop.file('ecosystem.yaml', `apps: ${count}\n`);
      shop.push('bad');
      expect((await shop.sync()).code).toBe(65);
      counts.push(releases());
    }
    expect(counts[4]).toBe(counts[2]);
    // With the source goes what only it has needed; what runs stays where it is.
    const before = await host.pids();
    await host.ok('source', 'remove', 'shop');
    expect(existsSync(join(host.home, 'sources/shop'))).toBe(false);
    await host.ok('restart', 'api');
    expect(await host.pids()).not.toEqual(before);
  });
});

/** Takes the packs of a repository apart, and leaves one object out. */
function unpackAllBut(mirror: string, packs: string, id: string): void {
  const files = readdirSync(packs).filter((name) => name.endsWith('.pack'));
  const contents = files.map((name) => readFileSync(join(packs, name)));
  rmSync(packs, { recursive: true });
  for (const input of contents)
    execFileSync('git', [`--git-dir=${mirror}`, 'unpack-objects', '-q'], { input });
  rmSync(join(mirror, 'objects', id.slice(0, 2), id.slice(2)));
}

/** A server whose connections are not answered. */
async function listening(server: Server) {
  const asked = once(server, 'connection');
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    asked,
    port: typeof address === 'object' && address !== null ? address.port : 0,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      const [socket] = (await asked) as [{ destroy(): void }];
      socket.destroy();
      await closed;
    },
  };
}
