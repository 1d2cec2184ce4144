import { parseEnv } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readYaml } from '../../src/config/read/read-yaml.ts';
import { sourceFile } from '../../src/config/read/source.ts';
import { readApps } from '../../src/config/shape/read-apps.ts';
import { exportedApp } from '../../src/import/export/exported-app.ts';
import type { Note } from '../../src/import/model/imported.ts';
import { renderEnvFile } from '../../src/import/render/env-file.ts';
import { normalise } from '../../src/spec/normalise/normalise.ts';
import type { AppSpec } from '../../src/spec/types.ts';
import { anySpec } from '../spec/support/any-spec.ts';
import { contextWith } from '../spec/support/context.ts';
import { rendered } from './support/render.ts';

const secretText = fc.oneof(
  fc.string(),
  fc.constantFrom('postgres://u:p${X}w@h', '-----BEGIN KEY-----\nab\n-----END KEY-----\n', `"'\``),
);

/** Specs with secrets, and a file of variables behind some of them. */
const withSecrets = fc
  .tuple(
    anySpec,
    fc.dictionary(fc.constantFrom('API_TOKEN', 'DB_URL', 'SMTP_PASSWORD', 'with space'), secretText),
  )
  .map(([spec, more]): AppSpec => ({ ...spec, env: { ...spec.env, ...more } }));

/** As `apply` reads what was written, with the file of secrets beside it. */
function readBack(text: string, secrets: string): AppSpec {
  const source = sourceFile('ecosystem.yaml', text);
  const { roots, failures } = readYaml(source);
  const [root] = roots;
  if (root === undefined) throw new Error(failures[0]?.message);
  const read = readApps({ ...source, root, expands: true }, { environment: {}, namesFile: () => false });
  expect(read.failures).toEqual([]);
  const [declared] = read.file?.apps ?? [];
  if (declared === undefined) throw new Error('no app');
  const envFile = Object.fromEntries(
    Object.entries(parseEnv(secrets)).map(([key, value]) => [key, value ?? '']),
  );
  return normalise(declared.app, contextWith({ envFile })).spec;
}

describe('a spec that is exported', () => {
  it('is the same when the file is read again, wherever its secrets stand', () => {
    const note: Note = { kind: 'advice', field: 'instances', text: 'scaled: by\nsomebody #' };
    fc.assert(
      fc.property(withSecrets, fc.constantFrom('apart', 'in-file'), (spec, place) => {
        const app = exportedApp(spec, [note], place);
        const text = rendered({ apps: [app], root: {}, head: ['x: y'], warnings: [] });
        expect(readBack(text, renderEnvFile('secrets', app.secrets))).toEqual(spec);
      }),
      { numRuns: 300 },
    );
  });
});
