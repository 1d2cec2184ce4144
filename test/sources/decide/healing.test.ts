import { describe, expect, it } from 'vitest';
import { nextStep, type Looks } from '../../../src/sources/decide/next-step.ts';
import type { Drift } from '../../../src/sources/model/drift.ts';
import type { Applied, SourceRecord } from '../../../src/sources/model/record.ts';
import { recordOf, version } from '../support.ts';

const NOW = 10_000_000;
const A = version('a');
const SCALED: Drift = {
  ...{
    project: 'shop',
    app: 'api',
    kind: 'overridden',
    what: 'scaled from 2 to 4',
    by: 'ada',
    at: 1,
    until: null,
  },
};
const LOOKS: Looks = { nextAt: NOW + 1_000, retryAt: null, drifts: [SCALED] };
const APPLIED: Applied = { id: 'a', at: 0, revisions: { shop: 1 }, outcome: 'good' };
const HEALS = { selfHeal: true } as const;

function at(more: Partial<SourceRecord> = {}): SourceRecord {
  return recordOf({ head: A, applied: APPLIED, ...more }, HEALS);
}

describe('what a source does about what people have made otherwise', () => {
  it.each<[string, SourceRecord, Looks, string]>([
    ['takes it back where that is declared', at(), LOOKS, 'heal'],
    ['leaves it elsewhere', recordOf({ head: A, applied: APPLIED }), LOOKS, 'UpToDate'],
    ['leaves what ends by itself', at(), { ...LOOKS, drifts: [{ ...SCALED, until: NOW + 5 }] }, 'UpToDate'],
    [
      'leaves what another source declares',
      at(),
      { ...LOOKS, drifts: [{ ...SCALED, otherSource: 'b' }] },
      'UpToDate',
    ],
    ['brings in what is newer instead', at({ head: version('b') }), LOOKS, 'deploy'],
    ['does it while a newer one is bad', at({ head: version('b'), quarantined: [bad('b')] }), LOOKS, 'heal'],
    [
      'does it while apps prove themselves',
      at({ applied: { ...APPLIED, outcome: 'pending' } }),
      LOOKS,
      'heal',
    ],
    [
      'goes back to nothing that has failed',
      at({ applied: { ...APPLIED, outcome: 'failed' } }),
      LOOKS,
      'UpToDate',
    ],
    ['waits for its window', at(), { ...LOOKS, closed: { until: NOW + 500 } }, 'Closed'],
    ['waits for what is being written', at(), { ...LOOKS, changing: true }, 'UpToDate'],
    [
      'does nothing while suspended',
      at({ suspended: { by: 'max', at: 0, reason: null } }),
      LOOKS,
      'Suspended',
    ],
    ['waits when it was undone at once', at({ healed: { at: NOW - 9_000, times: 1 } }), LOOKS, 'HealsLater'],
    ['goes on after that', at({ healed: { at: NOW - 10_000, times: 1 } }), LOOKS, 'heal'],
    ['does not wait for a clock that was set back', at({ healed: { at: NOW + 1, times: 9 } }), LOOKS, 'heal'],
  ])('%s', (_, record, looks, expected) => {
    const step = nextStep(record, looks, NOW);
    expect(step.kind === 'wait' ? step.reason : step.kind).toBe(expected);
  });

  it('says who does it again, and how to have it left as it is', () => {
    const record = at({ healed: { at: NOW - 1, times: 3 } });
    expect(nextStep(record, LOOKS, NOW)).toMatchObject({
      until: NOW + 1_000,
      message:
        'shop/api: scaled from 2 to 4 by ada; taken back later, after 3 times in a row; stateward source suspend local leaves it as it is',
    });
  });

  it('has a person who asks get it as it is declared, whatever the source does by itself', () => {
    const asked = { by: 'max', at: 1, version: null };
    const record = recordOf({ head: A, applied: APPLIED, asked });
    expect(nextStep(record, LOOKS, NOW)).toMatchObject({ kind: 'deploy', version: 'a', by: 'max' });
    // Where it is as declared there is nothing to do, and the next look answers.
    expect(nextStep(record, { ...LOOKS, drifts: [] }, NOW)).toMatchObject({ reason: 'UpToDate' });
  });
});

function bad(id: string): SourceRecord['quarantined'][number] {
  return { id, stage: 'Valid', reason: 'CONFIG_SYNTAX', message: 'no', at: 0 };
}
