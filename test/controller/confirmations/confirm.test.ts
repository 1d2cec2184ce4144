import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { confirmTrials } from '../../../src/controller/confirmations/confirm.ts';
import { trialFacts } from '../../../src/controller/confirmations/trial.ts';
import type { ProjectPreview } from '../../../src/controller/apply/preview-project.ts';
import { readAudit } from '../../../src/state/audit/read-audit.ts';
import { reduce, type Projects } from '../../../src/state/desired/reducer.ts';
import type { Fact } from '../../../src/state/model/types.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { openedStore, temporaryFolder } from '../../state/folder.ts';
import { accepted, appSpec } from '../../state/specs.ts';

const api = appSpec({ name: 'api' });
const more = { ...api, instances: 2 };

function asked(project: string, previous: number | null = 1, until = 1_000): Fact {
  return { kind: 'confirmation-asked', project, previous, until, by: 'ann', at: 0 };
}

/** A home in which these projects are on trial. */
async function onTrial(...projects: readonly string[]) {
  const folder = temporaryFolder();
  const store = await openedStore(folder);
  for (const project of ['shop', 'blog', 'wiki']) {
    await store.commit(accepted(project, [api]));
    if (projects.includes(project)) await store.commit([accepted(project, [more]), asked(project)]);
  }
  const confirm = (names: readonly string[] | null) =>
    confirmTrials({ projects: names, by: 'bob' }, { store, clock: new FakeClock(0) });
  return { folder, store, confirm };
}

describe('what is on trial', () => {
  test('is confirmed without a name where it is the only one, on record and as an event', async () => {
    const { folder, store, confirm } = await onTrial('shop');
    expect(await confirm(null)).toEqual({ ok: true, value: { results: [{ project: 'shop', revision: 2 }] } });
    expect(store.project('shop')).not.toHaveProperty('confirmation');
    expect((await readAudit(join(folder, 'audit'), 1))[0]).toMatchObject({
      ...{ kind: 'act', by: 'bob', command: 'apply --confirmed' },
      about: 'shop 2',
    });
    expect((await store.events({ limit: 1 }))[0]).toMatchObject({ reason: 'Confirmed' });
  });

  test.each<[string, readonly string[], readonly string[] | null, string, RegExp]>([
    [
      'several, and none is named',
      ['shop', 'blog'],
      null,
      'SELECTOR_AMBIGUOUS',
      /wait for a confirmation: blog, shop/,
    ],
    ['nothing', [], null, 'NOT_FOUND', /nothing waits/],
    ['not the one that is named', ['shop'], ['blog'], 'NOT_FOUND', /blog/],
    ['not all of those that are named', ['shop'], ['shop', 'blog'], 'NOT_FOUND', /blog/],
  ])('%s: nothing is confirmed, and it says so', async (_, projects, names, code, says) => {
    const { store, confirm } = await onTrial(...projects);
    const answer = await confirm(names);
    expect(answer).toMatchObject({ ok: false, error: { code } });
    expect(answer.ok ? '' : answer.error.message).toMatch(says);
    for (const project of projects) expect(store.project(project)?.confirmation).toBeDefined();
  });
});

describe('what an apply puts on trial', () => {
  const request = { confirmWithinMs: 500, by: 'ann' };

  function trial(records: Projects, fact: Fact & { kind: 'project-accepted' }, from?: string) {
    const moved = from === undefined ? [] : [{ from, to: fact.spec.project }];
    const projects = [{ fact, movedFacts: moved }] as unknown as readonly ProjectPreview[];
    return trialFacts({ projects, candidate: reduce(records, fact) }, { request, records, now: 100 });
  }

  const one = reduce(new Map(), accepted('shop', [api]));

  test.each<[string, Projects, number | null]>([
    ['to the revision before', one, 1],
    ['to nothing, where the project is new', new Map(), null],
    [
      'to where the trial before would have gone',
      [accepted('shop', [{ ...api, kill_timeout: 1 }]), asked('shop')].reduce<Projects>(reduce, one),
      1,
    ],
    [
      'to nothing, where the trial before would have gone there',
      [accepted('shop', [{ ...api, kill_timeout: 1 }]), asked('shop', null)].reduce<Projects>(reduce, one),
      null,
    ],
  ])('goes back %s', (_, records, previous) => {
    expect(trial(records, accepted('shop', [more]))).toMatchObject({
      ok: true,
      value: [{ project: 'shop', previous, until: 600, by: 'ann' }],
    });
  });

  test('is nothing where nothing changes', () => {
    expect(trial(one, accepted('shop', [api]))).toEqual({ ok: true, value: [] });
  });

  test('is refused where apps come from another project, and would not go back', () => {
    const refused = trial(one, accepted('store', [api]), 'shop');
    expect(refused).toMatchObject({ ok: false, error: { code: 'CONFLICT' } });
    expect(refused.ok ? '' : refused.error.message).toContain('from shop');
  });
});
