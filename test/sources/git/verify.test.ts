import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Failure } from '../../../src/lib/failure.ts';
import type { Fetched, Signers, Verified, VerifyRequest } from '../../../src/sources/git/model.ts';
import { judge } from '../../../src/sources/git/signatures/openpgp-signature.ts';
import { readSigners } from '../../../src/sources/git/signatures/read-signers.ts';
import { Keys } from '../support/keys.ts';
import { containing } from '../support/containing.ts';
import { Mirror } from '../support/mirror.ts';
import { Upstream } from '../support/upstream.ts';

let keys: Keys;
let upstream: Upstream;
let mirror: Mirror;

beforeAll(() => {
  keys = new Keys();
  upstream = new Upstream();
  upstream.commit({ 'a.txt': '1' });
  mirror = new Mirror(upstream.url, { history: 'full' });
});
afterAll(() => {
  mirror[Symbol.dispose]();
  upstream[Symbol.dispose]();
  keys[Symbol.dispose]();
});

async function signers(declared: string | readonly string[], revoked?: string): Promise<Signers> {
  const read = await readSigners(declared, revoked);
  if (!read.ok) throw new Error(read.error.message);
  return read.value;
}

async function fetched(tag?: string): Promise<Fetched> {
  return mirror.take({ ref: tag === undefined ? { branch: 'main' } : { tag }, allowRewrite: true });
}

async function verified(commit: string, request: VerifyRequest): Promise<Verified | Failure> {
  const result = await mirror.repository.verify(commit, request);
  return result.ok ? result.value : result.error;
}

describe('a commit signed with ssh', () => {
  let commit: string;
  const head = async (declared: string | readonly string[], revoked?: string) =>
    verified(commit, { mode: 'head', signers: await signers(declared, revoked) });

  beforeAll(async () => {
    commit = keys.signedCommit(upstream, keys.ssh('alice'));
    await fetched();
  });

  it('is accepted when its key is listed: in a file, in a list, as a public key alone', async () => {
    const key = keys.publicKey('alice');
    const good = { signer: 'alice@example.org', key: keys.fingerprint('alice'), checked: 1 };
    const lines = `# who may sign\n\nbob ${keys.publicKey('bob')}\nalice@example.org namespaces="git,file" ${key}\n`;
    expect(await head(keys.file('allowed', lines))).toEqual(good);
    expect(await head([`alice@example.org ${key}`])).toEqual(good);
    expect(await head([`${key} alice@example.org`])).toEqual(good);
    expect(await head([key])).toMatchObject({ checked: 1 });
    expect(readdirSync(join(mirror.folder, 'scratch'))).toEqual([]);
  });

  it.each([
    ['an unknown key', () => `bob ${keys.publicKey('bob')}`, 'SIGNER_UNKNOWN'],
    [
      'a key whose time is over',
      () => `alice valid-before="20200101" ${keys.publicKey('alice')}`,
      'SIGNER_EXPIRED',
    ],
    [
      'a key whose time has not begun',
      () => `alice valid-after="29990101" ${keys.publicKey('alice')}`,
      'SIGNER_EXPIRED',
    ],
    [
      'a key for something else',
      () => `alice namespaces="file" ${keys.publicKey('alice')}`,
      'SIGNATURE_OTHER_USE',
    ],
  ] as const)('is refused for %s', async (_, line, code) => {
    const failure = await head([line()]);
    expect(failure).toMatchObject({ code, message: containing(keys.fingerprint('alice')) });
  });

  it('is refused for a key that was revoked, and for one that only an OpenPGP list would have', async () => {
    const list = [`alice ${keys.publicKey('alice')}`];
    expect(await head(list, keys.file('revoked', `${keys.publicKey('alice')}\n`))).toMatchObject({
      code: 'SIGNER_REVOKED',
    });
    expect(await head(list, keys.file('revoked', `${keys.publicKey('bob')}\n`))).toMatchObject({
      signer: 'alice',
    });
  });

  it('is refused when it was changed, has two signatures, or was signed for another use', async () => {
    const raw = execFileSync('git', ['cat-file', 'commit', commit], { cwd: upstream.dir }).toString();
    const signature = /^gpgsig (.*\n(?: .*\n)*)/m.exec(raw)?.[0] ?? '';
    const other = keys.file('payload', 'x');
    execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-n', 'file', '-f', keys.ssh('alice'), other]);
    const forFiles = execFileSync('cat', [`${other}.sig`])
      .toString()
      .trimEnd()
      .replaceAll('\n', '\n ');
    const forged: readonly (readonly [string, string])[] = [
      [raw.replace('\nsigned', '\nforged'), 'SIGNATURE_INVALID'],
      [raw.replace(signature, `${signature}${signature}`), 'SIGNATURE_INVALID'],
      [raw.replace(signature, 'gpgsig nonsense\n'), 'SIGNATURE_INVALID'],
      [raw.replace(signature, `gpgsig ${forFiles}\n`), 'SIGNATURE_OTHER_USE'],
      [raw.replace(signature, 'gpgsig -----BEGIN SIGNED MESSAGE-----\n x\n'), 'SIGNATURE_INVALID'],
      [raw.replace(signature, ''), 'NOT_SIGNED'],
    ];
    const list = await signers([`alice ${keys.publicKey('alice')}`]);
    for (const [text, code] of forged) {
      const id = upstream.git(
        ['--git-dir', mirror.dir, 'hash-object', '-t', 'commit', '-w', '--stdin', '--literally'],
        { input: text },
      );
      expect(await verified(id, { mode: 'head', signers: list }), text).toMatchObject({ code });
    }
  });
});

