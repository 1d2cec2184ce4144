import fc from 'fast-check';
import { parse } from 'yaml';
import { describe, expect, it, test } from 'vitest';
import { editedText, type SettingEdit } from '../../../src/cli/settings/edited-text.ts';

const set = (key: SettingEdit['key'], value: unknown) => (text: string) => editedText(text, [{ key, value }]);
const unset = (key: SettingEdit['key']) => set(key, undefined);

const MINE = `# my host
http:
    listen:   127.0.0.1:9615   # the proxy knows it

    # names
    hosts:
        - a.example.com

limits: { builds: 4, starts: 8 }   # few
`;

describe('another value', () => {
  it('in the place of one changes nothing else of the text', () => {
    expect(set('http.listen', 'unix:/run/x.sock')(MINE)).toBe(
      MINE.replace('127.0.0.1:9615', 'unix:/run/x.sock'),
    );
    expect(set('limits.builds', 2)(MINE)).toBe(MINE.replace('builds: 4', 'builds: 2'));
  });

  it('is quoted where it would be read as something else', () => {
    expect(set('http.listen', '[::1]:80')('http: { listen: a }\n')).toBe('http: { listen: "[::1]:80" }\n');
    expect(set('http.tls.cert', '12')('http:\n  tls:\n    cert: x\n')).toBe(
      'http:\n  tls:\n    cert: "12"\n',
    );
    expect(set('http.tls.cert', 'b')('{"http": {"tls": {"cert": "a"}}}')).toBe(
      '{"http": {"tls": {"cert": "b"}}}',
    );
  });

  test.each([
    ['', 'limits:\n  builds: 2\n'],
    ['# only this\n', '# only this\n\nlimits:\n  builds: 2\n'],
    ['limits:\n', 'limits:\n  builds: 2\n'],
    ['limits:\n  # builds: 3\n', 'limits:\n  # builds: 3\n  builds: 2\n'],
    ['mcp:\n  max_processes: 3 # few\n', 'mcp:\n  max_processes: 3 # few\nlimits:\n  builds: 2\n'],
    ['limits:\n  starts: 3\n', 'limits:\n  starts: 3\n  builds: 2\n'],
    ['limits: {}\n', 'limits: { builds: 2 }\n'],
  ])('where there is none: %j', (text, expected) => {
    expect(set('limits.builds', 2)(text)).toBe(expected);
  });

  it('of a list is one line', () => {
    expect(set('mcp.protect', ['a/b', 'c/'])('')).toBe('mcp:\n  protect: [ a/b, c/ ]\n');
    expect(set('mcp.protect', [])('mcp:\n  protect:\n    - x\n')).toBe('mcp:\n  protect: []\n');
  });

  it('keeps the ends of lines', () => {
    expect(set('limits.builds', 2)('limits:\r\n  builds: 3\r\n')).toBe('limits:\r\n  builds: 2\r\n');
  });

  it('is not put where no key can be', () => {
    expect(() => set('limits.builds', 2)('limits: [1]\n')).toThrow('limits is no map of keys');
    expect(() => set('limits.builds', 2)('- a\n')).toThrow('the file is no map of keys');
  });
});

describe('a key that is taken out', () => {
  test.each([
    ['limits:\n  builds: 2\n  starts: 3\n', 'limits:\n  starts: 3\n'],
    ['# mine\nlimits:\n  builds: 2\nmcp:\n  max_processes: 1\n', '# mine\nmcp:\n  max_processes: 1\n'],
    ['limits:\n  builds: 2\n', ''],
    ['mcp:\n  max_processes: 1\n', 'mcp:\n  max_processes: 1\n'],
  ])('%j', (text, expected) => {
    expect(unset('limits.builds')(text)).toBe(expected);
  });

  it('leaves the comments of the file', () => {
    expect(unset('limits.builds')('# mine\n\nlimits:\n  builds: 2\n')).toContain('# mine');
  });
});

it('whatever is set, the rest of the file says what it said, and the file says what was set', () => {
  const comments = fc.constantFrom('', '# a\n', '\n');
  const file = fc
    .record({
      head: comments,
      builds: fc.option(fc.nat(64)),
      starts: fc.option(fc.nat(64)),
      cert: fc.option(fc.string({ minLength: 1 })),
      flow: fc.boolean(),
    })
    .map(({ head, builds, starts, cert, flow }) => {
      const limits = [
        builds === null ? '' : `builds: ${builds}`,
        starts === null ? '' : `starts: ${starts}`,
      ].filter(Boolean);
      const map = flow ? ` { ${limits.join(', ')} }` : limits.map((line) => `\n  ${line} # x`).join('');
      return `${head}limits:${map}\n${cert === null ? '' : `http: { tls: { cert: ${JSON.stringify(cert)} } }\n`}`;
    });
  const edit = fc.oneof(
    fc.record({
      key: fc.constant('limits.builds' as const),
      value: fc.oneof(fc.nat(64), fc.constant(undefined)),
    }),
    fc.record({
      key: fc.constant('http.tls.key' as const),
      value: fc.oneof(fc.string(), fc.constant(undefined)),
    }),
    fc.record({
      key: fc.constant('http.tls.cert' as const),
      value: fc.oneof(fc.string(), fc.constant(undefined)),
    }),
    fc.record({ key: fc.constant('mcp.protect' as const), value: fc.array(fc.string()) }),
  );
  fc.assert(
    fc.property(file, edit, (text, one) => {
      const [before, after] = [flat(parse(text)), flat(parse(editedText(text, [one])))];
      const expected = { ...before };
      if (one.value === undefined) Reflect.deleteProperty(expected, one.key);
      else expected[one.key] = one.value;
      expect(after).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});

function flat(value: unknown, prefix = ''): Record<string, unknown> {
  if (value === null || value === undefined) return {};
  if (typeof value !== 'object' || Array.isArray(value)) return { [prefix.slice(0, -1)]: value };
  return Object.assign(
    {},
    ...Object.entries(value).map(([key, inner]) => flat(inner, `${prefix}${key}.`)),
  ) as Record<string, unknown>;
}
