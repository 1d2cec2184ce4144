import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { atOnce } from '../../src/lib/turns/pieces.ts';
import { projectHash, templateHash } from '../../src/spec/hash.ts';
import { APP_FIELDS } from '../../src/spec/generated/fields.ts';
import type { AppSpec } from '../../src/spec/types.ts';
import { anySpec } from './support/any-spec.ts';
import { specOf } from './support/context.ts';

const base = specOf({ name: 'api', env: { A: '1', B: '2' } });

describe('the template hash', () => {
  it.each([
    ['script', { script: './other.js' }],
    ['args', { args: ['x'] }],
    ['cwd', { cwd: 'sub' }],
    ['env', { env: { A: '1', B: '3' } }],
    ['a removed variable', { env: { A: '1' } }],
    ['exec_mode', { exec_mode: 'cluster' as const }],
    ['uid', { uid: 'www-data' }],
    ['agent', { agent: false }],
    ['limits', { limits: { pids: 64 } }],
  ])('changes with %s', (_what, change) => {
    expect(templateHash(specOf({ name: 'api', env: { A: '1', B: '2' }, ...change }))).not.toBe(
      templateHash(base),
    );
  });

  it('stays when only live fields and the number of instances change', () => {
    fc.assert(
      fc.property(anySpec, anySpec, (one, other) => {
        const live = Object.entries(other).filter(([field]) => APP_FIELDS[field]?.class !== 'template');
        const mixed = { ...one, ...Object.fromEntries(live) };
        expect(templateHash(mixed)).toBe(templateHash(one));
      }),
    );
  });

  it('does not depend on the order of keys', () => {
    const reversed = Object.fromEntries(Object.entries(base).reverse()) as unknown as AppSpec;
    expect(templateHash({ ...reversed, env: { B: '2', A: '1' } })).toBe(templateHash(base));
  });

  it('leaves out fields that have their default, so that a new field restarts nothing', () => {
    const { agent: _agent, instance_var: _var, uid: _uid, shell: _shell, ...older } = base;
    expect(templateHash(older as AppSpec)).toBe(templateHash(base));
  });
});

describe('the project hash', () => {
  const project = {
    project: 'shop',
    source: { files: ['/a'], env: null },
    apps: [base, specOf({ name: 'b' })],
  };

  it('changes with any field of any app', () => {
    const apps = [base, specOf({ name: 'b', kill_timeout: '9s' })];
    expect(atOnce(projectHash({ ...project, apps }))).not.toBe(atOnce(projectHash(project)));
  });

  it('does not depend on where the file lies or on the order of its apps', () => {
    const moved = { ...project, source: { files: ['/b'], env: 'x' }, apps: project.apps.toReversed() };
    expect(atOnce(projectHash(moved))).toBe(atOnce(projectHash(project)));
  });
});
