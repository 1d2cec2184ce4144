import { describe, expect, it } from 'vitest';
import type { AppKey } from '../../../src/lib/app-key.ts';
import type { OwnedProject } from '../../../src/plan/guards/origin.ts';
import {
  originNote,
  ownershipGuard,
  renamedProjectNote,
  type OwnershipInput,
} from '../../../src/plan/guards/ownership.ts';
import type { ProjectSource } from '../../../src/spec/types.ts';

function from(file: string, fields: Partial<ProjectSource> = {}): ProjectSource {
  return { files: [file], env: null, ...fields };
}

const NAMED = { named: true } as const;
const X = from('/srv/x/current/ecosystem.yaml');
const Y = from('/srv/y/current/ecosystem.yaml');

function owned(source: ProjectSource, apps: readonly string[] = ['web'], project = 'current'): OwnedProject {
  return { project, source, apps };
}

interface Case {
  readonly project?: string;
  readonly before?: OwnedProject | null;
  readonly others?: readonly OwnedProject[];
  readonly apps?: readonly string[];
  readonly removed?: readonly AppKey[];
  /** Files that are there. */
  readonly there?: readonly string[];
  /** Sources that are there; absent: any. */
  readonly sources?: readonly string[];
}

function inputOf(source: ProjectSource, given: Case): OwnershipInput {
  const { project = 'current', before = null, others = [], apps = ['web'], removed = [], there = [] } = given;
  return {
    project,
    source,
    apps,
    before,
    others,
    removed,
    exists: (path) => there.includes(path),
    isSource: (name) => given.sources?.includes(name) ?? true,
  };
}

function guardOf(source: ProjectSource, given: Case, takeOver = false) {
  return ownershipGuard(inputOf(source, given), { takeOver });
}

const GONE: Case['removed'] = ['current/web'];

describe('a project is its name and where it is declared', () => {
  it('refuses another file that gives the same name by its folder, with both origins and the ways out', () => {
    const guard = guardOf(Y, { before: owned(X), there: X.files });
    expect(guard).toMatchObject({
      code: 'OTHER_ORIGIN',
      details: ['declared by: /srv/x/current/ecosystem.yaml', 'now by:      /srv/y/current/ecosystem.yaml'],
    });
    expect(guard?.hint).toMatch(/project: NAME.*--take-over/);
  });

  it('refuses it also where nothing would be removed, or the file of before is gone', () => {
    expect(guardOf(Y, { before: owned(X), removed: [] })).toMatchObject({ code: 'OTHER_ORIGIN' });
  });

  it('names the source that declares it, and none that was removed', () => {
    const before = owned({ ...X, origin: { source: 'shop', commit: 'a'.repeat(40) } });
    expect(guardOf(Y, { before })?.hint).toContain('stateward source suspend shop');
    const removed = guardOf(Y, { before, sources: [], there: X.files });
    expect(removed?.code).toBe('OTHER_ORIGIN');
    expect(removed?.hint).not.toContain('stateward source');
  });

  it('lets it be taken over', () => {
    expect(guardOf(Y, { before: owned(X), removed: GONE }, true)).toBeNull();
  });

  it('lets a file move that names its project, as each build in a folder of its own does', () => {
    const builds = [17, 18].map((build) => from(`/builds/${build}/shop/ecosystem.yaml`, NAMED));
    const [one, next] = builds as [ProjectSource, ProjectSource];
    expect(guardOf(next, { before: owned(one) })).toBeNull();
    expect(originNote(inputOf(next, { before: owned(one) }))).toBe(
      'declared by /builds/17/shop/ecosystem.yaml before',
    );
  });

  it('refuses a move that removes an app, and names it', () => {
    const guard = guardOf({ ...Y, ...NAMED }, { before: owned(X), removed: GONE });
    expect(guard).toMatchObject({ code: 'OTHER_ORIGIN' });
    expect(guard?.details).toContain('would go:    current/web');
    expect(guard?.hint).toContain('--take-over');
  });

  it.each([
    ['the same file', X, X],
    [
      'a link that leads elsewhere now',
      { ...X, realFiles: ['/srv/x/1/e.yaml'] },
      { ...X, realFiles: ['/srv/x/2/e.yaml'] },
    ],
    [
      'another link to the same file',
      { ...X, realFiles: ['/data/e.yaml'] },
      { ...Y, realFiles: ['/data/e.yaml'] },
    ],
    [
      'a state that recorded the file without links',
      from('/data/e.yaml'),
      { ...Y, realFiles: ['/data/e.yaml'] },
    ],
    ['a file more', X, { ...X, files: [...X.files, '/srv/x/current/more.yaml'] }],
    ['standard input again', from('-'), from('-', NAMED)],
    ['apps started by hand', { files: [], env: null }, { files: [], env: null }],
  ])('takes for the same: %s', (_what, before, after) => {
    const known = owned(before);
    expect(guardOf(after, { before: known, removed: GONE, there: before.files })).toBeNull();
    expect(originNote(inputOf(after, { before: known, there: before.files }))).toBeNull();
  });

  it('asks nothing of a project that has no app any more', () => {
    expect(guardOf(Y, { before: owned(X, []) })).toBeNull();
  });

  it('takes a file that got another name in its folder for the same project, and not one beside it', () => {
    const renamed = from('/srv/x/current/ecosystem.config.js');
    expect(guardOf(renamed, { before: owned(X) })).toBeNull();
    expect(guardOf(renamed, { before: owned(X), there: X.files })).toMatchObject({ code: 'OTHER_ORIGIN' });
  });

  it('refuses to remove what a file declares that was left out and is still there', () => {
    const both = { ...X, files: ['/srv/x/a.yaml', '/srv/x/b.yaml'] };
    const given = { before: owned(both), removed: GONE };
    const guard = guardOf(from('/srv/x/a.yaml'), { ...given, there: both.files });
    expect(guard?.hint).toContain('-f /srv/x/b.yaml');
    expect(guardOf(from('/srv/x/a.yaml'), { ...given, there: ['/srv/x/a.yaml'] })).toBeNull();
  });

  it.each([
    ['a file, over apps that were started by hand', { files: [], env: null }, X, 'stateward start'],
    ['what is started by hand, over a file', X, { files: [], env: null }, 'command line'],
    ['a file, over standard input', from('-', NAMED), X, 'standard input'],
  ])('refuses %s', (_what, before, after, word) => {
    const guard = guardOf(after, { before: owned(before), there: X.files });
    expect(guard?.code).toBe('OTHER_ORIGIN');
    expect(guard?.details?.join()).toContain(word);
  });
});

