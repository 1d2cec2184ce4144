import { describe, expect, test } from 'vitest';
import { lineFilter } from '../../../src/controller/logs/line-filter.ts';
import { linesOf } from '../../../src/controller/logs/parts/lines-of.ts';

function found(text: string, grep: readonly string[], invert = false): readonly string[] {
  const filter = lineFilter({ grep, invert });
  if (!filter.ok) throw new Error(filter.error.message);
  const bytes = Buffer.from(text);
  const lines = linesOf(bytes, 0, bytes.length);
  const all = lines.starts.map((start, index) => bytes.toString('utf8', start, lines.ends[index]));
  return filter.value === null ? all : filter.value(bytes, lines).map((index) => all[index] ?? '');
}

describe('lines that are searched for', () => {
  const text = 'one two\nTwo\n\ntwo two\nthree';

  test.each<[readonly string[], boolean, readonly string[]]>([
    [['two'], false, ['one two', 'two two']],
    [['two'], true, ['Two', '', 'three']],
    [['^t'], false, ['two two', 'three']],
    [['e$'], false, ['three']],
    [['one', 'ree'], false, ['one two', 'three']],
    [['one', 'ree'], true, ['Two', '', 'two two']],
    [['^$'], false, ['']],
    [['[Tt]wo$'], false, ['one two', 'Two', 'two two']],
    [['nothing'], false, []],
    [[], false, ['one two', 'Two', '', 'two two', 'three']],
  ])('%j (invert: %s)', (grep, invert, expected) => {
    expect(found(text, grep, invert)).toEqual(expected);
  });

  test('are found as characters, not as bytes', () => {
    expect(found('caf\u00e9\ncafe\u0301s\n', ['caf.$'])).toEqual(['caf\u00e9']);
  });

  test('are not looked for across a newline', () => {
    expect(found('a\nb\n', ['a[^x]b'])).toEqual([]);
  });

  test('a pattern that is none is an error', () => {
    expect(lineFilter({ grep: ['('], invert: false })).toMatchObject({ ok: false, error: { code: 'USAGE' } });
  });

  test('a pattern that takes for ever is stopped, and says so', () => {
    expect(() => found(`${'a'.repeat(5_000)}\n`, ['(a+)+b$'])).toThrow('takes too long');
  });
});
