import { describe, expect, it } from 'vitest';
import type { SourceRecord } from '../../../src/sources/model/record.ts';
import { redeclared } from '../../../src/sources/model/redeclared.ts';
import type { GitOrigin, SourceSpec } from '../../../src/sources/model/source.ts';
import { fetched } from '../../../src/sources/model/looked.ts';
import { accepted, settled } from '../../../src/sources/model/transitions.ts';
import { followSpec, recordOf, version } from '../support.ts';

const GIT: GitOrigin = {
  kind: 'git',
  remote: 'https://git.example.org/shop.git',
  insecure: false,
  ref: { semver: '>=1' },
  path: '',
  auth: { kind: 'none' },
  allowForcePush: false,
  verify: null,
  build: null,
  hooks: {},
  webhook: null,
  keep: 5,
};
const DECLARED = { by: 'eva', at: 9, command: 'source apply' };

/** A source whose version `a`, of a tag, is good. */
function good(): SourceRecord {
  const tagged = { ...version('a'), tag: { name: 'v1.2.0', object: null } };
  const seen = fetched(recordOf({}, { from: GIT }), tagged, 1);
  const tried = { version: tagged, by: 'stateward', startedAt: 1, asked: null };
  const taken = accepted(seen, tried, { revisions: { shop: 1 }, summary: '', now: 2 });
  return settled(taken, { state: 'good', message: null }, 3);
}

function otherwise(more: Partial<SourceSpec>): SourceRecord {
  return redeclared(good(), followSpec({ from: GIT, ...more }), DECLARED);
}

describe('a source that is declared otherwise', () => {
  it('is compared again with what is live, and what is newer has still to follow what was taken', () => {
    for (const more of [{ pollMs: null }, { from: { ...GIT, keep: 9 } }]) {
      const { applied, taken, lastGood, head } = otherwise(more);
      expect(applied).toBeNull();
      expect(taken).toMatchObject({ id: 'a', tag: { name: 'v1.2.0' } });
      expect([head?.id, lastGood?.id]).toEqual(['a', 'a']);
    }
  });

  it('begins anew with another ref, and knows nothing of another repository', () => {
    const elsewhere = { ...GIT, remote: 'https://git.example.org/other.git' };
    const otherRef = otherwise({ from: { ...GIT, ref: { branch: 'main' } } });
    expect(otherRef).toMatchObject({ head: null, taken: null, lastGood: { id: 'a' } });
    expect(otherwise({ from: elsewhere })).toMatchObject({ head: null, taken: null, lastGood: null });
  });

  it('keeps the tag that was taken while a newer one waits or is refused', () => {
    const newer = { ...version('b'), tag: { name: 'v1.3.0', object: null } };
    const { head, taken } = fetched(good(), newer, 4);
    expect([head?.id, taken?.tag?.name]).toEqual(['b', 'v1.2.0']);
  });
});
