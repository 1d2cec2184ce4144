import { describe, expect, it } from 'vitest';
import { verbEffect } from '../../../src/controller/verbs/verb-effects.ts';
import schema from '../../../schema/ecosystem.schema.json' with { type: 'json' };
import type { DesiredApp } from '../../../src/plan/model/desired.ts';
import type { RolloutPause } from '../../../src/plan/model/rollout.ts';
import { makeApp, NOW, STOPPED } from '../../plan/fixtures.ts';

const by = { by: 'ann', command: 'scale api', selectors: ['api'] };

function scale(amount: { readonly instances: number } | { readonly delta: number }) {
  const target = { app: makeApp(), slot: null };
  return verbEffect(target, { verb: 'scale', ...by, ...amount }, { health: undefined, now: NOW });
}

describe('scale', () => {
  const most = schema.definitions.app.properties.instances.maximum;

  it('goes as far as a file may', () => {
    expect(scale({ instances: most })).toMatchObject({ ok: true });
  });

  it.each([{ instances: most + 1 }, { delta: most }])(
    'refuses what would take the host down: %o',
    (amount) => {
      expect(scale(amount)).toMatchObject({ ok: false, error: { code: 'USAGE' } });
    },
  );

  it('refuses to leave nothing, and names the way to that', () => {
    expect(scale({ delta: -1 })).toMatchObject({
      ok: false,
      error: { hint: 'stateward stop shop/api stops all of them' },
    });
  });
});

describe('start and restart of a stopped app', () => {
  it.each(['start', 'restart'] as const)('%s asks for new processes before any can be started', (verb) => {
    const target = { app: makeApp('api', { override: STOPPED }), slot: null };
    const effect = verbEffect(target, { verb, ...by }, { health: undefined, now: NOW });
    expect(effect).toMatchObject({
      value: { facts: [{ kind: 'restart-requested' }, { kind: 'override-set', override: null }] },
    });
  });
});

describe('the rollout of an app', () => {
  const { spec, templateHash, restartGeneration, slotRestarts, revision } = makeApp();
  const previous = { spec, templateHash, restartGeneration, slotRestarts, revision };

  function rolling(paused: RolloutPause | null, isFirst = false): DesiredApp {
    return { ...makeApp(), rollout: { previous: isFirst ? null : previous, startedAt: NOW, paused } };
  }

  function effect(verb: 'rollout-pause' | 'rollout-resume' | 'restart' | 'reload', app: DesiredApp) {
    return verbEffect({ app, slot: null }, { verb, ...by }, { health: undefined, now: NOW });
  }

  const byAnn = { by: 'ann', at: NOW, failure: null };
  const failed: RolloutPause = {
    by: 'stateward',
    at: NOW,
    failure: { reason: 'Exited', message: 'slot 0 exited with code 1', slot: 0 },
  };

  it('is paused and resumed, once', () => {
    const fact = { kind: 'rollout-paused', key: 'shop/api', at: NOW };
    expect(effect('rollout-pause', rolling(null))).toMatchObject({
      value: { facts: [{ ...fact, paused: { by: 'ann', at: NOW } }] },
    });
    expect(effect('rollout-pause', rolling(byAnn))).toMatchObject({ value: { facts: [] } });
    expect(effect('rollout-resume', rolling(byAnn))).toMatchObject({
      value: { facts: [{ ...fact, paused: null }] },
    });
    expect(effect('rollout-resume', rolling(failed))).toMatchObject({ value: { facts: [{ paused: null }] } });
    expect(effect('rollout-resume', rolling(null))).toMatchObject({ value: { facts: [] } });
  });

  it.each(['rollout-pause', 'rollout-resume'] as const)('is refused to %s where there is none', (verb) => {
    for (const app of [makeApp(), rolling(null, true)]) {
      expect(effect(verb, app)).toMatchObject({ ok: false, error: { code: 'CONFLICT' } });
    }
  });

  it.each(['restart', 'reload'] as const)('keeps a %s out while somebody has paused it', (verb) => {
    expect(effect(verb, rolling(byAnn))).toMatchObject({
      ok: false,
      error: { code: 'CONFLICT', hint: 'stateward rollout resume shop/api has it go on' },
    });
    expect(effect(verb, rolling(failed))).toMatchObject({
      value: { facts: [{ kind: 'restart-requested' }] },
    });
  });
});
