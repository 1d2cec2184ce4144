import { describe, expect, it } from 'vitest';
import { slotsOfOtherCode } from '../../../src/plan/decide/code.ts';
import { planBasis, whatMoved } from '../../../src/plan/guards/basis.ts';
import { codeNames } from '../../../src/plan/model/code.ts';
import { plan } from '../../../src/plan/plan.ts';
import { accept, makeApp, makeInstance, observe } from '../fixtures.ts';

const OLD = { id: 'a'.repeat(32), commit: '1'.repeat(40) };
const NEW = { id: 'b'.repeat(32), commit: '2'.repeat(40) };

describe('slots that run other code than lies on disk', () => {
  const app = makeApp('api', { spec: { instances: 3 } });

  it('are those whose process is known to, and is as declared otherwise', () => {
    const instances = [
      makeInstance(app, { slot: 0, nonce: 'a', code: OLD }),
      makeInstance(app, { slot: 1, nonce: 'b', code: NEW }),
      makeInstance(app, { slot: 2, nonce: 'c', code: OLD, templateHash: 'other' }),
    ];
    expect(slotsOfOtherCode(app, instances, NEW)).toEqual([0]);
  });

  it('are none where nothing is known of a process, as of one that an older version started', () => {
    expect(slotsOfOtherCode(app, [makeInstance(app, { slot: 0 })], NEW)).toEqual([]);
  });

  it('are none of a job that goes on, of a stopped app, and of a process on its way out', () => {
    const job = makeApp('job', { spec: { schedule: '@daily' } });
    expect(slotsOfOtherCode(job, [makeInstance(job, { code: OLD })], NEW)).toEqual([]);
    const stopped = makeApp('api', { override: { run: 'stopped', by: 'ann', at: 0 } });
    expect(slotsOfOtherCode(stopped, [makeInstance(stopped, { code: OLD })], NEW)).toEqual([]);
    expect(slotsOfOtherCode(app, [makeInstance(app, { code: OLD, state: 'stopping' })], NEW)).toEqual([]);
  });
});

describe('a plan with code', () => {
  it('never acts on code by itself: the loop leaves a process of older code alone', () => {
    const app = makeApp('api');
    const instances = [makeInstance(app, { code: OLD })];
    const change = { before: OLD, after: NEW, note: '1 file' };
    const planned = plan([app], observe({ instances, accepted: [accept(app)] }), 0, {
      codeChange: () => change,
    });
    expect(planned.actions).toEqual([]);
    expect(planned.changes).toMatchObject([{ kind: 'unchanged', fields: [] }]);
  });

  it('does not hold any more when the code has moved', () => {
    const basis = (code: string) =>
      planBasis({
        apps: [],
        instances: [],
        desiredHash: '',
        code: new Map([['shop/api' as const, { id: code }]]),
        hash: (text) => text,
      });
    expect(basis('a').fingerprint).not.toBe(basis('b').fingerprint);
    expect(whatMoved(basis('a'), basis('b'))).toEqual(['shop/api: the code on disk has changed']);
  });

  it('tells two of one commit apart', () => {
    expect(codeNames(OLD, NEW)).toEqual(['1111111', '2222222']);
    const edited = { ...OLD, id: NEW.id, dirty: true as const };
    expect(codeNames(OLD, edited)).toEqual(['1111111', '1111111-dirty']);
    expect(codeNames({ ...edited, id: OLD.id }, edited)).toEqual([
      '1111111-dirty.aaaaaaa',
      '1111111-dirty.bbbbbbb',
    ]);
  });
});
