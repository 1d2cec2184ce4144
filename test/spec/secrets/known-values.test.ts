import { describe, expect, it } from 'vitest';
import { hideValue, withoutHidden } from '../../../src/spec/secrets/known-values.ts';

const shown = (text: string): string => withoutHidden(text, '<hidden>');

describe('a value of several lines', () => {
  const body = ['MIIEvQIBADANBgkqhkiG9w0BAQEFAASC', 'BKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj'];
  const key = ['-----BEGIN PRIVATE KEY-----', ...body, '-----END PRIVATE KEY-----', ''].join('\n');

  it('is in no line that is shown alone, and in no text whole', () => {
    hideValue(key, true);
    for (const line of body) expect(shown(`web: ${line} end`)).toBe('web: <hidden> end');
    expect(shown(`key=${key}`)).toBe('key=<hidden>');
  });

  it('hides neither the lines that say what it is, nor words', () => {
    hideValue('first: a line that a program may well print\nsecond-word\r\nA9b8C7d6E5f4G3h2I1\r\n', true);
    for (const text of [
      '-----BEGIN PRIVATE KEY-----',
      'second-word',
      'first: a line that a program may well print',
    ])
      expect(shown(text)).toBe(text);
    expect(shown('got A9b8C7d6E5f4G3h2I1')).toBe('got <hidden>');
  });
});
