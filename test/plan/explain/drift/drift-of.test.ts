import { describe, expect, test } from 'vitest';
import { driftOf } from '../../../../src/plan/explain/drift/drift-of.ts';
import type { Override } from '../../../../src/plan/model/desired.ts';
import type { Condition } from '../../../../src/plan/model/health.ts';
import type { AppSpec } from '../../../../src/spec/types.ts';
import { makeApp, NOW } from '../../fixtures.ts';

function driftWith(override: Partial<Override> | null, spec: Partial<AppSpec> = {}) {
  const whole = override === null ? null : { by: 'ada', at: NOW, ...override };
  const app = makeApp('api', { spec: { instances: 2, ...spec }, override: whole });
  return driftOf({ app, conditions: [], since: {} });
}

describe('what an operator has put on top of the file', () => {
  test.each<[string, Partial<Override>, Partial<AppSpec>, object[]]>([
    [
      'scaled for a while',
      { instances: 4, instancesUntil: NOW + 1 },
      {},
      [
        {
          ...{ kind: 'override', project: 'shop', app: 'api', by: 'ada', since: NOW, until: NOW + 1 },
          ...{ heals: 'expiry', message: 'declared 2 instances, scaled to 4', reason: 'ScaledByOperator' },
        },
      ],
    ],
    ['scaled to none', { instances: 0 }, { instances: 1 }, [{ message: 'declared 1 instance, scaled to 0' }]],
    ['stopped', { run: 'stopped' }, {}, [{ reason: 'StoppedByOperator', heals: 'never' }]],
    [
      'stopped, and not to start by itself',
      { run: 'stopped' },
      { autostart: false },
      [{ message: 'declared to run, stopped' }],
    ],
    [
      'started, though it is not to start by itself',
      { run: 'running' },
      { autostart: false },
      [{ reason: 'StartedByOperator' }],
    ],
    [
      'stopped for a while and scaled for good',
      { run: 'stopped', runUntil: NOW + 5, instances: 3 },
      {},
      [
        { heals: 'expiry', until: NOW + 5 },
        { heals: 'never', reason: 'ScaledByOperator' },
      ],
    ],
  ])('is drift: %s', (_, override, spec, expected) => {
    const drift = driftWith(override, spec);
    expect(drift).toMatchObject(expected);
    expect(drift).toHaveLength(expected.length);
    for (const { hint } of drift) expect(hint).toContain('stateward apply');
  });

  test.each<[string, Partial<Override> | null, Partial<AppSpec>]>([
    ['nothing', null, {}],
    ['as many instances as are declared', { instances: 2 }, {}],
    ['a start of what starts by itself', { run: 'running' }, {}],
  ])('is none where it says the same as the file: %s', (_, override, spec) => {
    expect(driftWith(override, spec)).toEqual([]);
  });
});

describe('what was found out about an app', () => {
  const found = (condition: Condition) =>
    driftOf({ app: makeApp(), conditions: [condition], since: { [condition.type]: NOW - 5 } });

  test('is drift, with its way out apart', () => {
    const message = 'code newer than the process: a; b; stateward apply rolls it out';
    expect(found({ type: 'Code', status: 'False', reason: 'CodeNewer', message })).toEqual([
      {
        ...{ kind: 'code', reason: 'CodeNewer', project: 'shop', app: 'api', since: NOW - 5, heals: 'never' },
        ...{ message: 'code newer than the process: a; b', hint: 'stateward apply rolls it out' },
      },
    ]);
  });

  test.each<Condition>([
    { type: 'Synced', status: 'False', reason: 'CodeNewer', message: 'the same, said of the other axis' },
    { type: 'Code', status: 'True', reason: 'CodeNotCompared', message: 'declared so' },
    { type: 'Limited', status: 'True', reason: 'LimitsSet', message: 'nice 5' },
    { type: 'Ready', status: 'False', reason: 'BackOff', message: 'it crashes' },
  ])('is none that stateward is about to mend, or that is declared: $type $reason', (condition) => {
    expect(found(condition)).toEqual([]);
  });
});
