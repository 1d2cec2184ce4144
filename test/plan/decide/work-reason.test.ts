import { describe, expect, it } from 'vitest';
import { pendingWork } from '../../../src/plan/decide/work.ts';
import { workReason } from '../../../src/plan/decide/work-reason.ts';
import { plan } from '../../../src/plan/plan.ts';
import type { AcceptedApp, DesiredApp } from '../../../src/plan/model/desired.ts';
import type { ObservedInstance } from '../../../src/plan/model/observed.ts';
import { classifySlots } from '../../../src/plan/slots/slots.ts';
import { accept, makeApp, makeInstance, NOW, observe, runAll, STARTED, STOPPED } from '../fixtures.ts';

const app = makeApp('api', { spec: { instances: 2 } });
const scaled = { instances: 1, by: 'ann', at: NOW };
const restart = { reason: 'CronRestart', detail: 'every day', at: NOW } as const;

interface Case {
  readonly app: DesiredApp;
  readonly instances: readonly ObservedInstance[];
  readonly accepted?: AcceptedApp | undefined;
}

function reasonOf({ app, instances, accepted = accept(app) }: Case) {
  const appSlots = classifySlots(app, { instances, history: [] }, NOW);
  return workReason(pendingWork(app, appSlots), appSlots, accepted);
}

const CASES: readonly (readonly [string, Case, ReturnType<typeof reasonOf>])[] = [
  ['nothing is to be done', { app, instances: runAll(app) }, null],
  [
    'another template',
    { app, instances: runAll(app, { templateHash: 'older' }) },
    { kind: 'replace', reason: 'TemplateChanged' },
  ],
  [
    'a restart',
    { app: { ...app, restartGeneration: 1, lastRestart: restart }, instances: runAll(app) },
    { kind: 'replace', reason: 'CronRestart' },
  ],
  [
    'a slot more',
    { app, instances: [makeInstance(app, { slot: 0 })] },
    { kind: 'start', reason: 'ScaledUp' },
  ],
  [
    'a slot more by hand',
    { app: { ...app, override: { ...scaled, instances: 3 } }, instances: runAll(app) },
    { kind: 'start', reason: 'ScaledByOperator' },
  ],
  ['a start', { app, instances: [] }, { kind: 'start', reason: 'NotRunning' }],
  [
    'a start by hand',
    { app: { ...app, override: STARTED }, instances: [] },
    { kind: 'start', reason: 'StartedByOperator' },
  ],
  [
    'a slot less',
    { app: { ...app, spec: { ...app.spec, instances: 1 } }, instances: runAll(app) },
    { kind: 'stop', reason: 'ScaledDown' },
  ],
  [
    'a slot less by hand',
    { app: { ...app, override: scaled }, instances: runAll(app) },
    { kind: 'stop', reason: 'ScaledByOperator' },
  ],
  [
    'a stop',
    { app: { ...app, override: STOPPED }, instances: runAll(app) },
    { kind: 'stop', reason: 'StoppedByOperator' },
  ],
  [
    'two in one slot',
    { app, instances: [...runAll(app), makeInstance(app, { nonce: 'twin' })] },
    { kind: 'stop', reason: 'DuplicateSlot' },
  ],
  [
    'a newer generation of the same template',
    { app: { ...app, generation: 2 }, instances: runAll(app) },
    { kind: 'adopt', reason: 'LiveFieldsChanged' },
  ],
];

describe('the reason of what is to be done', () => {
  it.each(CASES)('of %s', (_, input, expected) => {
    expect(reasonOf(input)).toEqual(expected);
  });

  it.each(CASES)('of %s is the same for the action, the change and the condition', (_, input, expected) => {
    const { app: of, instances } = input;
    const made = plan([of], observe({ instances, accepted: [accept(of)] }), NOW);
    const told = made.actions.filter(({ kind }) => kind !== 'adopt').map(({ reason }) => reason);
    const synced = made.health[0]?.conditions.find(({ type }) => type === 'Synced');
    const reason = expected?.reason ?? 'Converged';
    expect(told.every((one) => one === reason)).toBe(true);
    expect([made.changes[0]?.reason, synced?.reason]).toEqual([reason, reason]);
  });

  it('of an app that is new is that', () => {
    const appSlots = classifySlots(app, { instances: [], history: [] }, NOW);
    const reason = workReason(pendingWork(app, appSlots), appSlots, undefined);
    expect(reason).toEqual({ kind: 'start', reason: 'Created' });
  });
});
