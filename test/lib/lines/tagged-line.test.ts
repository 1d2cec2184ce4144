import { expect, test } from 'vitest';
import { lineTag, readTaggedLine } from '../../../src/lib/lines/tagged-line.ts';

test('a line comes back as it was, with where it is from, whatever is in it', () => {
  const tag = { at: 1_764_373_800_123, stream: 'err', slot: 3, app: 'shop/api two' } as const;
  const bytes = Buffer.from('a\ttab, \xff and nothing like UTF-8', 'latin1');
  expect(readTaggedLine(Buffer.concat([Buffer.from(lineTag(tag)), bytes]))).toEqual({ ...tag, bytes });
});

test('an empty line is a line', () => {
  const tag = { at: 1, stream: 'out', slot: 0, app: 'shop/api' } as const;
  expect(readTaggedLine(Buffer.from(lineTag(tag)))).toEqual({ ...tag, bytes: Buffer.alloc(0) });
});

test.each([
  '[stateward: 12 lines dropped]',
  '1\tout\t0',
  'now\tout\t0\tshop/api\tx',
  '1\tboth\t0\tshop/api\tx',
])('what has no tag is not taken for a line of an app: %s', (text) =>
  expect(readTaggedLine(Buffer.from(text))).toBeNull(),
);