describe('mode all', () => {
  it('wants every commit since the last verified one to be signed, merged ones too', async () => {
    const list = await signers([`alice ${keys.publicKey('alice')}`]);
    const since = keys.signedCommit(upstream, keys.ssh('alice'));
    keys.signedCommit(upstream, keys.ssh('alice'));
    const good = keys.signedCommit(upstream, keys.ssh('alice'));
    await fetched();
    expect(await verified(good, { mode: 'all', signers: list, since })).toMatchObject({ checked: 2 });
    expect(await verified(good, { mode: 'all', signers: list, since: good })).toMatchObject({ checked: 1 });
    const unsigned = upstream.commit({ 'a.txt': 'unsigned' });
    const above = keys.signedCommit(upstream, keys.ssh('alice'));
    await fetched();
    expect(await verified(above, { mode: 'head', signers: list })).toMatchObject({ checked: 1 });
    expect(await verified(above, { mode: 'all', signers: list, since: good })).toMatchObject({
      code: 'NOT_SIGNED',
      message: `commit ${unsigned.slice(0, 7)} is not accepted: it is not signed`,
    });
    // Nobody knows that one any more: it says nothing of what is new.
    const gone = '1'.repeat(40);
    expect(await verified(above, { mode: 'all', signers: list, since: gone })).toMatchObject({
      code: 'NOT_SIGNED',
    });
  });
});

describe('mode tag', () => {
  it('wants the tag to be signed, with its own name, on this very commit', async () => {
    const list = await signers([`alice ${keys.publicKey('alice')}`]);
    keys.signedTag(upstream, 'v1', keys.ssh('alice'));
    upstream.git(['tag', '-f', 'light', 'main']);
    upstream.git(['tag', '-f', '-a', '-m', 'x', 'plain', 'main']);
    upstream.git(['update-ref', 'refs/tags/v2', upstream.git(['rev-parse', 'v1'])]);
    const check = async (name: string) => {
      const { commit, tag } = await fetched(name);
      return verified(commit, { mode: 'tag', signers: list, tag });
    };
    expect(await check('v1')).toMatchObject({ signer: 'alice', checked: 1 });
    expect(await check('light')).toMatchObject({
      code: 'NOT_SIGNED',
      message: containing('lightweight'),
    });
    expect(await check('plain')).toMatchObject({ code: 'NOT_SIGNED' });
    expect(await check('v2')).toMatchObject({
      code: 'SIGNATURE_OTHER_USE',
      message: containing('"v1"'),
    });
    const { tag } = await fetched('v1');
    const other = upstream.at('main~1');
    expect(await verified(other, { mode: 'tag', signers: list, tag })).toMatchObject({
      code: 'SIGNATURE_OTHER_USE',
    });
    expect(await verified(other, { mode: 'tag', signers: list, tag: null })).toMatchObject({
      code: 'SIGNERS_UNUSABLE',
    });
  });
});

