import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  candidates,
  portsAtHand,
  readRange,
  stillChosen,
  withChosen,
} from '../../../src/spec/ports/chosen-ports.ts';
import { specOf } from '../support/context.ts';

const NONE = new Set<number>();

describe('ports to choose from', () => {
  it('are all of the range, each once, and begin at the same one for the same app', () => {
    const range = { first: 20_000, last: 20_099 };
    const places = fc.constantFrom('all', '0', '1', '7');
    fc.assert(
      fc.property(fc.string(), fc.string(), places, (app, name, place) => {
        const tried = [...candidates(app, { place, name }, range)];
        expect(new Set(tried).size).toBe(100);
        expect([Math.min(...tried), Math.max(...tried)]).toEqual([20_000, 20_099]);
        expect([...candidates(app, { place, name }, range)]).toEqual(tried);
      }),
    );
  });

  it('follow each other by slot', () => {
    const first = (place: string) =>
      candidates('shop/api', { place, name: 'main' }, { first: 1, last: 9_999 }).next().value as number;
    expect(first('1') - first('0')).toBe(1);
  });

  it.each([
    ['20000-29999', { first: 20_000, last: 29_999 }],
    [' 80 - 81 ', { first: 80, last: 81 }],
    ['29999-20000', null],
    ['0-10', null],
    ['1-65536', null],
    ['x', null],
  ])('are read from %j', (text, range) => {
    expect(readRange(text)).toEqual(range);
  });
});

describe('ports that were chosen', () => {
  const fork = specOf({ port: 'auto', instances: 2, exec_mode: 'fork' });
  const main = (place: string, port: number, instead: number | null = null) => ({
    ...{ place, name: 'main', port, instead },
  });

  it('are those of the slot, or one for all where they share it', () => {
    const chosen = withChosen({}, [main('0', 1), main('1', 2), main('all', 3)]);
    expect(portsAtHand(fork, 1, { chosen, taken: NONE }).given).toEqual({ main: 2 });
    const cluster = specOf({ port: 'auto', instances: 2, exec_mode: 'cluster' });
    expect(portsAtHand(cluster, 1, { chosen, taken: new Set([3]) }).given).toEqual({ main: 3 });
  });

  it('take turns while two processes are in a slot', () => {
    const chosen = withChosen({}, [main('0', 1)]);
    const taken = new Set([1]);
    expect(portsAtHand(fork, 0, { chosen, taken })).toEqual({
      given: {},
      missing: [{ place: '0', name: 'main', instead: null }],
    });
    const pair = withChosen(chosen, [main('0', 2)]);
    expect(portsAtHand(fork, 0, { chosen: pair, taken }).given).toEqual({ main: 2 });
    expect(portsAtHand(fork, 0, { chosen: pair, taken: new Set([2]) }).given).toEqual({ main: 1 });
    expect(portsAtHand(fork, 0, { chosen: pair, taken: NONE }).given).toEqual({ main: 1 });
  });

  it('give way to what was chosen in their place', () => {
    expect(withChosen({ '0': { main: [1, 2] } }, [main('0', 3, 1)])).toEqual({ '0': { main: [3, 2] } });
  });

  it('stay for as long as a version declares them', () => {
    const chosen = { '0': { main: [1], admin: [2] }, all: { admin: [3] } };
    expect(stillChosen(chosen, [specOf({ port: 3000 }), fork])).toEqual({ '0': { main: [1] } });
    expect(stillChosen(chosen, [specOf({ port: 3000 })])).toBeUndefined();
  });
});
