import { expect, test } from 'vitest';
import { SharedWork } from '../../../src/lib/turns/shared-work.ts';
import { FakeClock } from '../../support/fake-clock.ts';

/** Work of which each run takes as long as it is given, and says which one it was. */
function rig() {
  const clock = new FakeClock();
  const runs: { readonly end: () => void; readonly fail: () => void }[] = [];
  const shared = new SharedWork(
    () =>
      new Promise<number>((resolve, reject) => {
        const number = runs.length + 1;
        runs.push({ end: () => resolve(number), fail: () => reject(new Error(`run ${number}`)) });
      }),
    clock,
    3,
  );
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const end = async (number: number, ms = 0): Promise<void> => {
    clock.advance(ms);
    runs[number - 1]?.end();
    await turn();
  };
  return { clock, runs, shared, turn, end };
}

test('who asks while it is under way shares one more run with all who ask until that begins', async () => {
  const { runs, shared, turn, end } = rig();
  const first = [shared.run(), shared.run()];
  await turn();
  expect(runs).toHaveLength(1);
  const later = [shared.run(), shared.run(), shared.run()];
  await turn();
  expect(runs).toHaveLength(1);
  await end(1);
  expect(runs).toHaveLength(2);
  await end(2);
  expect(await Promise.all([...first, ...later])).toEqual([1, 1, 2, 2, 2]);
});

test('a run rests for three times what it took, half a second at most, and takes in who comes meanwhile', async () => {
  const { clock, runs, shared, turn, end } = rig();
  const first = shared.run();
  await turn();
  await end(1, 20);
  const second = shared.run();
  clock.advance(59);
  await turn();
  expect(runs).toHaveLength(1);
  const third = shared.run();
  clock.advance(1);
  await turn();
  expect(runs).toHaveLength(2);
  await end(2, 10_000);
  const last = shared.run();
  await turn();
  clock.advance(499);
  await turn();
  expect(runs).toHaveLength(2);
  clock.advance(1);
  await turn();
  await end(3);
  expect(await Promise.all([first, second, third, last])).toEqual([1, 2, 2, 3]);
});

test('one that failed tells those who shared it, and the next is another one', async () => {
  const { runs, shared, turn, end } = rig();
  const failed = [shared.run(), shared.run()];
  await turn();
  const next = shared.run();
  runs[0]?.fail();
  for (const run of failed) await expect(run).rejects.toThrow('run 1');
  await turn();
  await end(2);
  expect(await next).toBe(2);
});

test('one that is asked for after a long pause begins at once', async () => {
  const { clock, runs, shared, turn, end } = rig();
  void shared.run();
  await turn();
  await end(1, 100);
  clock.advance(300);
  void shared.run();
  await turn();
  expect(runs).toHaveLength(2);
});
