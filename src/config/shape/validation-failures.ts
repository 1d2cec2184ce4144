import type { ErrorCode } from '../../lib/error-codes.ts';
import { APP_TEXTS } from '../../spec/generated/field-texts.ts';
import { APP_FIELDS } from '../../spec/generated/fields.ts';
import { PROBE_KINDS } from '../../spec/probes/network-probe.ts';
import { APP_ALIASES } from './canonical-keys.ts';
import type { ValidationError } from '../generated/validate.js';
import { LIMITS } from '../read/limits.ts';
import { rootKeys } from './root-form.ts';
import type { SourcePath } from '../read/source.ts';
import { nameElsewhere } from './other-names.ts';
import { didYouMean } from '../../lib/nearest.ts';
import {
  article,
  exampleOf,
  pointerSteps,
  shownValue,
  typeNames,
  UNIT_HINTS,
  valueAt,
} from './value-words.ts';

/** One thing that the schema refuses, in words. `path` has canonical keys and starts at the app, or at the root. */
export interface SchemaProblem {
  readonly app: number | null;
  readonly path: SourcePath;
  readonly target: 'key' | 'value';
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
  /** Something is missing, which another layer of the app may have. */
  readonly isAbsence?: true;
  /** The key that is missing. */
  readonly missing?: string;
}

/** What ajv found, without the noise of alternatives: one problem for each place, and key problems in full. */
export function schemaProblems(errors: readonly ValidationError[], value: unknown): readonly SchemaProblem[] {
  const seen = new Set<string>();
  const problems: SchemaProblem[] = [];
  for (const error of [...errors].sort(typesFirst)) {
    if (problems.length >= LIMITS.failures) break;
    if (isNoise(error)) continue;
    const problem = problemOf(error, value);
    const id = JSON.stringify([problem.app, problem.path, problem.target]);
    if (seen.has(id)) continue;
    seen.add(id);
    problems.push(problem);
  }
  return problems.filter((problem) => !isOfUnknownKey(problem, problems));
}

/** A probe whose form is a key that nobody knows has no form, of course. */
function isOfUnknownKey({ app, path, isAbsence }: SchemaProblem, all: readonly SchemaProblem[]): boolean {
  if (isAbsence !== true || !PROBE_KINDS.some((kind) => path.length === 1 && path[0] === kind)) return false;
  return all.some(
    (other) =>
      other.app === app &&
      other.code === 'CONFIG_UNKNOWN_KEY' &&
      other.path.length === 2 &&
      other.path[0] === path[0],
  );
}

/** A wrong type explains every other error at the same place. */
function typesFirst(a: ValidationError, b: ValidationError): number {
  return Number(b.keyword === 'type') - Number(a.keyword === 'type');
}

/** `oneOf`, `if` and `propertyNames` report their parts, and then themselves. */
function isNoise({ schemaPath, keyword }: ValidationError): boolean {
  if (keyword === 'if') return true;
  return (keyword !== 'oneOf' && schemaPath.includes('/oneOf/')) || schemaPath.includes('/propertyNames/');
}

function problemOf(error: ValidationError, value: unknown): SchemaProblem {
  const steps = pointerSteps(error.instancePath);
  const inApp = steps[0] === 'apps' && steps.length > 1;
  const path = inApp ? steps.slice(2) : steps;
  const at = { app: inApp ? Number(steps[1]) : null, path, target: 'value' } as const;
  const { params } = error;
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownKey(at, String(params['additionalProperty']));
    case 'propertyNames':
      return { ...at, ...badVariableName(path, String(params['propertyName'])) };
    case 'required':
      return {
        ...at,
        code: 'CONFIG_MISSING_KEY',
        message: `${String(params['missingProperty'])} is missing`,
        isAbsence: true,
        missing: String(params['missingProperty']),
      };
    case 'oneOf':
      return {
        ...at,
        code: 'CONFIG_BAD_VALUE',
        message:
          path.at(-1) === 'build'
            ? 'a build needs a dockerfile, with or without its context, or a command'
            : 'a probe needs exactly one of http, tcp, grpc, exec and log',
        isAbsence: true,
      };
    default:
      return { ...at, ...badValue(error, { path, inApp, value: valueAt(value, steps) }) };
  }
}

function unknownKey(at: Pick<SchemaProblem, 'app' | 'path'>, key: string): SchemaProblem {
  const hint = keyHint(at, key);
  return {
    ...at,
    path: [...at.path, key],
    target: 'key',
    code: 'CONFIG_UNKNOWN_KEY',
    message: 'unknown key',
    ...(hint === undefined ? {} : { hint }),
  };
}

function keyHint(at: Pick<SchemaProblem, 'app' | 'path'>, key: string): string | undefined {
  const elsewhere = at.app === null ? undefined : nameElsewhere(at.path, key);
  return elsewhere === undefined ? didYouMean(key, knownKeys(at)) : `did you mean ${elsewhere}?`;
}

