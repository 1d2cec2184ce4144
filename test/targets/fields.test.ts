import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SPEC_FIELDS } from '../../src/spec/generated/spec-defaults.ts';
import type { AppSpec } from '../../src/spec/types.ts';
import { specOf } from '../spec/support/context.ts';
import { DECLARED } from './support/declared.ts';
import { PLACES } from './support/others.ts';

const FIELDS = [...SPEC_FIELDS, 'image' as const, 'umask' as const];

describe.each(Object.entries(PLACES))('on %s', (_, { rules, render }) => {
  it.each(FIELDS)('%s is mapped, diagnosed, or holds anyway', (field) => {
    const { how } = rules[field];
    const { value, of } = DECLARED[field];
    const plain = specOf({ name: 'api', ...of });
    const before = render([plain]);
    const after = render([{ ...plain, [field]: value }]);
    expect(plain[field]).not.toEqual(value);
    const isMapped = JSON.stringify(before.objects) !== JSON.stringify(after.objects);
    const fresh = after.diagnostics.filter(
      (one) => !before.diagnostics.some((old) => JSON.stringify(old) === JSON.stringify(one)),
    );
    const isSaid = JSON.stringify(before.diagnostics) !== JSON.stringify(after.diagnostics);
    if (how === 'mapped') expect(isMapped || isSaid).toBe(true);
    if (how === 'lost') expect(fresh).toMatchObject([{ field, severity: 'warning' }]);
    if (how === 'refused') expect(fresh).toMatchObject([{ field, severity: 'error' }]);
    if (how === 'met') expect({ isMapped, isSaid }).toEqual({ isMapped: false, isSaid: false });
  });

  it('a plain app with nothing but a script is all there', () => {
    const { diagnostics, objects } = render([specOf({ name: 'api', image: 'registry.test/api:1' })]);
    expect(diagnostics).toEqual([]);
    expect(objects).not.toEqual([]);
  });
});

describe('the table of the docs', () => {
  it('says of each field what becomes of it in each place', () => {
    const docs = readFileSync(new URL('../../docs/exporting.md', import.meta.url), 'utf8');
    const written = docs.split('\n').filter((line) => line.startsWith('| `'));
    const cells = (line: string): readonly string[] =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim());
    expect(written.map(cells)).toEqual(FIELDS.map((field) => [`\`${field}\``, ...says(field)]));
  });
});

function says(field: keyof AppSpec): readonly string[] {
  return Object.values(PLACES).map(({ rules }) => rules[field].says.replaceAll('|', '\\|'));
}
