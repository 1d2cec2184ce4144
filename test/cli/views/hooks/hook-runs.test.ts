import { expect, it } from 'vitest';
import type { HookRunStatus } from '../../../../src/api/contract/wire/events.ts';
import type { RevisionInfo } from '../../../../src/api/contract/wire/revisions.ts';
import { preStartText, renderHookRuns } from '../../../../src/cli/views/hooks/hook-runs.ts';
import { createStyle } from '../../../../src/cli/views/text/terminal.ts';

const NOW = Date.parse('2026-11-29T10:00:00Z');

function run(given: Partial<HookRunStatus> = {}): HookRunStatus {
  return {
    ...{ hook: 'pre_start', slot: null, reason: 'NewRelease', revision: 2, generation: 3 },
    ...{ startedAt: '2026-11-29T09:59:30.000Z', endedAt: '2026-11-29T09:59:31.200Z', durationMs: 1_200 },
    ...{ exitCode: 0, exitSignal: null, outcome: 'succeeded', message: null, lastLine: 'done' },
    ...given,
  };
}

const FAILED = { outcome: 'failed', exitCode: 3, message: 'exited with code 3 after 1.2s' } as const;

it.each([
  [run(), 'succeeded'],
  [run(FAILED), 'failed: code 3'],
  [
    run({ ...FAILED, exitCode: null, exitSignal: 'SIGSEGV', message: 'was ended by SIGSEGV after 1.2s' }),
    'failed: SIGSEGV',
  ],
  [
    run({ ...FAILED, exitSignal: 'SIGTERM', message: 'was ended after 30s: it may take 30s' }),
    'failed: was ended after 30s: it may take 30s',
  ],
  [
    run({ ...FAILED, exitCode: null, message: 'could not be started: no program migrate' }),
    'failed: could not be started: no program migrate',
  ],
  [run({ outcome: 'stopped', message: 'was ended after 1.2s' }), 'stopped'],
  [run({ outcome: 'running', endedAt: null, durationMs: null, exitCode: null, lastLine: null }), 'running'],
])('says in a word how a run of a hook went', (given, outcome) => {
  const [, line] = renderHookRuns([given], { style: createStyle(false), nowMs: NOW }).split('\n');
  expect(line).toContain(`  ${outcome}  `);
  expect(line).toMatch(/^pre_start {2}- {5}2 {9}30s ago/);
});

it('says of each revision how long pre_start took, by app where there are several', () => {
  const revision = (...hooks: readonly (HookRunStatus & { app: `${string}/${string}` })[]) =>
    ({ hooks }) as unknown as RevisionInfo;
  const good = { ...run(), app: 'shop/api' } as const;
  const bad = { ...run(FAILED), app: 'shop/web' } as const;
  expect(preStartText(revision(), null)).toBe('-');
  expect(preStartText(revision(good), null)).toBe('1.2s');
  // The newest run of an app counts.
  expect(preStartText(revision(bad, { ...good, app: 'shop/web' }), null)).toBe('failed after 1.2s');
  expect(preStartText(revision(good, bad), null)).toBe('api 1.2s, web failed after 1.2s');
  expect(preStartText(revision(good, bad), 'shop/web')).toBe('failed after 1.2s');
});
