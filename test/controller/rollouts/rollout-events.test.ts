import { describe, expect, it } from 'vitest';
import { rolloutEvents } from '../../../src/controller/rollouts/rollout-events.ts';
import type { AppSpec } from '../../../src/spec/types.ts';
import { reduce, type Projects } from '../../../src/state/desired/reducer.ts';
import type { Fact } from '../../../src/state/model/types.ts';
import { accepted, appSpec, restartOf } from '../../state/specs.ts';

const KEY = 'shop/web';

function apply(number: number, on_failure: AppSpec['rollout']['on_failure'] = 'rollback'): Fact {
  const { rollout } = appSpec({ name: 'web' });
  return accepted('shop', [
    appSpec({ name: 'web', script: `/srv/v${number}.js`, rollout: { ...rollout, on_failure } }),
  ]);
}

const completed = (generation: number): Fact => ({ kind: 'rollout-completed', key: KEY, generation, at: 7 });
const failed = (generation: number): Fact => ({
  kind: 'rollout-failed',
  key: KEY,
  generation,
  failure: { reason: 'Exited', message: 'slot 1 exited with code 1 after 0.2s', slot: 1 },
  at: 8,
});

/** What the last of these facts is told as. */
function told(...facts: readonly Fact[]): readonly string[] {
  const before = facts.slice(0, -1).reduce<Projects>(reduce, new Map());
  const after = facts.slice(-1).reduce(reduce, before);
  return rolloutEvents(before, after, 9).map(
    ({ level, reason, message, slot }) => `${level} ${reason} ${slot ?? '-'}: ${message}`,
  );
}

describe('what is told of rollouts', () => {
  const proven = [apply(1), completed(1)];

  it('is nothing of a first version, of an apply, of a restart that is asked for', () => {
    expect(told(apply(1))).toEqual([]);
    expect(told(...proven)).toEqual([]);
    expect(told(...proven, apply(2))).toEqual([]);
    expect(told(...proven, restartOf(KEY))).toEqual([]);
  });

  it('is that it has succeeded', () => {
    expect(told(...proven, apply(2), completed(2))).toEqual([
      'info RolloutSucceeded -: the rollout of revision 2 succeeded',
    ]);
    expect(told(...proven, restartOf(KEY), completed(2))).toEqual([
      'info RolloutSucceeded -: the restart succeeded',
    ]);
  });

  it('is that it has failed, and what became of the app', () => {
    expect(told(...proven, apply(2), failed(2))).toEqual([
      'error RolloutFailed 1: the rollout of revision 2 failed: slot 1 exited with code 1 after 0.2s',
      'warning RolledBack -: back on revision 1',
    ]);
    expect(told(...proven, restartOf(KEY), failed(2))).toEqual([
      'error RolloutFailed 1: the restart failed: slot 1 exited with code 1 after 0.2s',
      'warning RolledBack -: what ran before it is kept',
    ]);
    expect(told(...proven, apply(2, 'pause'), failed(2))).toEqual([
      'error RolloutFailed 1: the rollout of revision 2 failed: slot 1 exited with code 1 after 0.2s; ' +
        'it waits, as on_failure says',
    ]);
  });

  it('is that a newer one came first, and not twice that it had failed', () => {
    expect(told(...proven, apply(2), apply(3))).toEqual([
      'info RolloutSuperseded -: the rollout of revision 2 gives way to revision 3',
    ]);
    expect(told(...proven, apply(2), restartOf(KEY))).toEqual([]);
    expect(told(...proven, apply(2, 'pause'), failed(2), apply(3))).toEqual([]);
  });
});
