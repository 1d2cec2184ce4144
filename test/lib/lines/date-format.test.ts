import { afterEach, expect, test } from 'vitest';
import { dateFormatter } from '../../../src/lib/lines/date-format.ts';

const zone = process.env.TZ;
afterEach(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

const at = Date.UTC(2026, 2, 5, 7, 8, 9, 45);

test.each([
  ['YYYY-MM-DD HH:mm:ss.SSS', '2026-03-05 07:08:09.045'],
  ['YY M D H h m s', '26 3 5 7 7 8 9'],
  ['hh A a', '07 AM am'],
  ['MMM MMMM ddd dddd dd d', 'Mar March Thu Thursday Th 4'],
  ['YYYY-MM-DDTHH:mm:ssZ', '2026-03-05T07:08:09+00:00'],
  ['ZZ', '+0000'],
  ["[at] HH [o'clock, YYYY]", "at 07 o'clock, YYYY"],
  ['', ''],
  ['(HH) – é', '(07) – é'],
])('%s is written as %s', (format, text) => {
  process.env.TZ = 'UTC';
  expect(dateFormatter(format)(at)).toBe(text);
});

test('noon and midnight are twelve, and the zone is the local one', () => {
  process.env.TZ = 'America/St_Johns';
  const format = dateFormatter('hh A HH Z');
  expect(format(Date.UTC(2026, 0, 5, 3, 30))).toBe('12 AM 00 -03:30');
  expect(format(Date.UTC(2026, 0, 5, 15, 30))).toBe('12 PM 12 -03:30');
});

test('the text changes with the millisecond', () => {
  const format = dateFormatter('SSS');
  expect([format(1), format(1), format(2)]).toEqual(['001', '001', '002']);
});
