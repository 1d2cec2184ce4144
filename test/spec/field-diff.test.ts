import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffSpecs } from '../../src/spec/field-diff.ts';
import { templateHash } from '../../src/spec/hash.ts';
import { REDACTED } from '../../src/spec/secrets/redact.ts';
import { anySpec } from './support/any-spec.ts';
import { specOf } from './support/context.ts';

describe('the difference of two specs', () => {
  it('is empty for the same spec', () => {
    fc.assert(
      fc.property(anySpec, (spec) => {
        expect(diffSpecs(spec, structuredClone(spec))).toEqual([]);
      }),
    );
  });

  it('has a template field exactly when the template hash changes', () => {
    fc.assert(
      fc.property(anySpec, anySpec, (before, after) => {
        const isRoll = diffSpecs(before, after).some((change) => change.class === 'template');
        expect(isRoll).toBe(templateHash(before) !== templateHash(after));
      }),
    );
  });

  it('names variables one by one', () => {
    const before = specOf({ env: { A: '1', GONE: 'x', SAME: 's' } });
    const after = specOf({ env: { A: '2', NEW: 'y', SAME: 's' } });
    expect(diffSpecs(before, after)).toEqual([
      { path: 'env.A', before: '1', after: '2', class: 'template', redacted: false },
      { path: 'env.GONE', before: 'x', after: undefined, class: 'template', redacted: false },
      { path: 'env.NEW', before: undefined, after: 'y', class: 'template', redacted: false },
    ]);
  });

  it('names the leaves of objects, and takes lists as one value', () => {
    const before = specOf({ args: ['a', 'b'], log_rotate: { size: '10M' } });
    const after = specOf({ args: ['a', 'c'], log_rotate: { size: '20M' } });
    expect(diffSpecs(before, after)).toMatchObject([
      { path: 'args', before: ['a', 'b'], after: ['a', 'c'], class: 'template' },
      { path: 'log_rotate.size', before: 10 * 1024 ** 2, after: 20 * 1024 ** 2, class: 'live' },
    ]);
  });

  it('shows what is set now and was not before', () => {
    const after = specOf({ max_restarts: 3, instances: 2, exec_mode: 'fork', merge_logs: true });
    expect(diffSpecs(specOf(), after)).toEqual([
      { path: 'instances', before: 1, after: 2, class: 'scale', redacted: false },
      { path: 'max_restarts', before: undefined, after: 3, class: 'live', redacted: false },
    ]);
  });

  it('leaves out what follows from the mode and the number of instances', () => {
    expect(diffSpecs(specOf(), specOf({ instances: 2 }))).toMatchObject([
      { path: 'exec_mode', before: 'fork', after: 'cluster' },
      { path: 'instances' },
    ]);
    const declared = specOf({ instances: 2, merge_logs: true, rollout: { max_surge: 2 } });
    expect(diffSpecs(specOf(), declared).map(({ path }) => path)).toContain('rollout.max_surge');
  });

  it('compares secrets and shows none', () => {
    const before = specOf({ env: { API_TOKEN: 'one', URL: 'pg://me:old@db/x' }, args: ['--password=a'] });
    const after = specOf({ env: { API_TOKEN: 'two', URL: 'pg://me:new@db/x' }, args: ['--password=b'] });
    const changes = diffSpecs(before, after);
    expect(changes.map(({ path, redacted }) => [path, redacted])).toEqual([
      ['args', true],
      ['env.API_TOKEN', true],
      ['env.URL', true],
    ]);
    expect(JSON.stringify(changes)).not.toMatch(/one|two|old|new|=a|=b/);
    expect(changes[1]).toMatchObject({ before: REDACTED, after: REDACTED });
  });
});
