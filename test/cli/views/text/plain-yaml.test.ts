import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { plainYaml } from '../../../../src/cli/views/plain-yaml.ts';

const SIGNS = [
  'a',
  'Z',
  'e',
  '0',
  '1',
  '9',
  '_',
  '/',
  '.',
  '+',
  '=',
  '@',
  '%',
  ',',
  '-',
  ':',
  ' ',
  '#',
  '<',
  '~',
  '"',
];
const text = fc.oneof(
  fc.string({ unit: fc.constantFrom(...SIGNS), maxLength: 12 }),
  fc.constantFrom(
    ...[
      'true',
      'False',
      'NULL',
      'null',
      'yes',
      'on',
      'y',
      '~',
      '',
      '0',
      '007',
      '0x1f',
      '1e3',
      '.inf',
      '.nan',
    ],
    ...[
      '---',
      '2026-01-01',
      '12:30',
      'a: b',
      'a:',
      'a #b',
      'http://x:80/y?z',
      '/srv/a b',
      '<<',
      '=',
      '0o7',
      '_1',
    ],
    'word '.repeat(60).trim(),
  ),
);
const key = fc.oneof(text, fc.constantFrom('a', 'b', 'PORT', 'max_memory_restart', 'x-y', 'a.b'));
const scalar = fc.oneof(
  text,
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.double(),
  fc.constant(undefined),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof({ depthSize: 'small' }, scalar, fc.array(tie('tree'), { maxLength: 3 }), tie('map')),
  map: fc.dictionary(key, tie('tree'), { maxKeys: 4, noNullPrototype: true }),
}));

describe('YAML without the library', () => {
  it('is what the library writes, or nothing', () => {
    fc.assert(
      fc.property(fc.dictionary(key, tree, { maxKeys: 5, noNullPrototype: true }), (value) => {
        const plain = plainYaml(value);
        if (plain !== null)
          expect(plain).toBe(stringify(value, { lineWidth: 0, aliasDuplicateObjects: false }));
      }),
      { numRuns: 3000 },
    );
  });

  it('is there for what most apps declare', () => {
    const app = {
      ...{ name: 'api', script: '/srv/shop/api.js', args: ['--port', '3000'], instances: 2, watch: false },
      ...{
        env: { PORT: '3000', NODE_ENV: 'production', URL: 'http://localhost:80/x' },
        labels: {},
        args2: [],
      },
      ...{
        readiness: { http: { port: 3000, path: '/healthz' } },
        hooks: [{ run: 'a b', on: ['x'] }, [1, [2]]],
      },
    };
    const declared = { ...app, args: ['serve', '3000'] };
    expect(plainYaml(declared)).toBe(stringify(declared, { lineWidth: 0, aliasDuplicateObjects: false }));
  });
});
