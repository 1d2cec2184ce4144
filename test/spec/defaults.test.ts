import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInThisContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { completeSpec, sparseSpec } from '../../src/spec/defaults.ts';
import { diffSpecs } from '../../src/spec/field-diff.ts';
import { isAppSpec } from '../../src/spec/generated/spec-check.ts';
import { templateHash } from '../../src/spec/hash.ts';
import type { App } from '../../src/spec/generated/ecosystem.ts';
import type { AppSpec } from '../../src/spec/types.ts';
import { specOf } from './support/context.ts';

interface Stored {
  readonly app: App;
  readonly spec: AppSpec;
  readonly templateHash: string;
}

/** What a stateward stored whose specs had fewer fields, with what was declared. */
const STORED = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures/stored-specs.json'), 'utf8'),
) as readonly Stored[];

describe.each(STORED)('the stored spec of $app.name', ({ app, spec, templateHash: hash }) => {
  it('is what the same declaration gives now, once it is completed', () => {
    const now = specOf({ ...app });
    expect(completeSpec(spec)).toEqual(now);
    expect(diffSpecs(completeSpec(spec), now)).toEqual([]);
  });

  it('is the same after it was sent, with nothing in it that nobody has declared', () => {
    const now = specOf({ ...app });
    const sent = sparseSpec(now);
    expect(completeSpec(sent)).toEqual(now);
    expect(isAppSpec(sent, 'app')).toBe(null);
    expect(Object.keys(sent)).not.toContain('serve');
  });

  it('has the template hash that it had', () => {
    expect(templateHash(completeSpec(spec))).toBe(hash);
    expect(templateHash(specOf({ ...app }))).toBe(hash);
  });

  it('is taken from an older command', () => {
    expect(isAppSpec(spec, 'spec')).toBeNull();
  });
});

describe('a spec that lacks fields', () => {
  it('has the defaults of each, also inside objects', () => {
    const whole = specOf({ heartbeat: {}, limits: { pids: 1 }, readiness: { http: { port: 1 } } });
    const older = {
      ...whole,
      leftovers: undefined,
      heartbeat: { misses: 3 },
      limits: { pids: 1 },
      readiness: { ...whole.readiness, period: undefined, http: { port: 1, path: '/' } },
    } as unknown as AppSpec;
    expect(completeSpec(older)).toEqual(whole);
  });

  it('is given back as it is when it lacks nothing', () => {
    const whole = specOf({ heartbeat: {}, limits: { pids: 1 } });
    expect(completeSpec(whole)).toBe(whole);
  });

  it('is kept in the compact form of V8, one description for all specs', () => {
    setFlagsFromString('--allow-natives-syntax');
    const isFast = runInThisContext('(it) => %HasFastProperties(it)') as (it: object) => boolean;
    const isAlike = runInThisContext('(a, b) => %HaveSameMap(a, b)') as (a: object, b: object) => boolean;
    const sent = (app: App): AppSpec =>
      completeSpec(JSON.parse(JSON.stringify(sparseSpec(specOf(app)))) as AppSpec);
    const one = sent({ name: 'api', script: '/srv/api.js', env: { A: 1 }, readiness: { tcp: { port: 1 } } });
    const other = sent({ script: '/srv/web.js', instances: 4, name: 'web' });
    expect([one, other].map(isFast)).toEqual([true, true]);
    expect(isAlike(one, other)).toBe(true);
    setFlagsFromString('--no-allow-natives-syntax');
  });
});
