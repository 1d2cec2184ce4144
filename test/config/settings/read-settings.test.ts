import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { describe, expect, it, test } from 'vitest';
import { readSettings } from '../../../src/config/settings/read-settings.ts';
import { SETTING_FIELDS } from '../../../src/home/settings/generated/setting-fields.ts';
import { SETTING_KEYS } from '../../../src/home/settings/setting-changes.ts';

const read = (text: string | Buffer) =>
  readSettings(Buffer.from(text), { shown: 'config.yaml', home: '/srv/home' });

/** Every error in a line each: place, code, message, and whether there is a way out. */
function wrong(text: string | Buffer): readonly string[] {
  const answer = read(text);
  if (answer.ok) return [];
  return answer.failures.map(({ code, message, position }) => {
    const { line, column } = position ?? {};
    return `${line ?? '?'}:${column ?? '?'} ${code} ${message}`;
  });
}

describe('settings are read', () => {
  it('with the place of each value', () => {
    const answer = read(
      '# mine\nhttp:\n  listen: 127.0.0.1:9615\n  hosts: [ops.example.com]\nlimits: { builds: 2 }\n',
    );
    expect(answer).toEqual({
      ok: true,
      values: { 'http.listen': '127.0.0.1:9615', 'http.hosts': ['ops.example.com'], 'limits.builds': 2 },
      places: {
        'http.listen': { line: 3, column: 11 },
        'http.hosts': { line: 4, column: 10 },
        'limits.builds': { line: 5, column: 19 },
      },
    });
  });

  test.each([
    '',
    '# nothing set\n',
    '---\n',
    '{}',
    'http:\n',
    'http:\n  tls:\n  # cert: x\n',
    'limits: { builds: ~ }',
  ])('where nothing is set: %j', (text) => {
    expect(read(text)).toEqual({ ok: true, values: {}, places: {} });
  });

  it('from JSON as well, and what other programs keep there is left alone', () => {
    const answer = read('{"$schema": "x", "x-mine": {"a": [1]}, "limits": {"builds": 3}}');
    expect(answer).toMatchObject({ ok: true, values: { 'limits.builds': 3 } });
  });

  it('as they stand: no variable of whoever reads them is put in', () => {
    expect(wrong('http: { listen: "${HOST:-127.0.0.1}:9615" }')).toEqual([
      '1:17 CONFIG_BAD_VALUE http.listen: "${HOST:-127.0.0.1}:9615" is no address with a port',
    ]);
  });
});

describe('what is wrong is told with its place', () => {
  test.each([
    ['htpp: { listen: x }', ['1:1 CONFIG_UNKNOWN_KEY htpp: unknown key']],
    ['htpp:', ['1:1 CONFIG_UNKNOWN_KEY htpp: unknown key']],
    ['http: { lisen: x }', ['1:9 CONFIG_UNKNOWN_KEY http.lisen: unknown key']],
    ['limits: { builds: "2" }', ['1:19 CONFIG_WRONG_TYPE limits.builds: "2" is not an integer']],
    ['limits: { builds: 0 }', ['1:19 CONFIG_BAD_VALUE limits.builds: 0 is less than 1']],
    ['limits: 4', ['1:9 CONFIG_WRONG_TYPE limits: 4 is not a map']],
    ['- http', ['1:1 CONFIG_WRONG_TYPE ["http"] is not a map']],
    ['intervals: { resync: soon }', ['1:22 CONFIG_BAD_VALUE intervals.resync: "soon" is not a duration']],
    ['intervals: { resync: 5 }', ['1:22 CONFIG_BAD_VALUE intervals.resync: 5 is less than 1s']],
    ['http:\n  listen: 9615\n', ['2:11 CONFIG_WRONG_TYPE http.listen: 9615 is not text']],
    [
      'a: 1\nlimits: { builds: x }\n',
      [
        '1:1 CONFIG_UNKNOWN_KEY a: unknown key',
        '2:19 CONFIG_WRONG_TYPE limits.builds: "x" is not an integer',
      ],
    ],
    ['limits: { builds: 1, builds: 2 }', ['1:22 CONFIG_DUPLICATE_KEY the key "builds" is there twice']],
    [
      'http: [',
      ['1:8 CONFIG_SYNTAX Flow sequence in block collection must be sufficiently indented and end with a ]'],
    ],
    [
      'limits: {}\n---\nlimits: {}\n',
      ['3:1 CONFIG_SYNTAX settings are one document, and the file has several'],
    ],
    ['__proto__: { a: 1 }', ['1:1 CONFIG_UNKNOWN_KEY the key "__proto__" is not allowed']],
  ])('%j', (text, expected) => {
    expect(wrong(text)).toEqual(expected);
  });

  it('and with what was probably meant', () => {
    const answer = read('limts: { builds: 1 }');
    expect(answer.ok ? null : answer.failures[0]).toMatchObject({ hint: 'did you mean limits?' });
    const inner = read('limits: { build: 1 }');
    expect(inner.ok ? null : inner.failures[0]).toMatchObject({ hint: 'did you mean builds?' });
  });

  it('also of what is no text', () => {
    expect(wrong(Buffer.from([0xff, 0xfe, 0x68, 0x00]))).toEqual([
      '?:? CONFIG_SYNTAX the file is UTF-16 or no text at all',
    ]);
  });
});

it('whatever a file holds, it is read or told to be wrong', () => {
  const value = fc.oneof(
    fc.constant(null),
    fc.integer(),
    fc.boolean(),
    fc.string(),
    fc.array(fc.string(), { maxLength: 3 }),
  );
  const key = fc.oneof(
    fc.constantFrom('http', 'listen', 'limits', 'builds', 'intervals', 'mcp', 'tls', 'cert', 'x-a'),
    fc.string(),
  );
  const files = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc
      .letrec((tie) => ({ node: fc.oneof(value, fc.dictionary(key, tie('node'), { maxKeys: 4 })) }))
      .node.map((node) => stringify(node)),
  );
  fc.assert(
    fc.property(files, (text) => {
      const answer = read(text);
      if (answer.ok)
        return Object.keys(answer.values).every((name) => SETTING_KEYS.some((known) => known === name));
      return answer.failures.length > 0 && answer.failures.every(({ message }) => message !== '');
    }),
    { numRuns: 300 },
  );
});

it('every key of the schema stands in the reference, and its groups in the page about settings', () => {
  const page = (path: string): string =>
    readFileSync(new URL(`../../../docs/${path}`, import.meta.url), 'utf8');
  for (const key of Object.keys(SETTING_FIELDS))
    expect(page('reference/config-file.md')).toContain(`| \`${key}\``);
  for (const key of SETTING_KEYS) expect(page('settings.md')).toContain(`\`${key}\``);
});
