import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { containing } from '../support/containing.ts';
import { Mirror } from '../support/mirror.ts';
import { Upstream } from '../support/upstream.ts';

describe('a fetch', () => {
  it('takes what a branch is at, without its past, and then what follows', async () => {
    using upstream = new Upstream();
    for (let n = 0; n < 20; n++) upstream.commit({ 'a.txt': `${n}` });
    using mirror = new Mirror(upstream.url);
    const first = await mirror.take();
    expect(first).toMatchObject({
      commit: upstream.at('main'),
      ref: 'refs/heads/main',
      step: 'first',
      tag: null,
    });
    expect(await mirror.repository.has(upstream.at('main~1'))).toBe(false);
    expect(await mirror.take({ since: first.commit })).toMatchObject({
      step: 'unchanged',
      transferred: false,
    });
    for (let n = 0; n < 3; n++) upstream.commit({ 'b.txt': `${n}` });
    const second = await mirror.take({ since: first.commit });
    expect(second).toMatchObject({ commit: upstream.at('main'), step: 'advanced', transferred: true });
  });

  it('takes 500 commits at once', async () => {
    using upstream = new Upstream();
    const first = upstream.commit({ 'a.txt': 'first' });
    using mirror = new Mirror(upstream.url);
    await mirror.take();
    const stream = Array.from(
      { length: 500 },
      (_, n) =>
        `commit refs/heads/main\ncommitter A <a@b> ${1700001000 + n} +0000\ndata 1\nx\n${n === 0 ? `from ${first}\n` : ''}M 100644 inline f${n}\ndata 1\ny\n`,
    ).join('');
    upstream.git(['fast-import', '--quiet'], { input: stream });
    expect(await mirror.take({ since: first })).toMatchObject({
      step: 'advanced',
      commit: upstream.at('main'),
    });
  });

  it('refuses a branch that was pushed by force, says so, and takes it when that is allowed', async () => {
    using upstream = new Upstream();
    upstream.commit({ 'a.txt': '1' });
    upstream.commit({ 'a.txt': '2' });
    using mirror = new Mirror(upstream.url);
    const { commit: since } = await mirror.take();
    const forced = upstream.commit({ 'a.txt': 'other' }, { parent: upstream.at('main~1') });
    expect(await mirror.fetch({ since })).toMatchObject({
      code: 'HISTORY_REWRITTEN',
      why: 'rewritten',
      commit: forced,
      message: containing('branch main was pushed by force'),
    });
    upstream.git(['update-ref', 'refs/heads/main', `${forced}~1`]);
    expect(await mirror.fetch({ since })).toMatchObject({
      code: 'HISTORY_REWRITTEN',
      message: containing('branch main was set back'),
    });
    upstream.git(['update-ref', 'refs/heads/main', forced]);
    expect(await mirror.take({ since, allowRewrite: true })).toMatchObject({
      step: 'rewritten',
      commit: forced,
    });
  });

  it('accuses nobody where a new mirror does not know the past', async () => {
    using upstream = new Upstream();
    for (let n = 0; n < 5; n++) upstream.commit({ 'a.txt': `${n}` });
    using mirror = new Mirror(upstream.url);
    expect(await mirror.take({ since: upstream.at('main~3') })).toMatchObject({ step: 'advanced' });
  });

  it('says what is gone, and what was meant', async () => {
    using upstream = new Upstream();
    const first = upstream.commit({ 'a.txt': '1' });
    upstream.commit({ 'a.txt': '1' }, { branch: 'mainn' });
    using mirror = new Mirror(upstream.url);
    await mirror.take();
    upstream.git(['branch', '-D', 'main']);
    expect(await mirror.fetch({ since: first })).toMatchObject({
      code: 'REF_GONE',
      why: 'gone',
      message: containing('branch main'),
      hint: 'push it again, or correct ref (did you mean mainn?); what runs is left as it is',
    });
    expect(await mirror.fetch({ ref: { tag: 'v1' } })).toMatchObject({ code: 'REF_GONE' });
    expect(await mirror.fetch({ ref: { semver: '^9' } })).toMatchObject({ code: 'REF_GONE' });
    expect(await mirror.fetch({ ref: { commit: 'a'.repeat(40) } })).toMatchObject({ code: 'REF_GONE' });
    // What was fetched is still there.
    expect(await mirror.repository.has(first)).toBe(true);
  });

  it('tells a branch from a tag of the same name, and a moved tag from a newer one', async () => {
    using upstream = new Upstream();
    const one = upstream.commit({ 'a.txt': '1' });
    const two = upstream.commit({ 'a.txt': '2' });
    upstream.git(['tag', 'main', one]);
    upstream.git(['tag', '-a', '-m', 'x', 'v1.0.0', one]);
    using mirror = new Mirror(upstream.url);
    expect(await mirror.take({ ref: { branch: 'main' } })).toMatchObject({ commit: two, tag: null });
    expect(await mirror.take({ ref: { tag: 'main' } })).toMatchObject({
      commit: one,
      tag: { name: 'main', object: null },
    });
    expect(await mirror.take({ ref: { tag: 'v1.0.0' } })).toMatchObject({
      commit: one,
      tag: { name: 'v1.0.0', object: upstream.git(['rev-parse', 'v1.0.0']) },
    });
    upstream.git(['tag', '-f', '-a', '-m', 'x', 'v1.0.0', two]);
    const moved = { ref: { tag: 'v1.0.0' }, since: one, sinceTag: 'v1.0.0' };
    expect(await mirror.fetch(moved)).toMatchObject({
      code: 'HISTORY_REWRITTEN',
      message: containing('tag v1.0.0 was moved'),
    });
    expect(await mirror.take({ ...moved, allowRewrite: true })).toMatchObject({
      step: 'rewritten',
      commit: two,
    });
  });

  it('follows the highest version of a range, and does not go back when a tag is taken away', async () => {
    using upstream = new Upstream();
    const commits = ['1.2.0', 'v1.10.0', 'v1.9.0', 'v2.0.0', 'v1.11.0-rc.1', 'nightly'].map((tag) => {
      const commit = upstream.commit({ 'a.txt': tag });
      upstream.git(['tag', tag, commit]);
      return commit;
    });
    using mirror = new Mirror(upstream.url);
    const ref = { semver: '>=1.2 <2' };
    expect(await mirror.take({ ref })).toMatchObject({ commit: commits[1], tag: { name: 'v1.10.0' } });
    upstream.git(['tag', '-d', 'v1.10.0']);
    const since = { since: commits[1] ?? '', sinceTag: 'v1.10.0' };
    expect(await mirror.fetch({ ref, ...since })).toMatchObject({
      code: 'HISTORY_REWRITTEN',
      message: containing('tag v1.10.0 is gone, and the highest is now v1.9.0'),
    });
    upstream.git(['tag', 'v1.12.0', 'main']);
    expect(await mirror.take({ ref, ...since })).toMatchObject({
      step: 'advanced',
      tag: { name: 'v1.12.0' },
    });
    expect(await mirror.fetch({ ref: { semver: 'no range' } })).toMatchObject({ code: 'FETCH_FAILED' });
  });

  it('takes one commit by its hash, also one that no branch begins with', async () => {
    using upstream = new Upstream();
    const one = upstream.commit({ 'a.txt': '1' });
    upstream.commit({ 'a.txt': '2' });
    using mirror = new Mirror(upstream.url);
    expect(await mirror.take({ ref: { commit: one } })).toMatchObject({ commit: one, ref: one });
    expect(await mirror.take({ ref: { commit: one }, since: one })).toMatchObject({
      step: 'unchanged',
      transferred: false,
    });
  });

  it('fetches from a repository with SHA-256, and from one that is shallow itself', async () => {
    using upstream = new Upstream('sha256');
    const commit = upstream.commit({ 'a.txt': '1' });
    using mirror = new Mirror(upstream.url);
    expect((await mirror.take()).commit).toBe(commit);
    expect(commit).toHaveLength(64);
    using old = new Upstream();
    for (let n = 0; n < 3; n++) old.commit({ 'a.txt': `${n}` });
    old.git(['clone', '--quiet', '--bare', '--depth=1', old.url, join(old.folder, 'shallow.git')]);
    using other = new Mirror(`file://${join(old.folder, 'shallow.git')}`);
    expect((await other.take()).commit).toBe(old.at('main'));
  });

  it('goes on where a dead fetch has left locks and parts of packs', async () => {
    using upstream = new Upstream();
    upstream.commit({ 'a.txt': '1' });
    using mirror = new Mirror(upstream.url);
    const { commit: since } = await mirror.take();
    const left = [
      'index.lock',
      'shallow.lock',
      'packed-refs.lock',
      'config.lock',
      'HEAD.lock',
      'refs/stateward/fetched.lock',
    ];
    for (const name of left) writeFileSync(join(mirror.dir, name), '');
    writeFileSync(join(mirror.dir, 'objects/pack/tmp_pack_abc'), 'x');
    mkdirSync(join(mirror.dir, 'objects/tmp_objdir-incoming-abc'));
    upstream.commit({ 'a.txt': '2' });
    expect(await mirror.take({ since })).toMatchObject({ step: 'advanced', notices: [] });
    expect(left.filter((name) => existsSync(join(mirror.dir, name)))).toEqual([]);
    expect(readdirSync(join(mirror.dir, 'objects/pack')).filter((name) => name.startsWith('tmp_'))).toEqual(
      [],
    );
  });

  it('ends a fetch that outlived its daemon, and removes what checks have left', async () => {
    using upstream = new Upstream();
    upstream.commit({ 'a.txt': '1' });
    using mirror = new Mirror(upstream.url);
    const env = { ...process.env, STATEWARD_MIRROR: mirror.dir };
    const left = spawn('sleep', ['600'], { env, detached: true, stdio: 'ignore' });
    const other = spawn('sleep', ['600'], {
      env: { ...env, STATEWARD_MIRROR: `${mirror.dir}x` },
      stdio: 'ignore',
    });
    const old = join(mirror.folder, 'scratch/gpg-abc');
    mkdirSync(old, { recursive: true });
    utimesSync(old, 1, 1);
    const ended = once(left, 'exit');
    await mirror.take();
    expect(await ended).toEqual([null, 'SIGKILL']);
    expect(other.exitCode).toBeNull();
    expect(existsSync(old)).toBe(false);
    other.kill('SIGKILL');
    expect(await once(other, 'exit')).toEqual([null, 'SIGKILL']);
  });

  it('follows branches with odd names, in the place of others too, and no tag on something else', async () => {
    using upstream = new Upstream();
    const commit = upstream.commit({ 'a.txt': '1' });
    using mirror = new Mirror(upstream.url);
    for (const branch of ["it's", 'ü/n', '+x', '$(id)', 'a"b;c', 'rel', 'rel/x', 'a%b']) {
      upstream.git(['update-ref', `refs/heads/${branch}`, commit]);
      expect(await mirror.take({ ref: { branch } })).toMatchObject({ commit, ref: `refs/heads/${branch}` });
      upstream.git(['update-ref', '-d', `refs/heads/${branch}`]);
    }
    upstream.git(['tag', 'v1', upstream.git(['hash-object', '-w', '--stdin'], { input: 'x' })]);
    expect(await mirror.fetch({ ref: { tag: 'v1' } })).toMatchObject({
      code: 'FETCH_FAILED',
      why: 'other',
      message: containing('is not a commit'),
    });
    upstream.git(['clone', '--quiet', upstream.dir, join(upstream.folder, 'with space %41')]);
    using path = new Mirror(join(upstream.folder, 'with space %41'));
    expect((await path.take()).commit).toBe(commit);
  });

  it.each([
    ['a pack that was cut', (dir: string) => truncatePacks(dir)],
    ['no HEAD', (dir: string) => writeFileSync(join(dir, 'HEAD'), '')],
    ['a broken config', (dir: string) => writeFileSync(join(dir, 'config'), '[core')],
    [
      'a ref to nothing',
      (dir: string) => writeFileSync(join(dir, 'refs/stateward/fetched'), `${'1'.repeat(40)}\n`),
    ],
    [
      'a file in its place',
      (dir: string) => {
        rmSync(dir, { recursive: true });
        writeFileSync(dir, 'nonsense');
      },
    ],
    ['a broken shallow file', (dir: string) => writeFileSync(join(dir, 'shallow'), 'nonsense\n')],
  ])('makes a damaged mirror anew: %s', async (_, damage) => {
    using upstream = new Upstream();
    upstream.commit({ 'a.txt': '1' });
    using mirror = new Mirror(upstream.url);
    const { commit: since } = await mirror.take();
    damage(mirror.dir);
    upstream.commit({ 'a.txt': '2' });
    const fetched = await mirror.take({ since });
    expect(fetched).toMatchObject({ step: 'advanced', commit: upstream.at('main') });
    const out = join(mirror.folder, 'out');
    expect(
      await mirror.repository.exportTo(fetched.commit, out, { maxFiles: 10, maxBytes: 1000 }),
    ).toMatchObject({ ok: true });
  });

  it('makes the mirror anew at the next fetch once something of it could not be read', async () => {
    using upstream = new Upstream();
    upstream.commit({ 'a.txt': '1' });
    using mirror = new Mirror(upstream.url);
    const { commit } = await mirror.take();
    truncatePacks(mirror.dir);
    const out = join(mirror.folder, 'out');
    const bounds = { maxFiles: 10, maxBytes: 1000 };
    expect((await mirror.repository.exportTo(commit, out, bounds)).ok).toBe(false);
    // Who asks whether it is here is told to fetch it.
    expect(await mirror.repository.has(commit)).toBe(false);
    expect((await mirror.take({ since: commit })).notices).toHaveLength(1);
    expect(await mirror.repository.exportTo(commit, out, bounds)).toMatchObject({ ok: true });
  });

  it('leaves everything as it was when the remote is gone', async () => {
    using upstream = new Upstream();
    upstream.commit({ 'a.txt': '1' });
    using mirror = new Mirror(upstream.url);
    const { commit } = await mirror.take();
    upstream[Symbol.dispose]();
    expect(await mirror.fetch({ since: commit })).toMatchObject({ code: 'FETCH_FAILED', why: 'auth' });
    expect(await mirror.repository.describeCommit(commit)).toMatchObject({
      ok: true,
      value: { subject: 'change 0', author: 'Ann <ann@example.org>', at: 1700000001000 },
    });
  });

  it('ends a fetch that grows over its limit', async () => {
    using upstream = new Upstream();
    upstream.commit({ 'a.bin': Array.from({ length: 40_000 }, () => Math.random()).join() });
    using mirror = new Mirror(upstream.url, {
      limits: { totalMs: 60_000, stallMs: 30_000, maxBytes: 100_000 },
    });
    expect(await mirror.fetch()).toMatchObject({ code: 'FETCH_FAILED', why: 'too-big' });
    expect(existsSync(join(mirror.folder, 'repo.making.git'))).toBe(false);
  });

  it('does not ask the configuration of a user, of the system, or of a repository around the home', async () => {
    using upstream = new Upstream();
    upstream.commit({ 'a.txt': '1' });
    using mirror = new Mirror('file:///elsewhere/shop.git');
    // The home lies in a repository that says where to go instead.
    upstream.git(['init', '--quiet', mirror.folder]);
    upstream.git([
      '-C',
      mirror.folder,
      'config',
      `url.${upstream.url}.insteadOf`,
      'file:///elsewhere/shop.git',
    ]);
    expect(await mirror.fetch()).toMatchObject({ code: 'FETCH_FAILED' });
  });

  it.each(['-upload-pack=x', 'a b', 'a..b', 'refs/heads/main', 'a.lock', '@', 'a:b', ''])(
    'takes no name that is none: %j',
    async (branch) => {
      using mirror = new Mirror('file:///nowhere');
      expect(await mirror.fetch({ ref: { branch } })).toMatchObject({
        code: 'FETCH_FAILED',
        hint: 'correct ref',
      });
    },
  );
});

function truncatePacks(dir: string): void {
  const folder = join(dir, 'objects/pack');
  for (const name of readdirSync(folder).filter((one) => /\.(?:pack|idx)$/.test(one))) {
    // Git writes them so that nobody can write to them.
    rmSync(join(folder, name));
    writeFileSync(join(folder, name), 'PACK');
  }
}
