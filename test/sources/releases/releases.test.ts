import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/lib/clocks/clock.ts';
import { FAILPOINTS } from '../../../src/lib/failpoints/names.ts';
import { editedByHand, findRelease, listReleases } from '../../../src/sources/releases/find-release.ts';
import { makeRelease } from '../../../src/sources/releases/make-release.ts';
import type {
  BuildRequest,
  Release,
  ReleaseFailure,
  ReleaseRequest,
} from '../../../src/sources/releases/model.ts';
import { retire } from '../../../src/sources/releases/retire.ts';
import { bundle } from '../../support/bundle.ts';
import { fileText } from '../../support/files.ts';
import { eventually } from '../../support/eventually.ts';
import { containing } from '../support/containing.ts';
import { Mirror } from '../support/mirror.ts';
import { Upstream } from '../support/upstream.ts';

const PATH = process.env['PATH'] ?? '';
const LIMITS = { maxFiles: 1000, maxBytes: 1_000_000, maxOutputBytes: 10_000 };

let upstream: Upstream;
let mirror: Mirror;
/** A file, then another one: two commits. */
let first: string;
let second: string;
let dir: string;

beforeAll(async () => {
  upstream = new Upstream();
  first = upstream.commit({
    'app.js': 'one',
    'lib/a.js': 'a',
    'build.sh': { run: '#!/bin/sh\necho built > out.txt\n' },
  });
  second = upstream.commit({ 'app.js': 'two' });
  mirror = new Mirror(upstream.url, { history: 'full' });
  await mirror.take();
});
afterAll(() => {
  mirror[Symbol.dispose]();
  upstream[Symbol.dispose]();
});
beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'stateward-releases-')), 'shop');
});
afterEach(() => rmSync(join(dir, '..'), { recursive: true, force: true }));

function sh(script: string, more: Partial<BuildRequest> = {}): BuildRequest {
  return {
    command: ['sh', '-c', script],
    timeoutMs: 30_000,
    cwd: '',
    cache: [],
    env: { PATH, GREETING: 'hello' },
    ...more,
  };
}

function make(commit: string, build: BuildRequest | null = null, more: Partial<ReleaseRequest> = {}) {
  return makeRelease({
    ...{
      repository: mirror.repository,
      source: 'shop',
      commit,
      dir,
      build,
      limits: LIMITS,
      clock: systemClock,
    },
    ...more,
  });
}

async function made(
  commit: string,
  build: BuildRequest | null = null,
  more: Partial<ReleaseRequest> = {},
): Promise<Release> {
  const result = await make(commit, build, more);
  if (!result.ok) throw new Error(`${result.error.message}\n${(result.error.details ?? []).join('\n')}`);
  return result.value;
}

async function refused(
  commit: string,
  build: BuildRequest | null = null,
  more: Partial<ReleaseRequest> = {},
): Promise<ReleaseFailure> {
  const result = await make(commit, build, more);
  if (result.ok) throw new Error('it was made');
  return result.error;
}

