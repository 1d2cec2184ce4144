import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OutputTail, TAIL_LINE_BYTES, TAIL_LINES } from '../../../src/runner/output/output-tail.ts';

function tailOf(chunks: readonly (readonly ['out' | 'error', string | Buffer])[]): readonly string[] {
  const tail = new OutputTail();
  // As the runner reads: into one buffer, which is used again.
  const buffer = Buffer.alloc(64 * 1024);
  for (const [stream, content] of chunks) {
    const length = Buffer.from(content).copy(buffer);
    tail.write(stream, buffer.subarray(0, length));
    buffer.fill('?');
  }
  return tail.lines().map(({ stream, line }) => `${stream}: ${line}`);
}

/** Lines of any length, often around the longest that is kept. */
const lines = fc.array(
  fc.oneof(
    fc.string(),
    fc.integer({ min: TAIL_LINE_BYTES - 2, max: TAIL_LINE_BYTES + 2 }).map((length) => 'x'.repeat(length)),
    fc.constant('y'.repeat(20_000)),
  ),
  { maxLength: 2 * TAIL_LINES },
);

describe('the last lines', () => {
  test('are those of the text, however it was cut', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(lines, sizes, fc.boolean(), (written, cuts, ended) => {
        const all = written.map((line) => line.replaceAll('\n', ' '));
        const bytes = Buffer.from(all.join('\n') + (ended && all.length > 0 ? '\n' : ''));
        const chunks: ['out', Buffer][] = [];
        for (let start = 0, index = 0; start < bytes.length; index++) {
          const size = cuts[index % cuts.length] ?? 1;
          chunks.push(['out', bytes.subarray(start, start + size)]);
          start += size;
        }
        const expected = !ended && all.at(-1) === '' ? all.slice(0, -1) : all;
        expect(tailOf(chunks)).toEqual(
          expected.slice(-TAIL_LINES).map((line) => `out: ${line.slice(0, TAIL_LINE_BYTES)}`),
        );
      }),
    );
  });

  test('of both streams stand in the order in which they came', () => {
    expect(
      tailOf([
        ['out', 'a\nhalf'],
        ['error', 'b\n'],
        ['out', ' done\nc\n'],
        ['error', 'd\ne'],
      ]),
    ).toEqual(['out: a', 'error: b', 'out: half done', 'out: c', 'error: d', 'error: e']);
  });

  test('of one stream do not push out a line that the other has not ended', () => {
    const many = Array.from({ length: 3_000 }, (_, index) => `line ${index}`);
    const told = tailOf([
      ['error', 'connecting'],
      ['out', `${many.join('\n')}\n`],
    ]);
    expect(told).toHaveLength(TAIL_LINES);
    expect(told.slice(-2)).toEqual(['out: line 2999', 'error: connecting']);
  });

  test('keep the beginning of a line of 200 MB', () => {
    const tail = new OutputTail();
    const piece = Buffer.alloc(64 * 1024, 'x');
    tail.write('out', Buffer.from('begin '));
    for (let count = 0; count < 3_200; count++) tail.write('out', piece);
    tail.write('out', Buffer.from('\nend\n'));
    expect(tail.lines()).toEqual([
      { stream: 'out', line: `begin ${'x'.repeat(TAIL_LINE_BYTES - 6)}` },
      { stream: 'out', line: 'end' },
    ]);
  });

  test('are cut between characters', () => {
    for (const character of ['é', '€', '😀']) {
      for (let offset = 0; offset < 4; offset++) {
        const start = 'x'.repeat(TAIL_LINE_BYTES - offset);
        const fits = offset >= Buffer.byteLength(character);
        const expected = `${start}${fits ? character : ''}`;
        const [told] = tailOf([['out', `${start}${character}\n`]]);
        expect(told).toBe(`out: ${expected}`);
      }
    }
  });

  test('of binary output are text of no more than so many bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
        const tail = new OutputTail();
        tail.write('error', Buffer.from(bytes));
        for (const { line } of tail.lines()) {
          expect(Buffer.byteLength(line)).toBeLessThanOrEqual(TAIL_LINE_BYTES);
          expect(line).not.toContain('\n');
        }
      }),
    );
  });

  test('of a silent process are none', () => {
    expect(tailOf([])).toEqual([]);
    expect(tailOf([['out', '\n']])).toEqual(['out: ']);
  });
});