describe('a commit signed with OpenPGP', () => {
  it('is accepted for a declared key alone, and refused for one that is expired, revoked or not known', async () => {
    const ann = keys.openpgp('Ann <ann@example.org>');
    const bob = keys.openpgp('Bob <bob@example.org>');
    const old = keys.openpgp('Old <old@example.org>', '20200201T000000', [
      '--faked-system-time',
      '20200101T000000',
    ]);
    const armored = (key: string): string => keys.gpg(['--armor', '--export', key]).toString();
    const ofAnn = keys.signedCommit(upstream, ann, { format: 'openpgp' });
    keys.signedTag(upstream, 'pgp', ann, 'openpgp');
    await fetched();
    const head = async (declared: string | readonly string[]) =>
      verified(ofAnn, { mode: 'head', signers: await signers(declared) });
    const good = { signer: 'Ann <ann@example.org>', key: ann, checked: 1 };
    expect(await head([armored(ann)])).toEqual(good);
    expect(await head(keys.file('both.asc', armored(bob) + armored(ann)))).toEqual(good);
    const { commit, tag } = await fetched('pgp');
    expect(await verified(commit, { mode: 'tag', signers: await signers([armored(ann)]), tag })).toEqual(
      good,
    );
    expect(await head([armored(bob)])).toMatchObject({
      code: 'SIGNER_UNKNOWN',
      message: containing(ann),
    });
    expect(await head([`alice ${keys.publicKey('alice')}`])).toMatchObject({ code: 'SIGNER_UNKNOWN' });

    const raw = execFileSync('git', ['cat-file', 'commit', 'main'], { cwd: upstream.dir }).toString();
    const payload = raw.replace(/^gpgsig .*\n(?: .*\n)*/m, '');
    const then = ['--faked-system-time', '20200115T000000'];
    const signature = keys
      .gpg([...then, '--armor', '--local-user', old, '--detach-sign'], payload)
      .toString()
      .trimEnd();
    const text = payload.replace('\n\n', `\ngpgsig ${signature.replaceAll('\n', '\n ')}\n\n`);
    const late = upstream.git(['--git-dir', mirror.dir, 'hash-object', '-t', 'commit', '-w', '--stdin'], {
      input: text,
    });
    const request = { mode: 'head', signers: await signers([armored(old)]) } as const;
    expect(await verified(late, request)).toMatchObject({
      code: 'SIGNER_EXPIRED',
      message: containing('Old'),
    });

    const revocation = readFileSync(join(keys.folder, `g/openpgp-revocs.d/${ann}.rev`), 'utf8').replace(
      ':-----',
      '-----',
    );
    keys.gpg(['--import'], revocation);
    expect(await head([armored(ann)])).toMatchObject({
      code: 'SIGNER_REVOKED',
      message: containing('Ann'),
    });
  });

  it('reads what gpg says of expired keys and of signatures that do not fit', () => {
    const words = (name: string, ...more: string[]) => ({ name, words: more });
    const key = words('EXPKEYSIG', 'ABCD', 'Old', '<old@x>');
    expect(judge('commit x', [words('NEWSIG'), key, words('VALIDSIG', 'F', 'F')])).toMatchObject({
      error: { code: 'SIGNER_EXPIRED' },
    });
    expect(judge('commit x', [words('NEWSIG'), words('BADSIG', 'ABCD', 'Ann')])).toMatchObject({
      error: { code: 'SIGNATURE_INVALID' },
    });
    const good = [words('NEWSIG'), words('GOODSIG', 'ABCD', 'Ann'), words('VALIDSIG', 'F')];
    expect(judge('commit x', good)).toMatchObject({ ok: true });
    expect(judge('commit x', [...good, ...good])).toMatchObject({ error: { code: 'SIGNATURE_INVALID' } });
    expect(judge('commit x', [words('GOODSIG', 'ABCD', 'Ann')])).toMatchObject({
      error: { code: 'SIGNATURE_INVALID' },
    });
    expect(judge('commit x', [])).toMatchObject({ error: { code: 'SIGNATURE_INVALID' } });
  });
});

describe('the declared keys', () => {
  it.each([
    ['a file that is not there', '/nowhere/signers', /is not there/],
    ['nothing', [], /names no key/],
    ['a line that is no key', ['alice ssh-ed25519 nonsense'], /verify\.signers:1 is not a key/],
    ['a private key', ['-----BEGIN OPENSSH PRIVATE KEY-----\n'], /private key/],
    ['a private OpenPGP key', ['-----BEGIN PGP PRIVATE KEY BLOCK-----\n'], /private key/],
  ])('are refused: %s', async (_, declared, words) => {
    expect(await readSigners(declared)).toMatchObject({
      ok: false,
      error: { code: 'SIGNERS_UNUSABLE', message: containing(words), hint: containing(/./) },
    });
  });

  it('are of no use without the program that checks, and it says which', async () => {
    const repository = mirror.again({ env: { PATH: join(keys.folder, 'bin') } });
    expect(
      await repository.fetch({ ref: { branch: 'main' }, since: null, allowRewrite: false }),
    ).toMatchObject({
      error: { code: 'FETCH_FAILED', why: 'no-git', hint: containing('install git') },
    });
    execFileSync('mkdir', ['-p', join(keys.folder, 'bin')]);
    execFileSync('ln', [
      '-s',
      execFileSync('which', ['git']).toString().trim(),
      join(keys.folder, 'bin/git'),
    ]);
    const poor = mirror.again({ env: { PATH: join(keys.folder, 'bin') } });
    for (const [format, key, name] of [
      ['ssh', keys.ssh('alice'), 'ssh-keygen'],
      ['openpgp', keys.openpgp('Eve <e@x>'), 'gpg'],
    ] as const) {
      const commit = keys.signedCommit(upstream, key, { format });
      await fetched();
      const list = await signers([`alice ${keys.publicKey('alice')}`]);
      expect(await poor.verify(commit, { mode: 'head', signers: list })).toMatchObject({
        error: { code: 'SIGNERS_UNUSABLE', message: containing(`no ${name} on PATH`) },
      });
    }
  });
});
