import { describe, expect, test } from 'vitest';
import { lineFilter } from '../../../../src/controller/logs/search/line-filter.ts';
import { linesOf } from '../../../../src/controller/logs/parts/lines-of.ts';

const { signal: never } = new AbortController();

async function found(
  text: string,
  grep: readonly string[],
  invert = false,
  signal = never,
): Promise<readonly string[]> {
  const filter = lineFilter({ grep, invert, signal });
  if (!filter.ok) throw new Error(filter.error.message);
  const bytes = Buffer.from(text);
  const lines = linesOf(bytes, 0, bytes.length);
  const all = lines.starts.map((start, index) => bytes.toString('utf8', start, lines.ends[index]));
  if (filter.value === null) return all;
  return (await filter.value(bytes, lines)).map((index) => all[index] ?? '');
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
  ])('%j (invert: %s)', async (grep, invert, expected) => {
    expect(await found(text, grep, invert)).toEqual(expected);
  });

  test('are found as characters, not as bytes', async () => {
    expect(await found('caf\u00e9\ncafe\u0301s\n', ['caf.$'])).toEqual(['caf\u00e9']);
  });

  test('are not looked for across a newline', async () => {
    expect(await found('a\nb\n', ['a[^x]b'])).toEqual([]);
  });

  test('a pattern that is none is an error', () => {
    expect(lineFilter({ grep: ['('], invert: false, signal: never })).toMatchObject({
      ok: false,
      error: { code: 'USAGE' },
    });
  });

  const HOSTILE = '(a+)+b$';
  const slow = `${'a'.repeat(5_000)}\n`;

  test('a pattern that takes for ever is stopped, and says so', async () => {
    await expect(found(slow, [HOSTILE])).rejects.toThrow('takes too long');
    expect(await found('ab\n', [HOSTILE])).toEqual(['ab']);
  });

  test('a pattern that takes for ever holds nothing else up', async () => {
    const before = process.cpuUsage();
    const searches = Array.from({ length: 4 }, () => found(slow, [HOSTILE]).catch((error: unknown) => error));
    const main = performance.eventLoopUtilization();
    await Promise.all(searches);
    const { user } = process.cpuUsage(before);
    // The threads have worked all the time, and the loop next to none of it.
    expect(user / 1000).toBeGreaterThan(500);
    expect(performance.eventLoopUtilization(main).active).toBeLessThan(500);
  });

  test('a search that nobody waits for any more ends at once', async () => {
    const given = new AbortController();
    const search = found(slow, [HOSTILE], false, given.signal);
    setImmediate(() => given.abort());
    expect(await search).toEqual([]);
  });

  test('many searches at the same time all find what they look for', async () => {
    const searches = Array.from({ length: 20 }, (_, index) =>
      found(text, [`${index % 2 === 0 ? 'w' : 't'}[^ ]+$`]),
    );
    const all = await Promise.all(searches);
    all.forEach((lines, index) =>
      expect(lines).toEqual(
        index % 2 === 0 ? ['one two', 'Two', 'two two'] : ['one two', 'two two', 'three'],
      ),
    );
  });
});
