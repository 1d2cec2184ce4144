import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SourcesContext } from '../../../src/controller/sources/context.ts';
import type { LookResult } from '../../../src/controller/sources/looks/look.ts';
import type { Provider } from '../../../src/controller/sources/work/provider.ts';
import { SourceWorker } from '../../../src/controller/sources/work/worker.ts';
import { err } from '../../../src/lib/result.ts';
import { Bound } from '../../../src/reconcile/bound.ts';
import type { SourceSpec } from '../../../src/sources/model/source.ts';
import { eventually } from '../../support/eventually.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { recordOf, version } from '../../sources/support.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const UNREACHABLE: LookResult = { kind: 'failed', failure: { code: 'FETCH_FAILED', message: 'no' } };
const FULL = {
  stage: 'Built',
  passes: true,
  failures: [{ code: 'RELEASE_FAILED', message: 'full' }],
} as const;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stateward-worker-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A source whose looks and whose way in are steered, on a clock that stands still. */
class Bench {
  readonly clock = new FakeClock();
  /** How often is looked at what does not say it. */
  readonly poll = { now: 60 * SECOND, onChange: () => () => undefined };
  readonly worker: SourceWorker;
  looks = 0;
  tries = 0;
  prepare: (id: string, signal?: AbortSignal) => ReturnType<Provider['prepare']> = () =>
    Promise.resolve(err(FULL));
  look: () => Promise<LookResult> = () => Promise.resolve(seen('a'));

  constructor(spec: Partial<SourceSpec>, longestWaitMs = 0) {
    const provider: Provider = {
      stages: ['Fetched', 'Built', 'Synced', 'Healthy'],
      longestWaitMs,
      look: () => ((this.looks += 1), this.look()),
      prepare: (_record, version, _passed, signal) => ((this.tries += 1), this.prepare(version.id, signal)),
      hook: () => Promise.resolve(null),
      announce: () => Promise.resolve(null),
      endLeft: () => Promise.resolve(),
      forget: () => Promise.resolve(),
      edited: () => Promise.resolve([]),
      tidy: () => Promise.resolve(),
      close: () => undefined,
    };
    const context = {
      paths: { state: folder },
      store: { appendEvent: () => undefined },
      clock: this.clock,
      host: { name: 'web-1', labels: ['role=web'] },
      random: () => 0.5,
      pollMs: this.poll,
      log: () => undefined,
    };
    const record = recordOf({}, spec);
    this.worker = new SourceWorker(
      record,
      provider,
      { look: new Bound(1), deploy: new Bound(1) },
      context as unknown as SourcesContext,
    );
    this.worker.poke();
  }

  get waitsFor(): string | null {
    const { step } = this.worker;
    return step?.kind === 'wait' ? step.reason : null;
  }

  /** Until it waits for the clock. */
  rests(): Promise<unknown> {
    return eventually(() => this.waitsFor !== null && this.clock.nextDelayMs() !== undefined);
  }

  /** Goes on in time, and lets it do what it has to do then. */
  async during(ms: number): Promise<void> {
    for (let left = ms; left > 0;) {
      await this.rests();
      const step = Math.min(left, Math.max(1, this.clock.nextDelayMs() ?? left));
      this.clock.advance(step);
      left -= step;
    }
    await this.rests();
  }
}

function seen(id: string): LookResult {
  return { kind: 'version', version: version(id) };
}

