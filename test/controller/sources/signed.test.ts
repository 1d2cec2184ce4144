import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GitShop, type Signing } from './support/git-shop.ts';
import { Host } from '../../support/host.ts';
import { Keys } from '../../sources/support/keys.ts';

const LIMIT = { timeout: 60_000 };

/** One daemon for all cases: each declares the source anew. */
let host: Host;
let shop: GitShop;
let keys: Keys;
let allowed: string;

beforeAll(() => {
  host = new Host();
  shop = new GitShop(host);
  keys = new Keys();
  allowed = join(host.folder, 'allowed_signers');
  shop.declare({ name: 'api', script: 'sleep 1000', shell: true, min_uptime: 50 });
  allow(line('alice'));
});
afterAll(async () => {
  await host[Symbol.asyncDispose]();
  keys[Symbol.dispose]();
});

function allow(...lines: readonly string[]): void {
  writeFileSync(allowed, lines.map((text) => `${text}\n`).join(''));
}

function line(name: string, options = ''): string {
  return `${name}@example.org ${options}${keys.publicKey(name)}`;
}

const ssh = (name: string): Signing => ({
  settings: ['-c', 'gpg.format=ssh', '-c', `user.signingkey=${keys.ssh(name)}`],
});

const pgp = (fingerprint: string): Signing => ({
  settings: ['-c', 'gpg.format=openpgp', '-c', `user.signingkey=${fingerprint}`],
  env: { GNUPGHOME: join(keys.folder, 'g') },
});

/** The newest is refused with this code, and nothing of it has happened. */
async function refused(code: string, words: string): Promise<void> {
  const ran = await shop.sync();
  expect(ran.code, ran.text).toBe(6);
  expect(ran.stderr).toContain(`error[${code}]`);
  expect(ran.stderr).toContain(words);
  expect(ran.stderr).toMatch(/\n {2}help: \S/);
  const { status, history } = (await shop.info()) ?? {};
  const states = Object.fromEntries(status?.conditions.map(({ type, ...stage }) => [type, stage]) ?? []);
  expect(states['Verified']).toMatchObject({ status: 'False', reason: code, version: status?.head?.version });
  expect(states['Built']?.status).not.toBe('True');
  expect(status?.quarantined[0]).toMatchObject({ version: status?.head?.version, stage: 'Verified' });
  expect(history?.[0]).toMatchObject({ outcome: 'refused', stage: 'Verified' });
}

async function taken(commit: string, words = 'signed by alice@example.org'): Promise<void> {
  const ran = await shop.sync();
  expect(ran.code, ran.text).toBe(0);
  const status = await shop.status();
  expect(status.lastGood?.version).toBe(commit);
  expect(status.conditions.find(({ type }) => type === 'Verified')?.message).toContain(words);
}

