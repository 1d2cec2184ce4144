import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { denormaliseApp, denormalisePair } from '../../../src/spec/normalise/denormalise.ts';
import type { App } from '../../../src/spec/generated/ecosystem.ts';
import { normalise } from '../../../src/spec/normalise/normalise.ts';
import type { AppSpec } from '../../../src/spec/types.ts';
import { escapeVariables, expandVariables } from '../../../src/spec/variables.ts';
import { validate } from '../../../src/config/generated/validate.js';
import { anySpec } from '../support/any-spec.ts';
import { contextWith, specOf } from '../support/context.ts';

/** As the loader would read what was written. */
function readBack(declared: unknown): AppSpec {
  const expanded = JSON.parse(JSON.stringify(escapeVariables(declared)), (_key, value: unknown) =>
    typeof value === 'string' ? expandVariables(value, {}).text : value,
  ) as App;
  return normalise(expanded, contextWith()).spec;
}

describe('a spec written as an ecosystem file', () => {
  it('means the same when it is read again', () => {
    fc.assert(
      fc.property(anySpec, (spec) => {
        expect(readBack(denormaliseApp(spec))).toEqual(spec);
      }),
      { numRuns: 500 },
    );
  });

  it('is valid by the schema', () => {
    fc.assert(
      fc.property(anySpec, (spec) => {
        expect({ ok: validate({ apps: [denormaliseApp(spec)] }), errors: validate.errors }).toEqual({
          ok: true,
          errors: null,
        });
      }),
    );
  });

  it('says only what is not a default', () => {
    expect(denormaliseApp(specOf({ name: 'api', kill_timeout: 90_000, max_memory_restart: '300M' }))).toEqual(
      {
        name: 'api',
        script: '/srv/shop/api.js',
        interpreter: 'node',
        cwd: '/srv/shop',
        kill_timeout: '1m30s',
        max_memory_restart: '300M',
      },
    );
  });

  it.each([
    [{ exec_mode: 'cluster' as const }, undefined],
    [{ rollout: { max_unavailable: 1 } }, undefined],
    [{ rollout: { max_surge: 1 } }, { max_surge: 1, max_unavailable: 0 }],
    [
      {
        exec_mode: 'cluster' as const,
        rollout: { max_surge: 0, min_ready: '2s', on_failure: 'pause' as const },
      },
      { max_surge: 0, max_unavailable: 1, min_ready: '2s', on_failure: 'pause' },
    ],
  ])('says of the rollout of %j: %j', (app, rollout) => {
    expect(denormaliseApp(specOf(app)).rollout).toEqual(rollout);
  });

  it('does not say what follows from the number of instances', () => {
    const written = denormaliseApp(specOf({ instances: 2 }));
    expect(written).toMatchObject({ instances: 2 });
    expect(written).not.toHaveProperty('exec_mode');
    expect(written).not.toHaveProperty('merge_logs');
    const forked = denormaliseApp(specOf({ instances: 2, exec_mode: 'fork' }));
    expect(forked).toMatchObject({ instances: 2, exec_mode: 'fork' });
  });

  it('beside another says only what differs when one of them was scaled', () => {
    const spec = specOf({});
    const [one, other] = denormalisePair({ ...spec, instances: 3 }, spec);
    expect(one).toEqual({ ...other, instances: 3 });
  });
});
