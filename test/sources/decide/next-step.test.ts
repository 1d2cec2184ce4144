import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextStep, type Looks } from '../../../src/sources/decide/next-step.ts';
import { isQuarantined, type Applied, type SourceRecord } from '../../../src/sources/model/record.ts';
import { fetched, unfetched } from '../../../src/sources/model/looked.ts';
import { accepted, refused, settled } from '../../../src/sources/model/transitions.ts';
import { recordOf, version } from '../support.ts';

const NOW = 1_000_000;
const LATER: Looks = { nextAt: NOW + 1_000, retryAt: null };
const by = { by: 'max', at: NOW - 1 };

function applied(id: string, outcome: Applied['outcome'] = 'good'): Applied {
  return { id, at: 0, revisions: { shop: 1 }, outcome };
}

function bad(id: string): SourceRecord['quarantined'][number] {
  return { id, stage: 'Valid', reason: 'CONFIG_SYNTAX', message: 'no', at: 0 };
}

describe('the next step of a source', () => {
  const A = version('a');
  const B = version('b');
  it.each<[string, SourceRecord, Looks, string]>([
    ['looks at once', recordOf(), { nextAt: NOW, retryAt: null }, 'look'],
    ['waits for the next look', recordOf(), LATER, 'NotFetched'],
    ['deploys what is new', recordOf({ head: A }), LATER, 'deploy a'],
    ['leaves what is applied', recordOf({ head: A, applied: applied('a') }), LATER, 'UpToDate'],
    [
      'waits for apps to prove themselves',
      recordOf({ head: A, applied: applied('a', 'pending') }),
      LATER,
      'Progressing',
    ],
    [
      'lets a newer version supersede one whose rollout goes on',
      recordOf({ head: B, applied: applied('a', 'pending') }),
      LATER,
      'deploy b',
    ],
    [
      'does not try a bad version again',
      recordOf({ head: A, quarantined: [bad('a')] }),
      LATER,
      'Quarantined',
    ],
    [
      'tries a newer one than the bad one',
      recordOf({ head: B, quarantined: [bad('a')], applied: applied('a', 'failed') }),
      LATER,
      'deploy b',
    ],
    [
      'waits for a person where that is declared',
      recordOf({ head: A }, { sync: 'manual' }),
      LATER,
      'WaitsForSync',
    ],
    [
      'does what a person asks for',
      recordOf({ head: A, asked: { ...by, version: null } }, { sync: 'manual' }),
      LATER,
      'deploy a',
    ],
    [
      'never applies what is observed',
      recordOf({ head: A, asked: { ...by, version: null } }, { sync: 'observe' }),
      LATER,
      'Observed',
    ],
    [
      'does nothing while suspended',
      recordOf({ head: A, suspended: { ...by, reason: 'holiday' } }),
      { nextAt: 0, retryAt: null },
      'Suspended',
    ],
    ['waits before it tries again', recordOf({ head: A }), { nextAt: NOW + 9, retryAt: NOW + 5 }, 'BackOff'],
    ['waits for its window', recordOf({ head: A }), { ...LATER, closed: { until: NOW + 500 } }, 'Closed'],
    [
      'does not wait for a window when a person asks',
      recordOf({ head: A, asked: { ...by, version: null } }),
      { ...LATER, closed: { until: null } },
      'deploy a',
    ],
    ['leaves what is for other hosts', recordOf({ head: A }), { ...LATER, elsewhere: 'web-1' }, 'Elsewhere'],
    [
      'goes back as a whole where that is declared',
      recordOf(
        {
          head: A,
          quarantined: [bad('a')],
          applied: applied('a', 'failed'),
          lastGood: { id: 'b', at: 0, revisions: {} },
        },
        { onFailure: 'project' },
      ),
      LATER,
      'go-back',
    ],
    [
      'goes back once',
      recordOf(
        {
          head: A,
          quarantined: [bad('a')],
          applied: { ...applied('a', 'failed'), wentBack: true, takeBack: true },
          lastGood: { id: 'b', at: 0, revisions: {} },
        },
        { onFailure: 'project' },
      ),
      LATER,
      'Quarantined',
    ],
    ['looks while it waits to try again', recordOf({ head: A }), { nextAt: NOW, retryAt: NOW + 5 }, 'look'],
  ])('%s', (_name, record, looks, expected) => {
    const step = nextStep(record, looks, NOW);
    const told =
      step.kind === 'deploy' ? `deploy ${step.version}` : step.kind === 'wait' ? step.reason : step.kind;
    expect(told).toBe(expected);
  });

  it('is said with the reason of a suspension, and is asked for again when something happens', () => {
    const record = recordOf({ suspended: { ...by, reason: 'holiday' } });
    expect(nextStep(record, LATER, NOW)).toEqual({
      kind: 'wait',
      until: null,
      reason: 'Suspended',
      message: 'suspended by max: holiday',
    });
  });
});

const ids = fc.constantFrom('a', 'b', 'c', 'd');
const failure = { code: 'CONFIG_SYNTAX', message: 'no' } as const;
/** Things that happen to a source, as they come. */
const happening = fc.oneof(
  fc.record({ kind: fc.constant('head' as const), id: ids }),
  fc.record({ kind: fc.constant('unreachable' as const) }),
  fc.record({ kind: fc.constant('asked' as const) }),
  fc.record({ kind: fc.constant('suspended' as const), on: fc.boolean() }),
  fc.record({
    kind: fc.constant('settled' as const),
    state: fc.constantFrom('good' as const, 'failed' as const),
  }),
  fc.record({ kind: fc.constant('work' as const), refuses: fc.boolean() }),
);

