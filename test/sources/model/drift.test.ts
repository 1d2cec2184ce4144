import { describe, expect, it } from 'vitest';
import { driftOf, driftText, isHealed, type LiveProject } from '../../../src/sources/model/drift.ts';
import { healed, healsAt } from '../../../src/sources/model/healing.ts';
import { overtaken } from '../../../src/sources/model/overtaken.ts';
import { completeProject } from '../../../src/spec/defaults.ts';
import type { AppSpec, ProjectSpec } from '../../../src/spec/types.ts';
import { recordOf, version } from '../support.ts';
import { containing } from '../support/containing.ts';

const SOURCE = { name: 'git', prune: true };
const ORIGIN = { source: 'git', commit: 'a'.repeat(40) };

function shop(...apps: readonly { readonly name: string; readonly instances?: number }[]): ProjectSpec {
  const source = { files: ['/srv/ecosystem.yaml'], env: null, origin: ORIGIN };
  return completeProject({ project: 'shop', source, apps: apps as unknown as ProjectSpec['apps'] });
}

const DECLARED = shop({ name: 'api', instances: 2 }, { name: 'web' });

function live(spec: ProjectSpec, more: Partial<LiveProject> = {}): LiveProject {
  return {
    source: spec.source,
    apps: Object.fromEntries(spec.apps.map((app) => [app.name, { spec: app, override: null }])),
    made: { by: 'max', at: 5, command: 'rollback shop' },
    trialUntil: null,
    ...more,
  };
}

function apiOf({ apps: [api] }: ProjectSpec): AppSpec {
  if (api === undefined) throw new Error('a project with apps');
  return api;
}

function withOverride(override: object): LiveProject {
  const { apps, ...rest } = live(DECLARED);
  return {
    ...rest,
    apps: { ...apps, api: { spec: apiOf(DECLARED), override: { by: 'ada', at: 3, ...override } } },
  };
}

describe('what people have made otherwise than a source declares it', () => {
  const end = ' until 1970-01-01T00:00:00.009Z';
  it.each<[string, LiveProject, readonly string[]]>([
    ['nothing', live(DECLARED), []],
    ['a scale', withOverride({ instances: 4 }), ['shop/api: scaled from 2 to 4 by ada']],
    ['a scale to what is declared', withOverride({ instances: 2 }), []],
    ['a start of what does not start by itself', withOverride({ run: 'running' }), []],
    ['a stop for a while', withOverride({ run: 'stopped', runUntil: 9 }), [`shop/api: stopped by ada${end}`]],
    [
      'a stop and a scale, of which one ends',
      withOverride({ run: 'stopped', instances: 3, instancesUntil: 9 }),
      [`shop/api: stopped and scaled from 2 to 3 by ada${end}`],
    ],
    [
      'an app that is gone',
      live(shop({ name: 'api', instances: 2 })),
      ['shop/web: deleted (rollback shop) by max'],
    ],
    [
      'another declaration, on trial',
      live(shop({ name: 'api', instances: 3 }, { name: 'web' }), { trialUntil: 9 }),
      [`shop/api: declared otherwise (rollback shop) by max${end}`],
    ],
    [
      'an app more',
      live(shop({ name: 'api', instances: 2 }, { name: 'web' }, { name: 'more' })),
      ['shop/more: added (rollback shop) by max'],
    ],
    [
      'a file that has taken the project over',
      live(DECLARED, { source: { files: ['/home/max/x.yaml'], env: null } }),
      ['shop: declared by /home/max/x.yaml (rollback shop) by max'],
    ],
  ])('tells of %s', (_, project, texts) => {
    const found = driftOf(SOURCE, DECLARED, project);
    expect(found.map(driftText)).toEqual(texts);
    expect(found.map(isHealed)).toEqual(texts.map((text) => !text.endsWith(end)));
  });

  it('is not taken back where another source declares the project, or the source does not prune', () => {
    const other = live(DECLARED, { source: { ...DECLARED.source, origin: { source: 'other' } } });
    const [taken] = driftOf(SOURCE, DECLARED, other);
    expect(taken).toMatchObject({ kind: 'taken-over', otherSource: 'other' });
    expect(taken && isHealed(taken)).toBe(false);
    const more = live(shop({ name: 'api', instances: 2 }, { name: 'web' }, { name: 'more' }));
    expect(driftOf({ ...SOURCE, prune: false }, DECLARED, more)).toEqual([]);
  });
});

describe('a source that heals itself', () => {
  const APPLIED = { id: 'a', at: 0, revisions: { shop: 1 }, outcome: 'good' } as const;
  const before = recordOf({ applied: APPLIED, lastGood: { id: 'a', at: 0, revisions: { shop: 1 } } });

  it('knows its revisions afterwards, and waits longer each time that it has to', () => {
    let record = before;
    const waits: number[] = [];
    for (let now = 0, times = 0; times < 12; times++) {
      record = healed(record, { revisions: { shop: times + 2 } }, now);
      const at = record.healed === undefined ? 0 : healsAt(record.healed);
      waits.push(at - now);
      now = at;
    }
    expect(record).toMatchObject({
      applied: { revisions: { shop: 13 }, outcome: 'good' },
      lastGood: { revisions: { shop: 13 } },
    });
    expect(waits.slice(0, 4)).toEqual([10_000, 20_000, 40_000, 80_000]);
    expect(Math.max(...waits)).toBe(30 * 60_000);
    const rested = healed(record, { revisions: {} }, (record.healed?.at ?? 0) + 2 * 3_600_000);
    expect(rested.healed?.times).toBe(1);
  });

  it('keeps why it could not, and has what was overtaken prove itself after all', () => {
    const failed = healed(before, { failure: { code: 'FROZEN', message: 'shop is frozen' } }, 7);
    expect(failed).toMatchObject({
      applied: APPLIED,
      healed: { at: 7, times: 1, failure: 'shop is frozen' },
    });
    const superseded = recordOf({ applied: { ...APPLIED, outcome: 'superseded' } });
    expect(healed(superseded, { revisions: { shop: 3 } }, 7).applied?.outcome).toBe('pending');
  });
});

describe('a version that is given up', () => {
  it('is no bad one, and its history says what came of it', () => {
    const at = recordOf({ head: version('b'), attempted: version('a') });
    const after = overtaken(at, { version: version('a'), by: 'stateward', startedAt: 3 }, 9);
    expect(after.quarantined).toEqual([]);
    expect(after.history).toMatchObject([
      { id: 'a', outcome: 'superseded', startedAt: 3, endedAt: 9, message: containing('newer') },
    ]);
  });
});