describe('a source that is worked on', () => {
  it('tries again less and less often what fails for a reason that passes, however often it is looked at', async () => {
    const bench = new Bench({ pollMs: SECOND });
    await bench.during(40 * SECOND);
    expect(bench.looks).toBeGreaterThanOrEqual(40);
    // At 0, 1, 3, 7, 15 and 31 seconds.
    expect(bench.tries).toBe(6);
    // What is newer does not wait for that.
    bench.look = () => Promise.resolve(seen('b'));
    await bench.during(SECOND);
    expect(bench.tries).toBe(7);
    bench.worker.close();
  });

  it('is looked at as often as the home says, where it does not say it itself', async () => {
    const bench = new Bench({ usualPoll: true });
    await bench.during(119 * SECOND);
    expect(bench.looks).toBe(2);
    bench.poll.now = 10 * SECOND;
    bench.worker.lookNow();
    await bench.during(35 * SECOND);
    expect(bench.looks).toBe(6);
    bench.worker.close();
  });

  it('is looked at less and less often while it is out of reach, but for a file of this host', async () => {
    const far = new Bench({ pollMs: SECOND }, HOUR);
    const near = new Bench({ pollMs: SECOND });
    for (const bench of [far, near]) {
      bench.look = () => Promise.resolve(UNREACHABLE);
      await bench.during(31 * SECOND);
      bench.worker.close();
    }
    expect(far.looks).toBeLessThan(8);
    expect(near.looks).toBeGreaterThan(30);
  });

  it('is looked at on when the clock is set back', async () => {
    const bench = new Bench({ pollMs: 60 * SECOND, sync: 'manual' });
    await bench.rests();
    bench.clock.jump(-24 * HOUR);
    await bench.during(130 * SECOND);
    expect(bench.looks).toBe(3);
    bench.worker.close();
  });

  it('is looked at again when somebody asks in the middle of a look', async () => {
    const bench = new Bench({ pollMs: null, sync: 'observe' });
    let end: ((result: LookResult) => void) | undefined;
    bench.look = () => new Promise((resolve) => (end = resolve));
    await eventually(() => end !== undefined);
    bench.worker.lookNow();
    bench.look = () => Promise.resolve(seen('b'));
    end?.(seen('a'));
    await eventually(() => bench.waitsFor === 'Observed');
    expect([bench.looks, bench.worker.record.head?.id]).toEqual([2, 'b']);
    bench.worker.close();
  });

  it('is left alone on hosts that it is not for', async () => {
    const other = new Bench({ hosts: ['web-2', 'role=db'] });
    await eventually(() => other.waitsFor === 'Elsewhere');
    expect(other.looks).toBe(0);
    const mine = new Bench({ hosts: ['role=web'] });
    await mine.rests();
    expect(mine.looks).toBe(1);
    for (const { worker } of [other, mine]) worker.close();
  });

  it('applies what is new in its windows', async () => {
    const nightly = { kind: 'allow', cron: '0 22 * * *', durationMs: HOUR, timeZone: 'UTC' } as const;
    const bench = new Bench({ pollMs: null, windows: [nightly] });
    await bench.rests();
    expect(bench.waitsFor).toBe('Closed');
    await bench.during(22 * HOUR - SECOND);
    expect(bench.tries).toBe(0);
    await bench.during(SECOND);
    expect(bench.tries).toBe(1);
    bench.worker.close();
  });

  it('gives up what is brought in for something newer, or when it is suspended, and holds nothing against it', async () => {
    const bench = new Bench({ pollMs: null });
    const begun: string[] = [];
    const ended: string[] = [];
    bench.prepare = (id, signal) => {
      begun.push(id);
      return new Promise((resolve) =>
        signal?.addEventListener('abort', () => {
          ended.push(id);
          resolve(err(FULL));
        }),
      );
    };
    await eventually(() => begun.includes('a'));
    bench.look = () => Promise.resolve(UNREACHABLE);
    bench.worker.lookNow();
    await eventually(() => bench.worker.record.stages.Fetched?.status === 'False');
    expect(ended).toEqual([]);
    bench.look = () => Promise.resolve(seen('b'));
    bench.worker.lookNow();
    await eventually(() => begun.includes('b'));
    expect(ended).toEqual(['a']);
    await bench.worker.change((at) => ({ ...at, suspended: { by: 'max', at: 0, reason: null } }));
    await eventually(() => bench.waitsFor === 'Suspended');
    expect(bench.worker.record).toMatchObject({
      quarantined: [],
      history: [
        { id: 'b', outcome: 'superseded', message: 'given up: suspended by max' },
        { id: 'a', outcome: 'superseded', message: 'given up: there is a newer version' },
      ],
    });
    bench.worker.close();
  });

  it('goes on from a look that has outlasted what it went on beside', async () => {
    const bench = new Bench({ pollMs: null });
    let endDeploy: (() => void) | undefined;
    let endLook: ((result: LookResult) => void) | undefined;
    bench.prepare = () =>
      new Promise((resolve) => (endDeploy = () => resolve(err({ ...FULL, passes: false }))));
    await eventually(() => endDeploy !== undefined);
    bench.look = () => new Promise((resolve) => (endLook = resolve));
    bench.worker.lookNow();
    await eventually(() => endLook !== undefined);
    endDeploy?.();
    await eventually(() => bench.waitsFor === 'Quarantined');
    endLook?.(seen('b'));
    await eventually(() => bench.tries === 2);
    bench.worker.close();
  });
});
