import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plan } from '../../../src/plan/plan.ts';
import type { DesiredApp, Override } from '../../../src/plan/model/desired.ts';
import { accept, makeApp, NOW, STOPPED } from '../fixtures.ts';
import { SimulatedHost } from '../simulated-host.ts';

/** A job on a host, with what the reducer makes of requests. */
class Job {
  readonly host = new SimulatedHost();
  app: DesiredApp = makeApp('job', { spec: { schedule: '@hourly', autorestart: false, min_uptime: 0 } });

  request(slot = 0): void {
    const generation = this.app.generation + 1;
    const count = this.app.slotRestarts[String(slot)] ?? 0;
    this.app = {
      ...this.app,
      generation,
      lastRestart: { reason: 'ScheduledRun', detail: 'due', at: NOW },
      slotRestarts: { ...this.app.slotRestarts, [slot]: count + 1 },
      runs: { ...this.app.runs, [slot]: generation },
    };
  }

  override(override: Override | null): void {
    const runs = override?.run === 'stopped' ? {} : this.app.runs;
    this.app = { ...this.app, override, generation: this.app.generation + 1, ...(runs && { runs }) };
  }

  look() {
    this.host.accepted = [accept(this.app)];
    this.host.recordExits([this.app], 0.5);
    const made = plan([this.app], this.host.observe(), this.host.now);
    this.host.execute(made);
    return made;
  }

  live() {
    return this.host.instances.filter(({ state }) => state !== 'exited');
  }

  endAll(code: number): void {
    for (const { nonce } of this.live()) this.host.end(nonce, { code });
  }
}

describe('a scheduled job', () => {
  it('is not started by being declared, and is as it should be', () => {
    const job = new Job();
    const { actions, health } = job.look();
    expect(actions).toEqual([]);
    expect(health).toMatchObject([{ health: 'Completed', sync: 'Synced', converged: true }]);
    expect(health[0]?.conditions[0]).toMatchObject({ status: 'True', reason: 'WaitsForSchedule' });
  });

  it('runs once for a request, and rests when it has ended', () => {
    const job = new Job();
    job.request();
    expect(job.look().actions).toMatchObject([{ kind: 'start', slot: 0, reason: 'ScheduledRun' }]);
    job.host.comeUp();
    expect(job.look().health).toMatchObject([{ health: 'Healthy', converged: true }]);
    job.endAll(0);
    job.look();
    expect(job.look()).toMatchObject({ actions: [], health: [{ health: 'Completed', converged: true }] });
    expect(job.host.history.get('shop/job')?.[0]?.recentExits).toHaveLength(1);
  });

  it('is degraded after a run that failed, and waits for the next all the same', () => {
    const job = new Job();
    job.request();
    job.look();
    job.host.comeUp();
    job.endAll(1);
    job.look();
    expect(job.look()).toMatchObject({ actions: [], health: [{ health: 'Degraded', converged: true }] });
  });

  it('replaces a run by a newer one of the same slot, and by nothing else', () => {
    const job = new Job();
    job.request();
    job.look();
    job.host.comeUp();
    job.app = { ...job.app, templateHash: 'other', generation: job.app.generation + 1 };
    expect(job.look().actions).toEqual([]);
    job.request();
    expect(job.look().actions).toMatchObject([{ kind: 'stop', reason: 'ScheduledRun' }]);
    job.host.endStopping();
    expect(job.look().actions).toContainEqual(expect.objectContaining({ kind: 'start', slot: 0 }));
  });

  it('stops what ran before the app had a schedule', () => {
    const job = new Job();
    job.host.execute(plan([makeApp('job')], job.host.observe(), NOW));
    job.host.comeUp();
    expect(job.look().actions).toMatchObject([{ kind: 'stop', reason: 'NotDue' }]);
    job.host.endStopping();
    job.look();
    expect(job.look().actions).toEqual([]);
  });

  it('does not come back with a run from before it was stopped', () => {
    const job = new Job();
    job.request();
    job.override(STOPPED);
    expect(job.look().actions).toEqual([]);
    job.override(null);
    expect(job.look().actions).toEqual([]);
  });

  it('never runs without a request, never twice for one, and never two in a slot', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('request'), slot: fc.nat(2) }),
      fc.record({
        kind: fc.constantFrom('look', 'look', 'up', 'end', 'fail', 'stopped', 'restart', 'stop', 'start'),
      }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const job = new Job();
        let requests = 0;
        let starts = 0;
        for (const { kind, ...rest } of steps) {
          if ('slot' in rest) {
            if (job.app.override === null) {
              job.request(rest.slot);
              requests += 1;
            }
          } else if (kind === 'up') job.host.comeUp();
          else if (kind === 'end' || kind === 'fail') job.endAll(kind === 'end' ? 0 : 1);
          else if (kind === 'stopped') job.host.endStopping();
          else if (kind === 'restart') {
            const { generation, restartGeneration } = job.app;
            job.app = {
              ...{ ...job.app, generation: generation + 1, restartGeneration: restartGeneration + 1 },
            };
          } else if (kind === 'stop') job.override(STOPPED);
          else if (kind === 'start') job.override(null);
          else {
            const begun = job.look().actions.filter((action) => action.kind === 'start');
            if (job.app.override !== null) expect(begun).toEqual([]);
            starts += begun.length;
          }
          expect(starts).toBeLessThanOrEqual(requests);
          const slots = job.live().map(({ slot }) => slot);
          expect(new Set(slots).size).toBe(slots.length);
        }
      }),
      { numRuns: 300 },
    );
  });
});