describe('a source whose commits are to be signed', () => {
  it('takes what is signed by who may sign, and nothing else, whatever comes between', LIMIT, async () => {
    shop.push('unsigned');
    await shop.source({ verify: { signers: './allowed_signers' } });
    await refused('NOT_SIGNED', 'it is not signed');
    shop.push('by somebody', { signedBy: ssh('bob') });
    await refused('SIGNER_UNKNOWN', 'which verify.signers does not list');
    // In mode head an unsigned commit below is taken with the signed one.
    await taken(shop.push('by alice', { signedBy: ssh('alice') }));

    const before = await host.pids();
    shop.push('unsigned again');
    await refused('NOT_SIGNED', 'it is not signed');
    expect(await host.pids()).toEqual(before);
    for (const args of [['why', 'api'], ['source', 'list'], ['source', 'history', 'shop'], ['events']]) {
      expect((await host.ok(...args)).stdout).toContain('is not accepted: it is not signed');
    }

    const later = shop.push('by alice, later', { signedBy: ssh('alice') });
    allow(line('alice', 'valid-before="20200101" '));
    await refused('SIGNER_EXPIRED', 'is over');
    // A file of keys that cannot be read says nothing of the commit.
    allow('nonsense');
    const unusable = await shop.sync();
    expect(unusable).toMatchObject({ code: 1 });
    expect(unusable.stderr).toContain('error[SIGNERS_UNUSABLE]');
    allow(line('alice'));
    await taken(later);
  });

  it('wants every commit since the last one to be signed in mode all', LIMIT, async () => {
    await shop.source({ verify: { signers: './allowed_signers', mode: 'all' } });
    await shop.sync();
    const base = shop.push('signed', { signedBy: ssh('alice') });
    await taken(base);
    shop.push('unsigned below');
    shop.push('signed above', { signedBy: ssh('alice') });
    await refused('NOT_SIGNED', 'it is not signed');
    // Nothing of it was taken: it may be pushed away.
    shop.git('reset', '-q', '--hard', base);
    shop.push('one', { signedBy: ssh('alice'), force: true });
    await taken(shop.push('two', { signedBy: ssh('alice') }), '2 signatures');
  });

  it('takes OpenPGP keys, and none that is revoked or over', LIMIT, async () => {
    const ann = keys.openpgp('Ann <ann@example.org>');
    const file = join(host.folder, 'keys.asc');
    const exported = (...who: readonly string[]): void =>
      writeFileSync(file, keys.gpg(['--armor', '--export', ...who]));
    exported(ann);
    await shop.source({ verify: { signers: './keys.asc' } });
    await taken(shop.push('by ann', { signedBy: pgp(ann) }), 'Ann <ann@example.org>');
    shop.push('by another', { signedBy: pgp(keys.openpgp('Eve <eve@example.org>')) });
    await refused('SIGNER_UNKNOWN', 'which verify.signers does not list');
    const late = shop.push('by ann, later', { signedBy: pgp(ann) });
    const good = keys.gpg(['--armor', '--export', ann]);
    const revocation = join(keys.folder, 'g/openpgp-revocs.d', `${ann}.rev`);
    // Somebody has to take a colon out of it first, lest it is imported by accident.
    const text = execFileSync('sed', ['s/^:-----BEGIN/-----BEGIN/', revocation], { encoding: 'utf8' });
    keys.gpg(['--import'], text);
    exported(ann);
    await refused('SIGNER_REVOKED', 'was revoked');
    writeFileSync(file, good);
    await taken(late, 'Ann <ann@example.org>');
  });
});

describe('a source that follows tags', () => {
  it(
    'takes a tag that is signed afterwards, on the same commit, and none that was moved',
    LIMIT,
    async () => {
      const first = shop.push('tagged');
      shop.tag('v1');
      await shop.source({ ref: { tag: 'v1' }, verify: { signers: './allowed_signers', mode: 'tag' } });
      await refused('NOT_SIGNED', 'a lightweight tag');
      shop.tag('v1', ssh('bob'));
      await refused('SIGNER_UNKNOWN', 'which verify.signers does not list');
      shop.tag('v1', ssh('alice'));
      await taken(first);
      shop.push('another');
      shop.tag('v1', ssh('alice'));
      const moved = await shop.sync();
      expect(moved.code).toBe(6);
      expect(moved.stderr).toMatch(/error\[HISTORY_REWRITTEN\]: .* tag v1 was moved/);
      expect((await shop.status()).applied?.version).toBe(first);
      shop.gitThere('tag', '-d', 'v1');
      const gone = await shop.sync();
      expect(gone.code).toBe(1);
      expect(gone.stderr).toContain('error[REF_GONE]');
      expect((await host.ok('events')).stdout).toMatch(
        /SourceUnreachable: .* moved(.|\n)*SourceUnreachable: .*does not have it/,
      );
    },
  );

  it('knows which tag of a range it has taken, also where two are on one commit', LIMIT, async () => {
    await shop.source({ ref: { semver: '>=1 <3' } });
    const commit = shop.push('one');
    shop.tag('v1.0.0');
    expect((await shop.sync()).code).toBe(0);
    shop.tag('v1.1.0');
    expect((await shop.sync()).code).toBe(0);
    expect((await shop.status()).applied?.version).toBe(commit);
    shop.push('other');
    shop.tag('v1.1.0');
    const moved = await shop.sync();
    expect(moved.stderr).toMatch(/error\[HISTORY_REWRITTEN\]: .* tag v1\.1\.0 was moved/);
    const next = shop.push('newer');
    shop.tag('v2.0.0');
    shop.tag('v3.0.0');
    expect((await shop.sync()).code).toBe(0);
    expect((await shop.status()).applied?.version).toBe(next);
    // A tag that was taken and is gone is not answered by an older version.
    shop.gitThere('tag', '-d', 'v2.0.0');
    expect((await shop.sync()).stderr).toMatch(/error\[HISTORY_REWRITTEN\]: .*v2\.0\.0 is gone/);
    await shop.source({ ref: { semver: '>=1 <3' }, allow_force_push: true });
    expect((await shop.sync()).code).toBe(0);
  });
});
