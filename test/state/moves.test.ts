import { describe, expect, it } from 'vitest';
import { completeMoves, moveApps, movesOf, namesOf } from '../../src/state/desired/moves.ts';
import { reduce, type Projects } from '../../src/state/desired/reducer.ts';
import type { Fact } from '../../src/state/model/types.ts';
import { makeSpec } from '../plan/fixtures.ts';

type MovedFact = Extract<Fact, { kind: 'apps-moved' }>;

function accept(project: string, ...names: readonly string[]): Fact {
  const apps = names.map((name) => makeSpec({ name }));
  const templateHashes = Object.fromEntries(names.map((name) => [name, `hash of ${name}`]));
  return {
    kind: 'project-accepted',
    spec: { project, source: { files: [`/srv/${project}.yaml`], env: null }, apps },
    templateHashes,
    prune: true,
    at: 1,
  };
}

function stateOf(...facts: readonly Fact[]): Projects {
  return facts.reduce<Projects>(reduce, new Map());
}

function move(from: string, to: string, apps: Record<string, string> = {}): MovedFact {
  return { kind: 'apps-moved', from, to, apps, at: 2 };
}

describe('apps that have other names now', () => {
  it('are those of another project, with their counters and its revisions', () => {
    const before = stateOf(accept('shopa', 'web', 'api'), {
      kind: 'restart-requested',
      key: 'shopa/web',
      slot: null,
      reason: 'RestartRequested',
      detail: '',
      at: 1,
    });
    const after = reduce(before, move('shopa', 'shopb', { worker: 'api' }));
    const [was, is] = [before.get('shopa')?.apps['web'], after.get('shopb')?.apps['web']];
    expect(is).toMatchObject({
      templateHash: 'hash of web',
      restartGeneration: 1,
      createdAt: was?.createdAt,
      generation: (was?.generation ?? 0) + 1,
      formerly: ['shopa/web'],
    });
    expect(after.get('shopb')?.apps['worker']).toMatchObject({
      spec: { name: 'worker' },
      formerly: ['shopa/api'],
    });
    expect(after.get('shopa')?.apps).toEqual({});
    expect(after.get('shopb')?.revision).toBe((before.get('shopa')?.revision ?? 0) + 1);
    expect(Object.keys(after.get('shopb')?.outcomes ?? {})).toEqual(['1', '2']);
  });

  it('keep their place in the project', () => {
    const after = reduce(stateOf(accept('shop', 'web', 'api')), move('shop', 'shop', { front: 'web' }));
    expect(Object.keys(after.get('shop')?.apps ?? {})).toEqual(['front', 'api']);
  });

  it.each([
    ['it has happened already', stateOf(accept('shop', 'front')), move('shop', 'shop', { front: 'web' })],
    ['both are there', stateOf(accept('shop', 'web', 'front')), move('shop', 'shop', { front: 'web' })],
    ['both projects have apps', stateOf(accept('a', 'web'), accept('b', 'web')), move('a', 'b')],
    ['there is no such project', stateOf(accept('a', 'web')), move('x', 'y')],
  ])('are none when %s', (_when, state, fact) => {
    expect(movesOf(state, fact)).toEqual([]);
    expect(moveApps(state, fact)).toBe(state);
  });

  it('go back to the version before under the new name', () => {
    const changed = accept('shop', 'web');
    if (changed.kind !== 'project-accepted') throw new Error('unexpected');
    const next = {
      ...changed,
      templateHashes: { web: 'other' },
      spec: { ...changed.spec, apps: [makeSpec({ name: 'web', args: ['x'] })] },
    };
    const state = stateOf(
      accept('shop', 'web'),
      { kind: 'rollout-completed', key: 'shop/web', generation: 1, at: 1 },
      next,
    );
    const { rollout } =
      reduce(state, move('shop', 'shop', { front: 'web' })).get('shop')?.apps['front'] ?? {};
    expect(rollout?.previous?.spec.name).toBe('front');
  });

  it('own the processes that were started under their old names, until somebody else is called so', () => {
    const moved = reduce(stateOf(accept('shopa', 'web')), move('shopa', 'shopb'));
    expect(namesOf(moved).now('shopa/web')).toBe('shopb/web');
    expect(namesOf(moved).before('shopb/web')).toEqual(['shopa/web']);
    const again = reduce(moved, accept('shopa', 'web'));
    expect(namesOf(again).now('shopa/web')).toBe('shopa/web');
    expect(namesOf(again).before('shopb/web')).toEqual([]);
  });

  it('are there once after a crash in between, and a later app of the old name is left alone', () => {
    const before = stateOf(accept('shopa', 'web', 'api'));
    const after = reduce(before, move('shopa', 'shopb'));
    const half = new Map(after).set('shopa', before.get('shopa') ?? never());
    expect(completeMoves(half).get('shopa')?.apps).toEqual({});
    const later = reduce(after, { ...accept('shopa', 'web'), at: 9 } as Fact);
    expect(Object.keys(completeMoves(later).get('shopa')?.apps ?? {})).toEqual(['web']);
  });
});

function never(): never {
  throw new Error('unexpected');
}
