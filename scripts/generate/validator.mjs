import { Ajv } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import { build } from 'esbuild';
import { mapValues } from './aliases.mjs';

const NAMED = new Set(['properties', 'patternProperties', 'definitions']);
const DOCS = /^(?:title|description|default|examples|x-.*)$/;

/** A schema without what only people and other generated files read: ajv would put it into its output. */
function withoutDocs(schema) {
  if (Array.isArray(schema)) return schema.map(withoutDocs);
  if (typeof schema !== 'object' || schema === null) return schema;
  const kept = Object.entries(schema).filter(([key]) => !DOCS.test(key));
  return Object.fromEntries(
    kept.map(([key, value]) => [key, NAMED.has(key) ? mapValues(value, withoutDocs) : withoutDocs(value)]),
  );
}

/** One self-contained module: ajv's own run-time pieces, where it needs any, are bundled in. */
export async function validator(source, root) {
  const ajv = new Ajv({
    allErrors: true,
    allowUnionTypes: true,
    strictTypes: false,
    strictRequired: false,
    inlineRefs: false,
    code: { source: true, esm: true, lines: true },
  });
  const validate = ajv.compile(withoutDocs(source));
  const contents = standalone.default(ajv, validate);
  const result = await build({
    stdin: { contents, resolveDir: root, loader: 'js' },
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    target: 'node20',
    minifySyntax: true,
    minifyWhitespace: true,
    write: false,
    legalComments: 'none',
  });
  const [output] = result.outputFiles;
  return output.text;
}

export const VALIDATOR_TYPES = `
export interface ValidationError {
  readonly keyword: string;
  /** JSON pointer into the value. */
  readonly instancePath: string;
  readonly schemaPath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
}

/** Checks a file whose aliases are resolved; after \`false\`, \`errors\` has everything that is wrong. */
export const validate: {
  (value: unknown): boolean;
  errors?: readonly ValidationError[] | null;
};
export default validate;
`.trimStart();