describe('a new project that another one is the earlier version of', () => {
  const release = (name: string) => from(`/srv/shop/releases/${name}/ecosystem.yaml`);
  const running = owned(release('42'), ['web', 'api'], '42');

  it('is refused with the name of its twin', () => {
    const guard = guardOf(release('43'), { project: '43', others: [running] });
    expect(guard).toMatchObject({ code: 'TWIN_PROJECT' });
    expect(guard?.message).toContain('42');
    expect(guard?.hint).toMatch(/project: 42.*--take-over/);
    expect(guardOf(release('43'), { project: '43', others: [running] }, true)).toBeNull();
  });

  it.each([
    ['behind a link', { ...X, realFiles: release('42').files }, release('43')],
    ['at a commit', from('/srv/0a1b2c3d/ecosystem.yaml'), from('/srv/ffee0012/ecosystem.yaml')],
    ['at a time', from('/srv/20261128T101500/e.yaml'), from('/srv/20261129T101500/e.yaml')],
    ['at a version', from('/srv/v1.4.2/e.yaml'), from('/srv/v1.5.0/e.yaml')],
    ['at a build', from('/builds/build-17/e.yaml'), from('/builds/build-18/e.yaml')],
    ['at a time and a commit', from('/srv/20261128-0a1b2c3/e.yaml'), from('/srv/20261129-ffee001/e.yaml')],
    ['before it is final', from('/srv/v2.0.0-rc.1/e.yaml'), from('/srv/v2.0.0/e.yaml')],
  ])('is found %s', (_how, before, after) => {
    const others = [owned(before, ['web'], 'old')];
    expect(guardOf(after, { project: 'new', others })).toMatchObject({ code: 'TWIN_PROJECT' });
  });

  it('is found when the link is applied after a release', () => {
    const linked = { ...from('/srv/shop/current/ecosystem.yaml'), realFiles: release('43').files };
    expect(guardOf(linked, { others: [running] })).toMatchObject({ code: 'TWIN_PROJECT' });
  });

  it.each([
    [
      'services side by side',
      from('/srv/apps/billing/ecosystem.yaml'),
      from('/srv/apps/search/ecosystem.yaml'),
    ],
    ['programs whose names begin with a number', from('/srv/2048-game/e.yaml'), from('/srv/8-ball/e.yaml')],
    [
      'programs that are built side by side',
      from('/srv/builds/shop/e.yaml'),
      from('/srv/builds/blog/e.yaml'),
    ],
    ['another file name', release('42'), from('/srv/shop/releases/43/jobs.yaml')],
    ['another parent', release('42'), from('/srv/blog/releases/43/ecosystem.yaml')],
  ])('is not taken for one: %s', (_what, before, after) => {
    expect(guardOf(after, { project: 'new', others: [owned(before, ['web'], 'old')] })).toBeNull();
  });

  it('is none without an app of the same name, nor when the file names its project', () => {
    expect(guardOf(release('43'), { project: '43', others: [running], apps: ['mail'] })).toBeNull();
    expect(guardOf({ ...release('43'), ...NAMED }, { project: '43', others: [running] })).toBeNull();
  });
});

describe('a new project that another one is called otherwise than', () => {
  const moved = from('/srv/shopb/e.yaml');
  const old = owned(from('/srv/shopa/e.yaml'), ['web', 'api'], 'shopa');
  const noteOf = (source: ProjectSource, given: Case) => renamedProjectNote(inputOf(source, given));

  it('is named when the same file declared it, and when its folder has got another name', () => {
    expect(noteOf({ ...old.source, ...NAMED }, { project: 'shopb', others: [old] })).toMatch(
      /project shopa before.*moved: \{ from: shopa \}/,
    );
    expect(noteOf(moved, { project: 'shopb', others: [old], apps: ['api', 'web'] })).toContain('shopa');
  });

  it('is not named where its file is there still, or declares other apps', () => {
    const given = { project: 'shopb', others: [old], apps: ['api', 'web'] };
    expect(noteOf(moved, { ...given, there: old.source.files })).toBeNull();
    expect(noteOf(moved, { ...given, apps: ['mail'] })).toBeNull();
    expect(noteOf(moved, { ...given, before: owned(moved, ['web'], 'shopb') })).toBeNull();
  });
});
