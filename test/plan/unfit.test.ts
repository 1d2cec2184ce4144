import { describe, expect, it } from 'vitest';
import { plan } from '../../src/plan/plan.ts';
import type { DesiredApp } from '../../src/plan/model/desired.ts';
import type { ObservedInstance, SlotHistory } from '../../src/plan/model/observed.ts';
import type { Plan } from '../../src/plan/model/plan.ts';
import { accept, makeApp, makeHistory, makeInstance, makeSpec, NOW, observe } from './fixtures.ts';

/** An app whose process in slot 0 was found unfit just now, after three that went the same way. */
function scene(order: 'start-first' | 'stop-first'): {
  readonly app: DesiredApp;
  readonly running: ObservedInstance;
} {
  const { rollout } = makeSpec();
  const bounds = order === 'start-first' ? { max_surge: 1, max_unavailable: 0 } : {};
  const before = makeApp('api', { spec: { rollout: { ...rollout, ...bounds } } });
  const app: DesiredApp = {
    ...before,
    generation: 2,
    slotRestarts: { 0: 1 },
    lastRestart: { reason: 'LivenessFailed', detail: 'no answer', at: NOW },
    unfit: { 0: { reason: 'LivenessFailed', at: NOW, restartGeneration: 1 } },
  };
  return { app, running: makeInstance(before, { upMs: 2_000 }) };
}

function planAt(app: DesiredApp, running: ObservedInstance, now: number): Plan {
  const slots: readonly SlotHistory[] = [
    makeHistory(app, { attempt: 3, jitter: 0.5, lastRestartGeneration: 0, lastGeneration: 1 }),
  ];
  const host = observe({
    instances: [running],
    history: [{ key: app.key, slots }],
    accepted: [accept(app)],
  });
  return plan([app], host, now);
}

describe('a process that was found unfit', () => {
  it('has its successor beside it after the back-off, where that starts first', () => {
    const { app, running } = scene('start-first');
    const waits = planAt(app, running, NOW);
    expect(waits.actions).toEqual([]);
    const message = 'back-off of 0.4s, attempt 4';
    expect(waits.holds[0]).toMatchObject({ slot: 0, reason: 'BackOff', message, until: NOW + 400 });
    expect(waits.requeueAfterMs).toBe(400);
    expect(planAt(app, running, NOW + 400).actions).toMatchObject([
      { kind: 'start', slot: 0, reason: 'LivenessFailed' },
    ]);
  });

  it('ends at once where it has to end first: the wait follows its end', () => {
    const { app, running } = scene('stop-first');
    expect(planAt(app, running, NOW).actions).toMatchObject([
      { kind: 'stop', slot: 0, reason: 'LivenessFailed' },
    ]);
  });

  it('is followed at once when it had been well for long', () => {
    const { app, running } = scene('start-first');
    expect(planAt(app, { ...running, upMs: 60_000 }, NOW).actions).toMatchObject([{ kind: 'start' }]);
  });

  it('waits for nothing when a person has asked for a restart since', () => {
    const { app, running } = scene('start-first');
    const asked = { ...app, restartGeneration: 1, generation: 3 };
    expect(planAt(asked, running, NOW).actions).toMatchObject([{ kind: 'start' }]);
  });
});
