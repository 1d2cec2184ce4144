import { expect, it } from 'vitest';
import type { VerbRequest } from '../../../src/api/contract/wire/verbs.ts';
import {
  withSourceNotes,
  type SourceNoteContext,
} from '../../../src/controller/sources/answers/verb-notes.ts';
import { ok } from '../../../src/lib/result.ts';
import type { Override } from '../../../src/plan/model/desired.ts';

type Put = Partial<Override> | null;

/** What is said when `verb` has changed shop/api, of which this override is left. */
async function notesOf(verb: VerbRequest['verb'], override: Put, selfHeal?: true, changed = true) {
  const origin = { source: 'repo' };
  const context = {
    store: {
      projects: () => [
        { project: 'shop', source: { origin } },
        { project: 'own', source: {} },
      ],
      desiredApp: () => ({ override: override && { by: 'ann', at: 0, ...override } }),
    },
    stateOfSource: () => ({ problem: null, ...(selfHeal && { selfHeal }) }),
  } as unknown as SourceNoteContext;
  const results = ['shop/api', 'own/api', 'shop/web'].map((app) => ({ app, changed, message: '' }));
  const done = await withSourceNotes({ verb }, context, () =>
    Promise.resolve(ok({ results, targets: [] } as never)),
  );
  return done.ok ? done.value.notes : undefined;
}

const TAKEN_BACK = [
  'shop/api, shop/web: source repo takes this back by itself; --for 2h makes it last for so long',
];
const OUT = 'take it out of what the source declares';

it.each<[string, VerbRequest['verb'], Put, true | undefined, readonly string[] | undefined]>([
  ['a stop', 'stop', { run: 'stopped' }, true, TAKEN_BACK],
  ['a stop for a while', 'stop', { run: 'stopped', runUntil: 1 }, true, undefined],
  ['a scale', 'scale', { instances: 3 }, true, TAKEN_BACK],
  ['a scale for a while', 'scale', { instances: 3, instancesUntil: 1 }, true, undefined],
  ['a scale to what is declared', 'scale', null, true, undefined],
  ['a stop without self_heal', 'stop', { run: 'stopped' }, undefined, undefined],
  ['a delete', 'delete', null, true, [`shop/api, shop/web: source repo brings it back by itself; ${OUT}`]],
  [
    'a delete without self_heal',
    'delete',
    null,
    undefined,
    [`shop/api, shop/web: source repo brings it back with the next version that it applies; ${OUT}`],
  ],
  ['a restart', 'restart', null, true, undefined],
])('%s of apps of a source', async (_what, verb, override, selfHeal, notes) => {
  expect(await notesOf(verb, override, selfHeal)).toEqual(notes);
});

it('says nothing of what changed nothing', async () => {
  expect(await notesOf('stop', { run: 'stopped' }, true, false)).toBeUndefined();
});
