import { describe, expect, it } from 'vitest';
import { verbEffect } from '../../src/daemon/verb-effects.ts';
import schema from '../../schema/ecosystem.schema.json' with { type: 'json' };
import { makeApp, NOW, STOPPED } from '../plan/fixtures.ts';

const by = { by: 'ann', command: 'scale api', selectors: ['api'] };

function scale(amount: { readonly instances: number } | { readonly delta: number }) {
  const target = { app: makeApp(), slot: null };
  return verbEffect(target, { verb: 'scale', ...by, ...amount }, { verdict: undefined, now: NOW });
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
    const effect = verbEffect(target, { verb, ...by }, { verdict: undefined, now: NOW });
    expect(effect).toMatchObject({
      value: { facts: [{ kind: 'restart-requested' }, { kind: 'override-set', override: null }] },
    });
  });
});