function knownKeys({ app, path }: Pick<SchemaProblem, 'app' | 'path'>): readonly string[] {
  if (app === null) return path.length === 0 ? rootKeys() : [];
  const prefix = namesOf(path)
    .map((step) => `${step}.`)
    .join('');
  const names = Object.keys(APP_FIELDS)
    .filter((name) => name.startsWith(prefix) && !name.includes('<'))
    .map((name) => name.slice(prefix.length))
    .filter((name) => !name.includes('.'));
  return path.length === 0 ? [...names, ...APP_ALIASES.keys()] : names;
}

function badVariableName(
  path: SourcePath,
  name: string,
): Pick<SchemaProblem, 'path' | 'target' | 'code' | 'message'> {
  const message = 'the name of a variable must not be empty or hold "="';
  return { path: [...path, name], target: 'key', code: 'CONFIG_BAD_VALUE', message };
}

/** A value of the wrong type, outside its bounds, or in the wrong form. */
function badValue(
  error: ValidationError,
  at: { readonly path: SourcePath; readonly inApp: boolean; readonly value: unknown },
): Pick<SchemaProblem, 'code' | 'message' | 'hint'> {
  const code = error.keyword === 'type' ? 'CONFIG_WRONG_TYPE' : 'CONFIG_BAD_VALUE';
  const shown = shownValue(at.path, at.value);
  const name = at.inApp ? fieldNameAt(at.path) : '';
  const field = APP_FIELDS[name];
  const examples = APP_TEXTS[name]?.examples;
  if (error.keyword === 'enum') {
    const allowed = (error.params['allowedValues'] as readonly unknown[]).map(String);
    const hint = didYouMean(String(at.value), allowed) ?? `known are ${allowed.join(', ')}`;
    return { code, message: `${shown} is not one of ${allowed.join(', ')}`, hint };
  }
  if (error.keyword === 'maximum' && error.params['limit'] === 0) {
    const hint = exampleOf(examples);
    return { code, message: `${shown} is not text, or 0 to turn it off`, ...(hint && { hint }) };
  }
  if (error.keyword === 'minimum' || error.keyword === 'maximum') {
    const word = error.keyword === 'minimum' ? 'less' : 'more';
    return { code, message: `${shown} is ${word} than ${String(error.params['limit'])}` };
  }
  if (error.keyword === 'maxLength')
    return { code, message: `longer than ${String(error.params['limit'])} characters` };
  if (error.keyword === 'minLength') return { code, message: 'the text is empty' };
  if (at.path.length === 1 && (at.path[0] === 'name' || at.path[0] === 'project'))
    return badName(code, shown, at.inApp);
  if (at.inApp && at.path.length === 1 && at.path[0] === 'code') {
    const hint = didYouMean(String(at.value), ['auto', 'off']) ?? 'a list names paths: code: [dist]';
    return { code, message: `${shown} is not auto, off or a list of paths`, hint };
  }
  const isItem = typeof at.path.at(-1) === 'number';
  const written = isItem ? undefined : field?.type;
  const type = written ?? typeNames(error.params['type']) ?? 'value of the right form';
  const hint = UNIT_HINTS[type] ?? exampleOf(isItem ? firstItems(examples) : examples);
  if (error.keyword === 'pattern' && type === 'text') {
    return { code, message: `${shown} does not have the right form`, ...(hint && { hint }) };
  }
  // A text of another form: the type would name text as what it is not.
  if (error.keyword === 'pattern' && type.endsWith(' or text')) {
    const forms = (examples ?? []).map((example) => JSON.stringify(example)).join(', ');
    return {
      code,
      message: `${shown} does not have the right form`,
      ...(forms && { hint: `for example ${forms}` }),
    };
  }
  return { code, message: `${shown} is not ${article(type)}`, ...(hint === undefined ? {} : { hint }) };
}

/** Examples of what stands in a list. */
function firstItems(examples: readonly unknown[] = []): readonly unknown[] {
  return examples.flatMap((example) => (Array.isArray(example) ? (example as readonly unknown[]) : []));
}

function badName(
  code: ErrorCode,
  shown: string,
  isApp: boolean,
): Pick<SchemaProblem, 'code' | 'message' | 'hint'> {
  const hint = isApp
    ? 'a name is a text without slashes and control characters that does not start with a dot or a dash'
    : 'a project is named with letters, digits, dots, dashes and underscores, and starts with a letter or a digit';
  return { code, message: `${shown} cannot be a name`, hint };
}

function fieldNameAt(path: SourcePath): string {
  const [first = '', ...rest] = path;
  if (path.length === 1 && /^env_(?!file$)/.test(String(first))) return 'env_<name>';
  return namesOf([first, ...rest]).join('.');
}

/** Without the places in lists: the fields of an entry are those of the list. */
function namesOf(path: SourcePath): SourcePath {
  return path.filter((step) => typeof step === 'string');
}
