import { parseEnv } from 'node:util';
import fc from 'fast-check';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import type { Note } from '../../src/import/model/imported.ts';
import { splitSecrets } from '../../src/import/model/secrets.ts';
import { envFileLine, renderEnvFile } from '../../src/import/render/env-file.ts';
import { expandVariables } from '../../src/spec/variables.ts';
import { rendered } from './support/render.ts';

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }).filter((value) => !/[\0\ud800-\udfff]/u.test(value)),
  fc.constantFrom(
    'true',
    'no',
    '1.10',
    '012',
    '1e3',
    '~',
    'null',
    '${HOME}',
    '$$',
    'a: b',
    '# c',
    '- d',
    '\n',
    ' x ',
    '"',
    "'",
  ),
);

describe('the file that an import writes', () => {
  it('says every value so that it is read back as it is, whatever the comments hold', () => {
    const notes = fc.array(
      fc.record<Note>({
        kind: fc.constant('differs'),
        field: fc.constantFrom(null, 'env', 'script', 'gone'),
        text,
      }),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), text), text, notes, (env, script, more) => {
        const app = { name: 'a', fields: { env, script }, notes: more, secrets: {} };
        const file = rendered({
          apps: [app],
          root: {},
          head: more.map(({ text: line }) => line),
          warnings: [],
        });
        const [read] = (parse(file) as { apps: { env: Record<string, string>; script: string }[] }).apps;
        expect(expandVariables(read?.script ?? '', {}).text).toBe(script);
        const back = Object.entries(read?.env ?? {}).map(([key, value]) => [
          key,
          expandVariables(value, {}).text,
        ]);
        expect(Object.fromEntries(back)).toEqual({ ...env });
      }),
    );
  });
});

describe('a file of secrets', () => {
  it('holds every value so that it is read back as it is, and leaves the others where they can be said', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[A-Z]{1,8}_TOKEN$/), text), (variables) => {
        const { env, secrets } = splitSecrets(variables);
        expect({ ...env, ...secrets }).toEqual({ ...variables });
        expect({ ...parseEnv(renderEnvFile('x', secrets)) }).toEqual({ ...secrets });
      }),
    );
  });

  it('takes keys of several lines, quotes and comment signs', () => {
    const pem = '-----BEGIN KEY-----\nabc\n-----END KEY-----\n';
    for (const value of [pem, 'a#b', 'a "b" c', "it's", ' blank ', 'a=b', '$HOME', 'C:\\new', `"'`]) {
      const line = envFileLine('X', value);
      expect(parseEnv(line ?? '')['X']).toBe(value);
    }
    expect(envFileLine('X', '"\'`')).toBeNull();
    expect(envFileLine('WITH SPACE', 'x')).toBeNull();
  });

  it('gets what is secret by its name or by its value', () => {
    const { env, secrets } = splitSecrets({
      DB: 'postgres://u:pw@h/x',
      API_TOKEN: 't',
      SMTP_PASSWORD: 'p',
      URL: 'https://example.org',
      TOKEN_TTL: '60',
      EMPTY_SECRET: '',
    });
    expect(Object.keys(secrets)).toEqual(['DB', 'API_TOKEN', 'SMTP_PASSWORD']);
    expect(Object.keys(env)).toEqual(['URL', 'TOKEN_TTL', 'EMPTY_SECRET']);
  });
});
