import { describe, expect, it } from 'vitest';
import { appKey } from '../../../src/lib/app-key.ts';
import type { HooksSpec } from '../../../src/spec/types.ts';
import { reduce } from '../../../src/state/desired/reducer.ts';
import type { Fact } from '../../../src/state/model/types.ts';
import { makeSpec, NOW } from '../../plan/fixtures.ts';

const KEY = appKey('shop', 'api');
const HOOKS: HooksSpec = { pre_start: { command: ['true'], timeout: 60_000 } };

function accepted(
  version: string,
  fields: { readonly hooks?: HooksSpec | null; readonly at?: number; readonly onFailure?: 'rollback' } = {},
): Fact {
  const { rollout } = makeSpec();
  const on_failure = fields.onFailure ?? rollout.on_failure;
  const spec = makeSpec({
    ...{ name: 'api', env: { VERSION: version }, hooks: fields.hooks ?? null },
    rollout: { ...rollout, on_failure },
  });
  return {
    kind: 'project-accepted',
    spec: { project: 'shop', source: { files: [], env: null }, apps: [spec] },
    templateHashes: { api: version },
    prune: true,
    at: fields.at ?? NOW,
  };
}

function appAfter(...facts: readonly Fact[]) {
  return facts.reduce(reduce, new Map()).get('shop')?.apps['api'];
}

describe('the pre_start hook of a release', () => {
  const passed = (release: number): Fact => ({
    kind: 'pre-start-ended',
    key: KEY,
    release,
    failure: null,
    at: NOW,
  });
  const failed = (release: number): Fact => ({
    kind: 'pre-start-ended',
    key: KEY,
    release,
    failure: { reason: 'PreStartFailed', message: 'pre_start hook exited with code 1', slot: null },
    at: NOW,
  });

  it('is due with the first version, and with each new template', () => {
    expect(appAfter(accepted('1', { hooks: HOOKS }))?.preStart).toMatchObject({ release: 1, state: 'due' });
    const second = appAfter(accepted('1', { hooks: HOOKS }), passed(1), accepted('2', { hooks: HOOKS }));
    expect(second?.preStart).toMatchObject({ release: 2, state: 'due' });
  });

  it('is due with new code, and not with a restart', () => {
    const first = [accepted('1', { hooks: HOOKS }), passed(1)];
    const code: Fact = { kind: 'code-changed', key: KEY, slots: [0], again: [], detail: 'a → b', at: NOW };
    expect(appAfter(...first, code)?.preStart?.state).toBe('due');
    const restart: Fact = {
      ...{ kind: 'restart-requested', key: KEY, slot: null, at: NOW },
      ...{ reason: 'RestartRequested', detail: 'asked for by ann' },
    };
    expect(appAfter(...first, restart)?.preStart?.state).toBe('passed');
  });

  const code = (id: string, slots: readonly number[] = [0]): Fact => ({
    ...{ kind: 'code-changed', key: KEY, slots, again: [], code: id, detail: 'a → b', at: NOW },
  });

  it('runs once for the same code, also when what runs it is replaced one by one', () => {
    const first = [accepted('1', { hooks: HOOKS }), passed(1)];
    expect(appAfter(...first, code('b'))?.preStart).toMatchObject({ release: 2, state: 'due' });
    expect(appAfter(...first, code('b'), code('b'))?.preStart?.release).toBe(2);
    const again = appAfter(...first, code('b'), passed(2), code('b', []));
    expect(again?.preStart).toMatchObject({ release: 2, state: 'passed' });
    expect(appAfter(...first, code('b'), passed(2), code('a'))?.preStart?.state).toBe('due');
    expect(appAfter(...first, code('b'), failed(2), code('b'))?.preStart?.state).toBe('due');
  });

  it('keeps new code from being started when it has failed for it, though the app is what it was before', () => {
    const hooked = accepted('1', { hooks: HOOKS, onFailure: 'rollback' });
    const proven: Fact = { kind: 'rollout-completed', key: KEY, generation: 1, at: NOW };
    const back = appAfter(hooked, passed(1), proven, code('b'), failed(2));
    expect(back?.preStart).toMatchObject({ release: 2, state: 'failed' });
    expect(back).toMatchObject({ lastRollout: { outcome: 'failed' }, slotRestarts: {} });
    expect(back).not.toHaveProperty('rollout');
    // The next apply has it run again, of whatever code.
    expect(appAfter(hooked, passed(1), proven, code('b'), failed(2), hooked)?.preStart?.state).toBe('due');
  });

  it('runs again when somebody has the rollout go on that waits for it', () => {
    const resumed: Fact = { kind: 'rollout-paused', key: KEY, paused: null, at: NOW };
    const app = appAfter(accepted('1', { hooks: HOOKS }), failed(1), resumed);
    expect(app?.preStart?.state).toBe('due');
    expect(app?.rollout?.paused).toBeNull();
  });

  it('is due before a stopped app starts again with newer code, and can fail as that of a first version', () => {
    const proven: Fact = { kind: 'rollout-completed', key: KEY, generation: 1, at: NOW };
    const first = [accepted('1', { hooks: HOOKS }), passed(1), proven];
    const started = appAfter(...first, code('b', []));
    expect(started).toMatchObject({ preStart: { state: 'due' }, rollout: { previous: null, paused: null } });
    const halted = appAfter(...first, code('b', []), failed(started?.generation ?? 0));
    expect(halted?.rollout?.paused?.failure?.reason).toBe('PreStartFailed');
  });

  it('waits for the next release when it is declared for an app that runs', () => {
    expect(appAfter(accepted('1'), accepted('1', { hooks: HOOKS }))?.preStart).toBeUndefined();
  });

  it('counts once, and only for its own release', () => {
    const first = accepted('1', { hooks: HOOKS });
    const twice = appAfter(first, passed(1), failed(1));
    expect(twice?.preStart?.state).toBe('passed');
    expect(appAfter(first, passed(7))?.preStart?.state).toBe('due');
  });

  it('halts the first version when it fails, until it is asked for again', () => {
    const first = accepted('1', { hooks: HOOKS });
    const halted = appAfter(first, failed(1));
    expect(halted?.preStart?.state).toBe('failed');
    expect(halted?.rollout?.paused?.failure?.reason).toBe('PreStartFailed');
    const again = appAfter(first, failed(1), first);
    expect(again?.preStart).toMatchObject({ release: 2, state: 'due' });
    expect(again?.rollout?.paused).toBeNull();
  });
});

