import { describe, expect, it } from 'vitest';
import { RoundBook, type RoundNotes } from '../../src/reconcile/rounds.ts';
import { appKey } from '../../src/lib/app-key.ts';

const WEB = appKey('shop', 'web');
const API = appKey('shop', 'api');

function book() {
  let now = 1_000;
  const clock = { now: () => now, monotonic: () => now };
  const rounds = new RoundBook(clock);
  /** A round that takes so long and starts something, or does what is said. */
  const run = (key: typeof WEB, ms = 5, work: (notes: RoundNotes) => void = start) =>
    rounds.run(key, (notes) => {
      now += ms;
      work(notes);
      return Promise.resolve();
    });
  return { rounds, run };
}

function start(notes: RoundNotes): void {
  notes.generation = 3;
  notes.actions.push({ kind: 'start', slot: 0, reason: 'NotRunning', error: null });
}
const nothing = (): void => undefined;
const fail = (): void => {
  throw new Error('the runner does not answer');
};

describe('the book of rounds', () => {
  it('keeps why an app was looked at, what was done, and how long that took', async () => {
    const { rounds, run } = book();
    rounds.because(WEB, 'desired');
    rounds.because(WEB, 'process');
    rounds.because(WEB, 'process');
    await run(WEB, 12);
    expect(rounds.of(WEB)).toEqual([
      {
        ...{ key: WEB, at: 1_000, durationMs: 12, causes: ['desired', 'process'], generation: 3 },
        actions: [{ kind: 'start', slot: 0, reason: 'NotRunning', error: null }],
        ...{ verdict: null, error: null },
      },
    ]);
  });

  it('keeps nothing of a round that led to nothing, and takes its causes for dealt with', async () => {
    const { rounds, run } = book();
    rounds.because(WEB, 'resync');
    await run(WEB, 1, nothing);
    expect(rounds.all()).toEqual([]);
    rounds.because(WEB, 'probe');
    await run(WEB);
    expect(rounds.of(WEB)).toMatchObject([{ causes: ['probe'] }]);
  });

  it('keeps one that failed, passes the failure on, and knows the next as another try', async () => {
    const { rounds, run } = book();
    rounds.because(WEB, 'desired');
    await expect(run(WEB, 1, fail)).rejects.toThrow('does not answer');
    await run(WEB);
    await run(WEB);
    expect(rounds.of(WEB)).toMatchObject([
      { causes: ['desired'], error: 'the runner does not answer', actions: [] },
      { causes: ['retry'], error: null },
      // Nobody has enqueued it: something of it was due.
      { causes: ['time'], error: null },
    ]);
  });

  it('keeps one that has settled something in the place of actions', async () => {
    const { rounds, run } = book();
    await run(WEB, 1, (notes) => (notes.verdict = 'the rollout has succeeded'));
    expect(rounds.of(WEB)).toMatchObject([{ verdict: 'the rollout has succeeded', actions: [] }]);
  });

  it('is bounded for each app, and in all: who was quiet for longest loses its own first', async () => {
    const { rounds, run } = book();
    await run(API);
    for (let count = 0; count < 30; count += 1) await run(WEB);
    expect([rounds.of(API).length, rounds.of(WEB).length]).toEqual([1, 20]);
    for (let index = 0; index < 5_000; index += 1) await run(appKey('many', `app-${index}`));
    expect(rounds.all().length).toBe(5_000);
    expect(rounds.of(API)).toEqual([]);
    expect(rounds.of(appKey('many', 'app-4999')).length).toBe(1);
  });
});
