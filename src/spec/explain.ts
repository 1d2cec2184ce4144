import { nearest } from '../lib/nearest.ts';
import type { Failure } from '../lib/failure.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type { Field, FieldText } from './field.ts';
import { APP_TEXTS, ROOT_TEXTS } from './generated/field-texts.ts';
import { APP_FIELDS, ROOT_FIELDS } from './generated/fields.ts';

/** What `explain PATH` shows. */
export interface Explanation {
  /** As written in a file: `apps.readiness.http.port`. */
  readonly path: string;
  readonly field: Field & FieldText;
  /** Names of the fields inside it. */
  readonly fields: readonly string[];
}

const COST = {
  template: 'a change needs new processes',
  scale: 'a change starts or stops processes',
  live: 'a change restarts nothing',
} as const;

/**
 * What the schema says of a field: `project`, `apps`, `apps.max_memory_restart`, `readiness.http` (below `apps` when it
 * is not a key of the root); aliases are taken.
 */
export function explain(path: string): Result<Explanation, Failure> {
  const text = path.trim().replace(/\[\d*\]/g, '');
  const root = ROOT_FIELDS[text];
  const rootText = ROOT_TEXTS[text];
  if (root !== undefined && rootText !== undefined) {
    return ok({ path: text, field: { ...root, ...rootText }, fields: text === 'apps' ? childrenOf('') : [] });
  }
  const inner = canonicalPath(text.replace(/^(?:apps|pm2)\.(?:\d+\.)?/, ''));
  const field = APP_FIELDS[inner];
  const said = APP_TEXTS[inner];
  if (field !== undefined && said !== undefined)
    return ok({ path: `apps.${inner}`, field: { ...field, ...said }, fields: childrenOf(`${inner}.`) });
  return err(unknownField(path, inner));
}

/** The explanation as lines of text. */
export function explanationText({ path, field, fields }: Explanation): string {
  const preset = field.defaultText ?? (field.default === null ? 'none' : JSON.stringify(field.default));
  const lines = [
    `${path}  <${field.type}>`,
    '',
    `  ${field.description}`,
    '',
    `  default: ${preset}`,
    `  change:  ${COST[field.class]}`,
  ];
  if (field.aliases.length > 0) lines.push(`  also:    ${field.aliases.join(', ')}`);
  if (field.examples.length > 0) {
    lines.push(`  example: ${field.examples.map((example) => JSON.stringify(example)).join('  ')}`);
  }
  if (field.inert !== null) lines.push(`  note:    accepted without effect: ${field.inert}`);
  if (fields.length > 0) lines.push('', `  fields:  ${fields.join(', ')}`);
  return `${lines.join('\n')}\n`;
}

/** Replaces an alias of a top-level field by its name. `env_production` is explained as `env_<name>`. */
function canonicalPath(path: string): string {
  const [first = '', ...rest] = path.split('.');
  if (Object.hasOwn(APP_FIELDS, path)) return path;
  const entry = Object.entries(APP_FIELDS).find(([, field]) => field.aliases.includes(first));
  if (entry !== undefined) return [entry[0], ...rest].join('.');
  if (/^env_.+/.test(first)) return 'env_<name>';
  return path;
}

function childrenOf(prefix: string): string[] {
  return Object.keys(APP_FIELDS)
    .filter((key) => key.startsWith(prefix))
    .map((key) => key.slice(prefix.length))
    .filter((key) => key !== '' && !key.includes('.'));
}

function unknownField(path: string, inner: string): Failure {
  const names = Object.keys(APP_FIELDS);
  const aliases = Object.values(APP_FIELDS).flatMap((field) => field.aliases);
  const meant = nearest(inner, [...names, ...Object.keys(ROOT_FIELDS), ...aliases]);
  return {
    code: 'NOT_FOUND',
    message: `the ecosystem file has no field ${JSON.stringify(path)}`,
    hint:
      meant === null
        ? '`stateward explain apps` lists the fields, `stateward help error-codes` the codes'
        : `did you mean ${meant}?`,
  };
}
