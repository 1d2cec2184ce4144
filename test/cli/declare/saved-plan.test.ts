import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readSavedPlan } from '../../../src/cli/declare/saved-plan.ts';

const folder = mkdtempSync(join(tmpdir(), 'stw-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const source = { files: ['/srv/ecosystem.yaml'], env: null };
const PLAN = {
  formatVersion: 1,
  kind: 'Plan',
  projects: [{ project: 'shop', revisionBefore: null, revisionAfter: 1, source }],
  options: { prune: true, only: null },
  changes: [{ app: 'shop/web', kind: 'create' }],
  summary: {},
  basis: { fingerprint: 'x', apps: [], desiredHash: 'y' },
};

function read(plan: unknown) {
  const path = join(folder, 'plan.json');
  writeFileSync(path, JSON.stringify(plan));
  return readSavedPlan(path, 'host');
}

describe('a saved plan', () => {
  it('is read for what it was made from, whatever a newer version has added', () => {
    const plan = { ...PLAN, more: 1, options: { ...PLAN.options, more: 1 } };
    const value = { files: source.files, env: null, merge: false, options: { prune: true } };
    expect(read(plan)).toMatchObject({ ok: true, value });
  });

  it.each<[string, object]>([
    ['kind', { kind: 'Apply' }],
    ['formatVersion', { formatVersion: 2 }],
    ['projects', { projects: 'shop' }],
    ['a project', { projects: [null] }],
    ['its source', { projects: [{}] }],
    ['files', { projects: [{ source: { ...source, files: '/srv/ecosystem.yaml' } }] }],
    ['env', { projects: [{ source: { ...source, env: 1 } }] }],
    ['over', { projects: [{ source: { ...source, over: 'x' } }] }],
    ['vars', { projects: [{ source: { ...source, vars: { a: 1 } } }] }],
    ['options', { options: [] }],
    ['only', { options: { prune: true, only: 'web' } }],
    ['prune', { options: { only: null } }],
    ['allowWipe', { options: { ...PLAN.options, allowWipe: 'yes' } }],
    ['changes', { changes: {} }],
    ['a change', { changes: [null] }],
    ['summary', { summary: null }],
    ['basis', { basis: 'x' }],
  ])('whose %s is of another form is none', (_, wrong) => {
    expect(read({ ...PLAN, ...wrong })).toMatchObject({
      ok: false,
      error: { code: 'USAGE', message: `${join(folder, 'plan.json')} is not a saved plan` },
    });
  });
});
