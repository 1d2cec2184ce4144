import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineSplitter, MAX_LINE_BYTES } from '../../../src/runner/output/line-splitter.ts';

function split(chunks: readonly Buffer[]): Buffer[] {
  const pieces: Buffer[] = [];
  const splitter = new LineSplitter((bytes) => pieces.push(Buffer.from(bytes)));
  for (const chunk of chunks) splitter.write(chunk);
  splitter.flush();
  return pieces;
}

/** Texts with many line ends, some of them around the longest length. */
const text = fc
  .array(
    fc.oneof(
      fc.string(),
      fc.integer({ min: MAX_LINE_BYTES - 2, max: MAX_LINE_BYTES + 2 }).map((length) => 'x'.repeat(length)),
    ),
    { maxLength: 8 },
  )
  .map((lines) => Buffer.from(lines.join('\n')));

const cuts = fc.array(fc.integer({ min: 1, max: MAX_LINE_BYTES }), { minLength: 1, maxLength: 5 });

function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let start = 0, index = 0; start < bytes.length; index++) {
    const size = sizes[index % sizes.length] ?? 1;
    chunks.push(bytes.subarray(start, start + size));
    start += size;
  }
  return chunks;
}

test('every byte comes out once and in order, however the text is cut', () => {
  fc.assert(
    fc.property(text, cuts, (bytes, sizes) => {
      expect(Buffer.concat(split(cut(bytes, sizes))).equals(bytes)).toBe(true);
    }),
  );
});

test('pieces end on a line’s end, except the last and those of an overlong line', () => {
  fc.assert(
    fc.property(text, cuts, (bytes, sizes) => {
      const pieces = split(cut(bytes, sizes));
      for (const piece of pieces.slice(0, -1)) {
        expect(piece.at(-1) === 10 || piece.length === MAX_LINE_BYTES).toBe(true);
      }
    }),
  );
});

test('a line that comes byte by byte costs no more than its length', () => {
  const bytes = Buffer.concat([Buffer.alloc(MAX_LINE_BYTES - 1, 'x'), Buffer.from('\n')]);
  expect(split(cut(bytes, [1]))).toEqual([bytes]);
});
