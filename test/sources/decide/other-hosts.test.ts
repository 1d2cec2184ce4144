import { describe, expect, it } from 'vitest';
import { nextStep, type Looks } from '../../../src/sources/decide/next-step.ts';
import type { HostWord } from '../../../src/sources/model/host-word.ts';
import type { Applied, SourceRecord } from '../../../src/sources/model/record.ts';
import { announced } from '../../../src/sources/model/words.ts';
import { recordOf, version } from '../support.ts';

const NOW = 10_000_000;
const SEEN = NOW - 5_000;
const LOOKS: Looks = { nextAt: NOW + 1_000, retryAt: null };
const WAITS: Looks = { ...LOOKS, waitsFor: { host: 'web-1', timeoutMs: 60_000 } };
const FIRST: Looks = { ...LOOKS, isFirst: true };
const B = version('b', SEEN);
const APPLIED: Applied = { id: 'a', at: 3, revisions: { shop: 1 }, outcome: 'good' };
const word = (result: HostWord['result'], of = 'b'): Pick<SourceRecord, 'heard'> => ({
  heard: { version: of, word: { host: 'web-1', result, at: SEEN } },
});
const bad = { id: 'b', stage: 'Built', reason: 'BUILD_FAILED', message: 'no', at: 4 } as const;

function reasonOf(record: SourceRecord, looks: Looks): string {
  const step = nextStep(record, looks, NOW);
  return step.kind === 'wait' ? step.reason : step.kind;
}

describe('a source that waits for another host', () => {
  it.each<[string, SourceRecord, Looks, string]>([
    ['waits while it says nothing', recordOf({ head: B }), WAITS, 'WaitsForHost'],
    ['says so when that is too long', recordOf({ head: version('b', NOW - 60_000) }), WAITS, 'HostSilent'],
    ['goes on when it has succeeded', recordOf({ head: B, ...word('good') }), WAITS, 'deploy'],
    [
      'waits for something newer when it has failed',
      recordOf({ head: B, ...word('failed') }),
      WAITS,
      'HostFailed',
    ],
    ['takes no word for another version', recordOf({ head: B, ...word('good', 'a') }), WAITS, 'WaitsForHost'],
    [
      'lets a person go on',
      recordOf({ head: B, asked: { by: 'max', at: 1, version: null } }),
      WAITS,
      'deploy',
    ],
    ['leaves what is applied', recordOf({ head: version('a'), applied: APPLIED }), WAITS, 'UpToDate'],
    ['does not wait on the host that goes first', recordOf({ head: B }), FIRST, 'deploy'],
  ])('%s', (_, record, looks, expected) => expect(reasonOf(record, looks)).toBe(expected));

  it('looks again when the time is over', () => {
    const looks = { ...WAITS, nextAt: null };
    expect(nextStep(recordOf({ head: B }), looks, NOW)).toMatchObject({ until: SEEN + 60_000 });
  });
});

describe('a source that others wait for', () => {
  const good = recordOf({ head: version('a'), applied: APPLIED, lastGood: APPLIED });
  const failed = recordOf({ head: B, quarantined: [bad], applied: APPLIED, lastGood: APPLIED });

  it('tells what has become of its versions, each once', () => {
    const step = nextStep(good, FIRST, NOW);
    expect(step).toEqual({ kind: 'announce', version: 'a', word: { result: 'good', at: 3 } });
    const told = announced(good, { version: 'a', result: 'good' }, null, NOW);
    expect(reasonOf(told, FIRST)).toBe('UpToDate');
    const next = announced(failed, { version: 'a', result: 'good' }, null, NOW);
    expect(nextStep(next, FIRST, NOW)).toEqual({
      kind: 'announce',
      version: 'b',
      word: { result: 'failed', at: 4, message: 'Built: no' },
    });
    expect(reasonOf(good, LOOKS)).toBe('UpToDate');
  });

  it('tries again later what it could not tell, and holds up nothing newer', () => {
    const failure = { code: 'NOTE_NOT_PUSHED', message: 'no' } as const;
    const once = announced(good, { version: 'a', result: 'good' }, failure, NOW);
    expect(nextStep(once, FIRST, NOW)).toMatchObject({ kind: 'wait', until: NOW + 1_000 });
    expect(nextStep(once, { ...FIRST, nextAt: null }, NOW)).toMatchObject({ until: NOW + 10_000 });
    expect(nextStep(once, { ...FIRST, nextAt: null }, NOW + 10_000).kind).toBe('announce');
    expect(reasonOf({ ...once, head: B }, FIRST)).toBe('deploy');
    const passedOver = recordOf({ head: B, quarantined: [{ ...bad, reason: 'PassedOver' }] });
    expect(reasonOf(passedOver, FIRST)).toBe('Quarantined');
  });
});