describe('a release', () => {
  it('is the commit, built where it stays, and the same when it is asked for again', async () => {
    const build = sh(
      'echo "$GREETING $STATEWARD_SOURCE $STATEWARD_COMMIT"; pwd > where; env > environment; nice > niceness',
    );
    const release = await made(first, build);
    expect(release).toMatchObject({
      source: 'shop',
      commit: first,
      root: join(dir, first),
      files: 6,
      warnings: [],
    });
    expect(readFileSync(join(release.root, 'app.js'), 'utf8')).toBe('one');
    expect(readFileSync(join(release.root, 'where'), 'utf8').trim()).toBe(release.root);
    expect(readFileSync(join(release.root, 'niceness'), 'utf8').trim()).toBe(
      String(Math.min(19, getPriority() + 10)),
    );
    expect(readFileSync(release.build?.output ?? '', 'utf8')).toBe(`hello shop ${first}\n`);
    const names = readFileSync(join(release.root, 'environment'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split('=')[0] ?? '');
    const shells = ['PWD', 'OLDPWD', 'SHLVL', '_'];
    expect(names.filter((name) => !shells.includes(name)).sort()).toEqual([
      'GREETING',
      'PATH',
      'STATEWARD_BUILD',
      'STATEWARD_COMMIT',
      'STATEWARD_SOURCE',
    ]);
    expect(await made(first, sh('exit 1'))).toEqual(release);
    expect(await findRelease(dir, first)).toEqual(release);
    expect(await findRelease(dir, second)).toBeNull();
    expect(await listReleases(dir)).toEqual([release]);
  });

  it('is read-only by habit, and says which files somebody has changed since', async () => {
    const release = await made(
      first,
      sh('echo built > out.txt; echo made > made.txt; echo more >> lib/a.js'),
    );
    const at = (path: string): string => join(release.root, path);
    expect(statSync(at('app.js')).mode & 0o222).toBe(0);
    expect(statSync(at('out.txt')).mode & 0o222).toBe(0);
    expect(await editedByHand(release)).toEqual([]);
    // New files are of the app; a file that is written again as it was is as it was.
    writeFileSync(at('app.log'), 'x');
    const { mtime } = statSync(at('build.sh'));
    utimesSync(at('app.js'), new Date(), new Date());
    for (const path of ['lib/a.js', 'build.sh']) {
      chmodSync(at(path), 0o644);
      appendFileSync(at(path), '\n');
    }
    utimesSync(at('build.sh'), mtime, mtime);
    unlinkSync(at('out.txt'));
    expect([...(await editedByHand(release))].sort((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
      { path: 'build.sh', how: 'changed' },
      { path: 'lib/a.js', how: 'changed' },
      { path: 'out.txt', how: 'removed' },
    ]);
  });

  it('is not made of a build that fails: the last lines say why, and all of its output is in a file', async () => {
    const failure = await refused(
      first,
      sh(
        'for n in 1 2 3; do echo line $n; done; printf "\\033]0;npm run build\\007\\033[31mno such module\\033[0m\\n" >&2; exit 3',
      ),
    );
    expect(failure).toMatchObject({
      code: 'BUILD_FAILED',
      passing: false,
      message: containing('it ended with code 3'),
      details: ['line 1', 'line 2', 'line 3', 'no such module'],
    });
    expect(readFileSync(failure.output ?? '', 'utf8')).toContain('line 1');
    expect(existsSync(join(dir, first))).toBe(false);
    expect(await findRelease(dir, first)).toBeNull();
    expect(await made(first, sh('true'))).toMatchObject({ commit: first });
  });

  it.each([
    [
      'a program that is not on PATH',
      { command: ['no-such-program'] },
      { passing: true, message: containing('there is no no-such-program on the PATH') },
    ],
    [
      'a program that the commit does not have',
      { command: ['./none.sh'] },
      { passing: false, message: containing('./none.sh is not a program in the commit') },
    ],
    [
      'a folder out of the tree',
      { cwd: '..' },
      { passing: false, message: containing('its folder is not in the commit') },
    ],
    ['a folder that is not there', { cwd: 'none' }, { passing: false }],
    [
      'a full disk',
      { command: ['sh', '-c', 'echo "npm ERR! code ENOSPC"; exit 1'] },
      { passing: true, message: containing('the disk is full') },
    ],
    [
      'an end by somebody else',
      { command: ['sh', '-c', 'kill -9 $$'] },
      { passing: true, message: containing('SIGKILL') },
    ],
  ])('says in words what is wrong with %s', async (_, more, expected) => {
    expect(await refused(first, sh('true', more))).toMatchObject({
      code: 'BUILD_FAILED',
      hint: containing(/./),
      ...expected,
    });
  });

  it('runs a program of the commit itself', async () => {
    const release = await made(first, sh('', { command: ['./build.sh'] }));
    expect(readFileSync(join(release.root, 'out.txt'), 'utf8')).toBe('built\n');
  });

  it('ends a build that takes too long with all that it has started, wherever that has gone', async () => {
    const pids = join(dir, '..', 'pids');
    const script = `setsid sh -c 'echo $$ >> ${pids}; sleep 600' & sh -c 'echo $$ >> ${pids}; sleep 600' & echo $$ >> ${pids}; wait`;
    let late: (() => void) | undefined;
    const clock = {
      ...systemClock,
      after: (_ms: number, callback: () => void) => ((late = callback), () => undefined),
    };
    const failing = refused(first, sh(script), { clock });
    await eventually(() => existsSync(pids) && readFileSync(pids, 'utf8').split('\n').length === 4);
    late?.();
    expect(await failing).toMatchObject({
      code: 'BUILD_FAILED',
      passing: false,
      message: containing('did not end within 30s'),
    });
    for (const pid of readFileSync(pids, 'utf8').trim().split('\n')) expect(isLive(Number(pid))).toBe(false);
  });

  it('ends what a build that ended well has left running', async () => {
    const pids = join(dir, '..', 'pids');
    await made(
      first,
      sh(`setsid sh -c 'echo $$ > ${pids}; exec sleep 600' & while [ ! -s ${pids} ]; do sleep 0.01; done`),
    );
    expect(isLive(Number(readFileSync(pids, 'utf8')))).toBe(false);
  });

  it('can be cancelled', async () => {
    const controller = new AbortController();
    const failing = refused(first, sh('echo begun; sleep 600'), { signal: controller.signal });
    await fileText(join(dir, '.stateward', `${first}.log`), 'begun');
    controller.abort();
    expect(await failing).toMatchObject({
      code: 'BUILD_FAILED',
      passing: true,
      message: containing('cancelled'),
    });
  });

  it('keeps the beginning and the end of an output that is too long', async () => {
    const release = await made(
      first,
      sh('i=0; while [ $i -lt 3000 ]; do echo "line $i of many"; i=$((i+1)); done'),
    );
    const text = readFileSync(release.build?.output ?? '', 'utf8');
    expect(text.length).toBeLessThan(11_000);
    expect(text).toContain('line 0 of many');
    expect(text).toMatch(/\[… \d+ bytes are left out …\]/);
    expect(text.trimEnd().endsWith('line 2999 of many')).toBe(true);
  });

  it('hands caches from build to build, each release with its own', async () => {
    const script = 'mkdir -p .next/cache; echo x >> .next/cache/a; cat .next/cache/a | wc -l > count';
    const build = sh(script, { cache: ['.next/cache', '../out', '.git'] });
    const one = await made(first, build);
    expect(one.warnings).toEqual(
      expect.arrayContaining([containing('cache ../out'), containing('cache .git')]),
    );
    expect(
      await refused(second, sh(`${script}; rm -r .next/cache; exit 1`, { cache: build.cache })),
    ).toMatchObject({ code: 'BUILD_FAILED' });
    const two = await made(second, build);
    expect(readFileSync(join(one.root, 'count'), 'utf8').trim()).toBe('1');
    expect(readFileSync(join(two.root, 'count'), 'utf8').trim()).toBe('2');
    expect(readFileSync(join(one.root, '.next/cache/a'), 'utf8')).toBe('x\n');
  });

  it('refuses what is not safe, and builds nothing of it', async () => {
    upstream.commit({ evil: { link: '/etc/passwd' } }, { branch: 'evil', parent: first });
    const { commit } = await mirror.take({ ref: { branch: 'evil' } });
    expect(await refused(commit, sh('touch /tmp/never'))).toMatchObject({
      code: 'RELEASE_UNSAFE',
      passing: false,
    });
    expect(await refused(first, null, { limits: { ...LIMITS, maxFiles: 1 } })).toMatchObject({
      code: 'RELEASE_UNSAFE',
    });
    expect(await refused('a'.repeat(40))).toMatchObject({ code: 'NOT_FOUND', passing: true });
  });

  it('makes one at a time of a source', async () => {
    const script = 'mkdir ../.stateward/busy || exit 1; sleep 0.05; rmdir ../.stateward/busy';
    expect(
      await Promise.all([make(first, sh(script)), make(second, sh(script)), make(first, sh(script))]),
    ).toMatchObject([
      { ok: true, value: { commit: first } },
      { ok: true, value: { commit: second } },
      { ok: true, value: { commit: first } },
    ]);
  });
});

describe('old releases', () => {
  it('go, but for the newest, and for those that something runs from', async () => {
    const third = upstream.commit({ 'app.js': 'three' }, { branch: 'third', parent: second });
    await mirror.take({ ref: { branch: 'third' } });
    let now = 1;
    const clock = { ...systemClock, now: () => now++ };
    for (const commit of [first, second, third])
      await made(commit, sh('mkdir locked; touch locked/x; chmod 555 locked'), { clock });
    expect(await retire({ dir, keep: 1, inUse: new Set([first]) })).toEqual([second]);
    expect((await listReleases(dir)).map(({ commit }) => commit)).toEqual([third, first]);
    // What never became a release, and what was moved out of the way, goes as well; nothing that is in use does.
    mkdirSync(join(dir, 'b'.repeat(40)));
    mkdirSync(join(dir, 'c'.repeat(40)));
    expect(await retire({ dir, keep: 0, inUse: new Set([first, 'c'.repeat(40)]) })).toEqual([third]);
    expect(readdirSync(dir).sort()).toEqual(['.stateward', first, 'c'.repeat(40)].sort());
    expect(readdirSync(join(dir, '.stateward')).filter((name) => !name.startsWith(first))).toEqual([]);
    expect(await retire({ dir, keep: 0, inUse: new Set() })).toEqual([first]);
    expect(readdirSync(dir)).toEqual(['.stateward']);
  });
});

describe('releases of bad versions', () => {
  it('take no place of a good one, and go when they are not in use', async () => {
    for (const commit of [first, second]) await made(commit, sh('true'));
    const bad = new Set([second]);
    expect(await retire({ dir, keep: 1, inUse: bad, bad })).toEqual([]);
    expect(await retire({ dir, keep: 1, inUse: new Set(), bad })).toEqual([second]);
    expect((await listReleases(dir)).map(({ commit }) => commit)).toEqual([first]);
  });
});

describe('a crash', () => {
  const steps = Object.keys(FAILPOINTS).filter((name) => name.startsWith('release.'));
  let program: string;
  beforeAll(async () => {
    program = await bundle('test/sources/support/making.ts');
  });

  function order(more: object = {}): string {
    return JSON.stringify({
      mirror: mirror.dir,
      commit: first,
      dir,
      command: ['sh', '-c', 'echo x > built'],
      ...more,
    });
  }

  it.each(steps)('at %s leaves nothing, or a whole release', async (step) => {
    const isRetired = step === 'release.retired';
    if (isRetired) await made(first);
    const env = { ...process.env, STATEWARD_FAILPOINT: `${step}:kill` };
    const killed = spawnSync(process.execPath, [program, order({ retire: isRetired })], { env });
    expect(killed.signal).toBe('SIGKILL');
    const found = await findRelease(dir, first);
    if (step === 'release.marked')
      expect(found).toMatchObject({
        commit: first,
        build: { command: ['sh', '-c', 'echo x > built'] },
      });
    else expect(found).toBeNull();
    const release = await made(first, sh('echo y > built'));
    expect(readFileSync(join(release.root, 'built'), 'utf8')).toBe(step === 'release.marked' ? 'x\n' : 'y\n');
    expect(await editedByHand(release)).toEqual([]);
    await retire({ dir, keep: 1, inUse: new Set() });
    expect(readdirSync(dir).sort()).toEqual(['.stateward', first].sort());
    expect(readdirSync(join(dir, '.stateward')).filter((name) => name.startsWith('left-'))).toEqual([]);
  });

  it('in the middle of a build leaves no process that goes on with it', async () => {
    const pids = join(dir, '..', 'pids');
    const command = ['sh', '-c', `setsid sh -c 'echo $$ > ${pids}; exec sleep 600' & sleep 600`];
    const child = spawn(process.execPath, [program, order({ command })], { stdio: 'ignore' });
    await fileText(pids, '\n');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isLive(Number(readFileSync(pids, 'utf8')))).toBe(true);
    await made(first, sh('true'));
    expect(isLive(Number(readFileSync(pids, 'utf8')))).toBe(false);
  });

  it.each(['release.exported', 'release.built', 'release.synced'])(
    'of the disk at %s is a failure, and passes',
    (step) => {
      const env = { ...process.env, STATEWARD_FAILPOINT: `${step}:error=ENOSPC` };
      const full = spawnSync(process.execPath, [program, order()], { env });
      expect(JSON.parse(full.stdout.toString())).toMatchObject({
        error: {
          code: 'RELEASE_FAILED',
          passing: true,
          message: 'cannot write the release: the disk is full',
        },
      });
      expect(existsSync(join(dir, first))).toBe(false);
    },
  );
});

/** Of a process that nobody has waited for yet, nothing is left but its number. */
function isLive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
