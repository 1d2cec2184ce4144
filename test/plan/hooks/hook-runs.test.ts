import { expect, it } from 'vitest';
import { failureOf, keptRuns } from '../../../src/plan/hooks/hook-runs.ts';
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

it.each([
  [{ code: 3 }, 'exited with code 3 after 0.2s'],
  [{ code: 139 }, 'exited with code 139 (SIGSEGV) after 0.2s'],
  [{ code: 255 }, 'exited with code 255 after 0.2s'],
  [{ code: null, signal: 'SIGKILL' }, 'was ended by SIGKILL after 0.2s'],
  [{ code: 143, requested: true }, 'was ended after 0.2s'],
  [{ code: 143, requested: true, upMs: 1_100 }, 'was ended after 1.1s: it may take 1s'],
  [{ code: null }, 'ended after 0.2s, and nobody saw how'],
  [{ code: 0 }, null],
])('says in words how a hook has failed', (exit, words) => {
  const ended = { signal: null, at: 0, upMs: 200, requested: false, error: null, ...exit };
  expect(failureOf(ended, 1_000)).toBe(words);
});
