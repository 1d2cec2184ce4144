import { expect, it } from 'vitest';
import { keptRuns } from '../../../src/plan/hooks/hook-runs.ts';
import type { HookRecord } from '../../../src/plan/model/hooks.ts';
import type { HookName } from '../../../src/spec/hooks/hooks.ts';

function record(name: HookName, nonce: string): HookRecord {
  return {
    ...{ name, nonce, of: '1', slot: null, reason: 'NewRelease', generation: 1, revision: 1 },
    ...{ startedAt: 0, durationMs: 1, exitCode: 0, signal: null, failure: null },
  };
}

it('keeps the migration of a release on record, however many processes have stopped since', () => {
  const stops = Array.from({ length: 40 }, (_, index) => record('post_stop', `stop-${index}`));
  const kept = keptRuns([...stops, record('pre_start', 'migration')], () => false);
  expect(kept.filter(({ name }) => name === 'post_stop')).toEqual(stops.slice(0, 10));
  expect(kept.at(-1)?.nonce).toBe('migration');
});

it('keeps what is still on the table, so that it is known to be on record and is dropped from there', () => {
  const runs = Array.from({ length: 40 }, (_, index) => record('post_start', `run-${index}`));
  const kept = keptRuns(runs, (nonce) => nonce === 'run-39');
  expect(kept.map(({ nonce }) => nonce)).toContain('run-39');
  expect(kept).toHaveLength(11);
});
