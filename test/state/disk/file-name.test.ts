import fc from 'fast-check';
import { expect, test } from 'vitest';
import { safeFileName } from '../../../src/state/disk/file-name.ts';

const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom('', '.', '..', '%', '%2E', 'a/b', 'a%2Fb', '.git', '-rf', 'a\0'),
);

test('any text makes a name that stays in its folder and that the file system takes', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const name = safeFileName(text);
      expect(name).toMatch(/^[A-Za-z0-9_%-][A-Za-z0-9_.%~-]*$/);
      expect(name.length).toBeLessThanOrEqual(160);
    }),
  );
});

test('two texts never share a name', () => {
  fc.assert(
    fc.property(texts, texts, (one, other) => {
      fc.pre(Buffer.from(one).compare(Buffer.from(other)) !== 0);
      expect(safeFileName(one)).not.toBe(safeFileName(other));
    }),
  );
});

test.each([
  ['shop', 'shop'],
  ['my-shop_2.0', 'my-shop_2.0'],
  ['..', '%2E.'],
  ['a/b', 'a%2Fb'],
  ['x'.repeat(161), expect.stringMatching(/^x{90}~[0-9a-f]{64}$/)],
])('%s becomes %s', (text, name) => {
  expect(safeFileName(text)).toEqual(name);
});
