import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { appKey } from '../../../src/lib/app-key.ts';
import { chosenNumbers } from '../../../src/spec/ports/chosen-ports.ts';
import { reduce, type Projects } from '../../../src/state/desired/reducer.ts';
import type { Fact } from '../../../src/state/model/types.ts';
import { accepted, appSpec } from '../specs.ts';

type Chosen = Extract<Fact, { kind: 'ports-chosen' }>;

const auto = { name: 'main', port: 'auto', host: null, env: null, shared: null } as const;
const NAMES = ['a', 'b', 'c'];
const declared = accepted(
  'shop',
  NAMES.map((name) => appSpec({ name, ports: [auto] })),
);

const choice: fc.Arbitrary<Chosen> = fc
  .record({
    app: fc.constantFrom(...NAMES),
    slot: fc.nat({ max: 3 }),
    port: fc.integer({ min: 1, max: 12 }),
  })
  .map(({ app, slot, port }) => ({
    kind: 'ports-chosen',
    key: appKey('shop', app),
    ports: [{ place: String(slot), name: 'main', port, instead: null }],
  }));

function after(facts: readonly Fact[]): Projects {
  return facts.reduce<Projects>(reduce, new Map());
}

function numbers(projects: Projects): readonly number[] {
  return Object.values(projects.get('shop')?.apps ?? {}).flatMap(({ ports }) => chosenNumbers(ports ?? {}));
}

describe('ports that were chosen', () => {
  test('are never those of two places, whatever facts come in whatever order', () => {
    fc.assert(
      fc.property(fc.array(choice, { maxLength: 30 }), (choices) => {
        const given = numbers(after([declared, ...choices]));
        expect(new Set(given).size).toBe(given.length);
      }),
    );
  });

  test('are the same in any order, where no two facts name one number', () => {
    const distinct = fc.uniqueArray(choice, { selector: ({ ports }) => ports[0]?.port, maxLength: 12 });
    const places = fc.uniqueArray(distinct, { maxLength: 1 }).map(([choices = []]) => choices);
    fc.assert(
      fc.property(
        places.chain((choices) => {
          const byPlace = new Map(choices.map((fact) => [`${fact.key} ${fact.ports[0]?.place}`, fact]));
          return fc.tuple(
            fc.constant([...byPlace.values()]),
            fc.shuffledSubarray([...byPlace.values()], { minLength: byPlace.size }),
          );
        }),
        ([one, other]) => {
          expect(after([declared, ...one]).get('shop')).toEqual(after([declared, ...other]).get('shop'));
        },
      ),
    );
  });

  test('change neither generation nor revision, and stay over restarts and changes', () => {
    const chosen: Chosen = {
      kind: 'ports-chosen',
      key: appKey('shop', 'a'),
      ports: [{ place: '0', name: 'main', port: 20_001, instead: null }],
    };
    const changed = accepted('shop', [appSpec({ name: 'a', ports: [auto], args: ['x'] })], {
      at: 2_000,
      prune: false,
    });
    const [before, given, later] = [[declared], [declared, chosen], [declared, chosen, changed]].map(after);
    expect(given?.get('shop')?.revision).toBe(before?.get('shop')?.revision);
    expect(given?.get('shop')?.apps['a']?.generation).toBe(1);
    expect(later?.get('shop')?.apps['a']?.ports).toEqual({ '0': { main: [20_001] } });
  });

  test('go with the app, and with the declaration when no version needs them', () => {
    const chosen: Chosen = {
      kind: 'ports-chosen',
      key: appKey('shop', 'a'),
      ports: [{ place: '0', name: 'main', port: 20_001, instead: null }],
    };
    const deleted: Fact = { kind: 'apps-deleted', keys: [appKey('shop', 'a')], at: 2_000 };
    expect(numbers(after([declared, chosen, deleted]))).toEqual([]);
    expect(numbers(after([declared, chosen, deleted, declared]))).toEqual([]);
    const fixed = accepted('shop', [appSpec({ name: 'a' })], { at: 2_000, prune: false });
    const again = accepted('shop', [appSpec({ name: 'a', kill_timeout: 9 })], { at: 3_000, prune: false });
    expect(numbers(after([declared, chosen, fixed, again]))).toEqual([]);
  });
});
