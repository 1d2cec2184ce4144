import { describe, expect, it } from 'vitest';
import { isSaid, readSaid } from '../../../src/controller/custom/said.ts';

const metrics = (data: unknown) => readSaid({ type: 'stateward:metrics', data });

describe('what an app says of itself', () => {
  it('is metrics with and without a unit, and null where one is gone', () => {
    const data = { 'queue depth': 12, hits: { value: 0.5, unit: 'ratio' }, mode: 'warm', old: null };
    expect(metrics(data)).toEqual({
      kind: 'metrics',
      complete: false,
      metrics: [
        { name: 'queue depth', value: 12 },
        { name: 'hits', value: 0.5, unit: 'ratio' },
        { name: 'mode', value: 'warm' },
      ],
      gone: ['old'],
      bad: 0,
    });
  });

  it.each([
    ['a name that is too long', { ['x'.repeat(129)]: 1 }],
    ['no name', { '': 1 }],
    ['what is infinite', { a: Infinity }],
    ['a list', { a: [1] }],
    ['an object without a value', { a: { unit: 's' } }],
  ])('counts %s as bad', (_, data) => {
    expect(metrics(data)).toMatchObject({ metrics: [], bad: 1 });
  });

  it('has bounded texts', () => {
    const said = metrics({ a: 'x'.repeat(10_000) });
    expect(JSON.stringify(said).length).toBeLessThan(500);
    const error = readSaid({
      type: 'process:exception',
      data: { message: 'x'.repeat(9_000), stack: 'y'.repeat(9_000) },
    });
    expect(JSON.stringify(error).length).toBeLessThan(6_000);
  });

  it('is an action of @pm2/io: whether it takes a parameter is in its arity', () => {
    const action = (data: object) => readSaid({ type: 'axm:action', data });
    expect(action({ action_name: 'flush', action_type: 'custom', arity: 1 })).toEqual({
      kind: 'action',
      action: { name: 'flush', kind: 'named', parameter: false },
    });
    expect(
      action({ action_name: 'tail', action_type: 'scoped', arity: 2, opts: { comment: 'the log' } }),
    ).toEqual({
      kind: 'action',
      action: { name: 'tail', kind: 'scoped', parameter: true, description: 'the log' },
    });
    expect(action({ action_name: 'km:heapdump', action_type: 'internal', arity: 2 })).toEqual({
      kind: 'nothing',
    });
  });

  it('is nothing where it makes no sense, and nothing to us where it is of another kind', () => {
    for (const type of [
      'stateward:metrics',
      'stateward:action',
      'stateward:reply',
      'axm:monitor',
      'axm:reply',
      'axm:scoped_action:end',
      'stateward:error',
    ]) {
      for (const data of [undefined, null, 5, 'x', []]) {
        expect(['nothing', 'metrics'], type).toContain(readSaid({ type, data })?.kind);
      }
    }
    for (const other of ['hi', null, 5, {}, { type: 5 }, { type: 'order', data: {} }]) {
      expect([isSaid(other), readSaid(other)]).toEqual([false, null]);
    }
  });
});