describe('a job with run: every_release', () => {
  const project = (version: string): Fact => ({
    kind: 'project-accepted',
    spec: {
      project: 'shop',
      source: { files: [], env: null },
      apps: [
        makeSpec({ name: 'migrate', autorestart: false, run: 'every_release' }),
        makeSpec({ name: 'web', env: { V: version }, depends_on: { migrate: 'completed' } }),
        makeSpec({ name: 'other', env: { V: version } }),
      ],
    },
    templateHashes: { migrate: 'm', web: `w${version}`, other: `o${version}` },
    prune: true,
    at: NOW,
  });
  const counterOf = (...facts: readonly Fact[]): number | undefined =>
    facts.reduce(reduce, new Map()).get('shop')?.apps['migrate']?.restartGeneration;

  it('runs once more when an app that waits for it changes, and not for the same file', () => {
    expect(counterOf(project('1'))).toBe(0);
    expect(counterOf(project('1'), project('1'))).toBe(0);
    expect(counterOf(project('1'), project('2'))).toBe(1);
  });

  it('runs for newer code of an app that waits for it, and of no other one', () => {
    const code = (name: string): Fact => ({
      ...{ kind: 'code-changed', key: appKey('shop', name), slots: [0], again: [] },
      ...{ detail: 'a → b', at: NOW },
    });
    expect(counterOf(project('1'), code('web'))).toBe(1);
    expect(counterOf(project('1'), code('other'))).toBe(0);
  });
});