describe('whatever happens to a source', () => {
  it('never deploys what is applied or bad and not asked for, what is only observed, or while it is suspended', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('auto' as const, 'manual' as const, 'observe' as const),
        fc.array(happening, { maxLength: 40 }),
        (sync, happenings) => {
          let record = recordOf({}, { sync });
          let now = 0;
          for (const event of happenings) {
            now += 1;
            if (event.kind === 'head') record = fetched(record, version(event.id, now), now);
            if (event.kind === 'unreachable') record = unfetched(record, failure, now);
            if (event.kind === 'asked') {
              const { head } = record;
              const quarantined = record.quarantined.filter(({ id }) => id !== head?.id);
              record = { ...record, quarantined, asked: { by: 'max', at: now, version: null } };
            }
            if (event.kind === 'suspended') {
              record = { ...record, suspended: event.on ? { by: 'max', at: now, reason: null } : null };
            }
            if (event.kind === 'settled' && record.applied?.outcome === 'pending') {
              record = settled(record, { state: event.state, message: null }, now);
            }
            const before = record;
            const step = nextStep(record, { nextAt: now + 1, retryAt: null }, now);
            expect(step).toEqual(nextStep(structuredClone(record), { nextAt: now + 1, retryAt: null }, now));
            if (step.kind === 'wait' && step.until !== null) expect(step.until).toBeGreaterThanOrEqual(now);
            if (step.kind !== 'deploy') continue;
            expect(record.suspended).toBeNull();
            expect(sync).not.toBe('observe');
            if (sync === 'manual') expect(record.asked).not.toBeNull();
            expect(step.version).toBe(record.head?.id);
            if (record.asked === null) {
              expect(record.applied?.id).not.toBe(step.version);
              expect(isQuarantined(record, step.version)).toBe(false);
            }
            if (event.kind !== 'work') continue;
            const tried = {
              version: version(step.version),
              by: step.by,
              startedAt: now,
              asked: record.asked,
            };
            record = event.refuses
              ? refused(record, tried, { stage: 'Valid', failures: [failure], passes: false, now })
              : accepted(record, tried, { revisions: { shop: now }, summary: '', now });
            // What was tried is not tried again by itself, and what was good before is not forgotten.
            expect(nextStep(record, { nextAt: now + 1, retryAt: null }, now).kind).toBe('wait');
            expect(record.lastGood).toBe(before.lastGood);
            if (event.refuses) expect(record.applied).toBe(before.applied);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('does what somebody has asked for while something else was carried out, or looked for in vain', () => {
    const newest = { by: 'max', at: 1, version: null, allowWipe: true } as const;
    const looks = { nextAt: null, retryAt: null };
    const begun = fetched(recordOf(), version('a', 1), 1);
    const tried = { version: version('a', 1), by: 'stateward', startedAt: 2, asked: null };
    const why = { stage: 'Synced', failures: [failure], passes: false, now: 3 } as const;
    const guarded = refused({ ...begun, asked: newest }, tried, why);
    expect(guarded.asked).toEqual(newest);
    expect(nextStep(guarded, looks, 4)).toMatchObject({
      ...{ kind: 'deploy', version: 'a', by: 'max' },
    });
    // It is answered by what was begun for it, and not tried for ever.
    expect(nextStep(refused(guarded, { ...tried, asked: newest }, why), looks, 5).kind).toBe('wait');
    const older = unfetched({ ...begun, asked: { by: 'max', at: 1, version: '0' } }, failure, 6);
    expect(nextStep(older, looks, 7)).toMatchObject({ kind: 'deploy', version: '0' });
    expect(unfetched({ ...begun, asked: newest }, failure, 8)).toMatchObject({ asked: null });
  });

  it('shows of which version each stage is, and since when', () => {
    const seen = fetched(recordOf(), version('a', 1), 1);
    const again = fetched(seen, version('a', 1), 2);
    expect(again).toBe(seen);
    const tried = { version: version('a', 1), by: 'stateward', startedAt: 2, asked: null };
    const done = settled(
      accepted(seen, tried, { revisions: { shop: 1 }, summary: 'x', now: 3 }),
      { state: 'good', message: null },
      4,
    );
    const newer = refused(
      fetched(done, version('b', 5), 5),
      { ...tried, version: version('b', 5) },
      { stage: 'Valid', failures: [failure], passes: false, now: 6 },
    );
    expect(newer.stages.Valid).toMatchObject({
      status: 'False',
      version: 'b',
      since: 6,
      failures: [failure],
    });
    expect(newer.stages.Healthy).toMatchObject({ status: 'True', version: 'a', since: 4 });
    expect(newer.applied?.id).toBe('a');
    expect(newer.lastGood?.id).toBe('a');
    // The file is as it was applied again: nothing is left of the bad one but its place in the history.
    const back = fetched({ ...newer, attempted: version('b', 5) }, version('a', 7), 7);
    expect(back.stages.Valid).toMatchObject({ status: 'True', version: 'a' });
    expect(back.attempted?.id).toBe('a');
    expect(back.history.map(({ id, outcome }) => [id, outcome])).toEqual([
      ['b', 'refused'],
      ['a', 'good'],
    ]);
  });
});
