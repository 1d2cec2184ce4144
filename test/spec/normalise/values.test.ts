import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explain, explanationText } from '../../../src/spec/explain.ts';
import { formatValue } from '../../../src/spec/format-value.ts';
import { sameValue } from '../../../src/lib/values/same-value.ts';
import { splitWords } from '../../../src/spec/normalise/run/split-words.ts';
import { escapeVariables, expandVariables } from '../../../src/spec/variables.ts';

describe('values for people', () => {
  it.each([
    ['max_memory_restart', 314_572_800, '300M'],
    ['kill_timeout', 90_000, '1m30s'],
    ['log_rotate.size', 10_485_760, '10M'],
    ['instances', 4, '4'],
    ['env.A', 'x y', '"x y"'],
    ['args', ['a', 'b'], '["a","b"]'],
    ['watch', true, 'true'],
    ['max_restarts', undefined, '(not set)'],
  ])('%s %j is %s', (path, value, text) => {
    expect(formatValue(path, value)).toBe(text);
  });
});

describe('variables', () => {
  const environment = { HOME: '/me', EMPTY: '' };
  const expand = (text: string) => expandVariables(text, environment).text;

  it('expands ${VAR}, ${VAR:-default} and $$, and nothing else', () => {
    expect(expand('${HOME}/x ${NOPE:-y z} ${EMPTY:-e} $$HOME $HOME $(id) `id` ${HOME:?m}')).toBe(
      '/me/x y z e $HOME $HOME $(id) `id` /me',
    );
  });

  it('does not expand what it put in', () => {
    expect(expandVariables('${A}', { A: '${B}', B: 'x' }).text).toBe('${B}');
  });

  it('reports what is missing and what is malformed', () => {
    const kinds = expandVariables('${A} ${B:?must be set} ${EMPTY:?m} ${ ${1x}', environment).problems;
    expect(kinds.map(({ kind, name, message }) => [kind, name, message])).toEqual([
      ['unset', 'A', ''],
      ['required', 'B', 'must be set'],
      ['required', 'EMPTY', 'm'],
      ['malformed', '', ''],
      ['malformed', '', ''],
    ]);
  });

  it('never takes a name from the prototype', () => {
    expect(expand('${constructor}${toString}')).toBe('');
  });

  it('gives back every text that was escaped', () => {
    const parts = fc.array(fc.constantFrom('$', '{', '}', '$$', '${A}', 'a', ':-', '\n'));
    fc.assert(
      fc.property(parts, (words) => {
        const text = words.join('');
        expect(expandVariables(String(escapeVariables(text)), { A: 'no' })).toEqual({ text, problems: [] });
      }),
    );
  });
});

describe('words', () => {
  it('gives back every list of words that is quoted', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (words) => {
        const line = words.map((word) => `"${word.replace(/["\\]/g, '\\$&')}"`).join(' ');
        expect(splitWords(line)).toEqual(words);
      }),
    );
  });
});

describe('sameness', () => {
  it('is that of canonical JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(sameValue(a, structuredClone(a))).toBe(true);
        const shuffled = typeof a === 'object' && a !== null && !Array.isArray(a);
        if (shuffled) expect(sameValue(a, Object.fromEntries(Object.entries(a).reverse()))).toBe(true);
        if (JSON.stringify(a) === JSON.stringify(b)) expect(sameValue(a, b)).toBe(true);
      }),
    );
    expect(sameValue({ a: undefined }, {})).toBe(true);
    expect(sameValue({ a: 1 }, { b: 1 })).toBe(false);
    expect(sameValue([], {})).toBe(false);
    expect(sameValue({ toString: 1 }, {})).toBe(false);
  });
});

describe('explain', () => {
  it.each([
    'apps.max_memory_restart',
    'max_memory_restart',
    'apps[].maxMemoryRestart',
    'apps.0.max_memory_restart',
  ])('finds the field that %s means', (path) => {
    const found = explain(path);
    expect(found).toMatchObject({
      ok: true,
      value: { path: 'apps.max_memory_restart', field: { type: 'size' } },
    });
  });

  it('lists the fields inside an object', () => {
    const found = explain('readiness.http');
    expect(found.ok && explanationText(found.value)).toContain(
      'fields:  port, port_name, path, host, scheme, server_name, ca, insecure, headers, status',
    );
  });

  it('suggests what was meant', () => {
    expect(explain('apps.instnces')).toMatchObject({
      ok: false,
      error: { hint: 'did you mean instances?' },
    });
  });
});
