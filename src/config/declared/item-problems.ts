import type { ErrorCode } from '../../lib/error-codes.ts';
import { didYouMean } from '../../lib/nearest.ts';
import type { ValidationError } from '../generated/validate-sources.js';
import type { SourcePath } from '../read/source.ts';
import {
  article,
  exampleOf,
  pointerSteps,
  shownValue,
  typeNames,
  UNIT_HINTS,
  valueAt,
} from '../shape/value-words.ts';

/** Fields of an item, by their dotted path; generated from the schema. */
export type FieldTable = Readonly<
  Record<string, { readonly type: string; readonly examples: readonly unknown[] }>
>;

/** What of a file its problems are told with. */
interface ListWords {
  /** The key of the list; null: the file is no list, and the fields are those at its root. */
  readonly key: string | null;
  readonly fields: FieldTable;
}

/** One thing that the schema refuses; `path` starts at the root of the file. */
export interface ItemProblem {
  readonly path: SourcePath;
  readonly target: 'key' | 'value';
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
}

/** What ajv found, one problem for each place; a wrong type explains every other error there. */
export function itemProblems(
  errors: readonly ValidationError[],
  value: unknown,
  words: ListWords,
): readonly ItemProblem[] {
  const sorted = errors.toSorted((a, b) => Number(b.keyword === 'type') - Number(a.keyword === 'type'));
  const seen = new Set<string>();
  return sorted.flatMap((error) => {
    const problem = problemOf(error, value, words);
    const id = JSON.stringify([
      problem.path,
      problem.target,
      problem.code === 'CONFIG_MISSING_KEY' && problem.message,
    ]);
    if (seen.has(id)) return [];
    seen.add(id);
    return [problem];
  });
}

function problemOf(
  { keyword, instancePath, params }: ValidationError,
  value: unknown,
  words: ListWords,
): ItemProblem {
  const path = pointerSteps(instancePath);
  const found = valueAt(value, path);
  switch (keyword) {
    case 'additionalProperties': {
      const key = String(params['additionalProperty']);
      const hint = didYouMean(key, keysAt(path, words));
      return {
        path: [...path, key],
        target: 'key',
        code: 'CONFIG_UNKNOWN_KEY',
        message: 'unknown key',
        ...(hint !== undefined && { hint }),
      };
    }
    case 'required': {
      const message = `${String(params['missingProperty'])} is missing`;
      return { path, target: 'value', code: 'CONFIG_MISSING_KEY', message };
    }
    case 'enum': {
      const allowed = (params['allowedValues'] as readonly unknown[]).map(String);
      const hint = didYouMean(String(found), allowed) ?? `known are ${allowed.join(', ')}`;
      const message = `${shownValue(path, found)} is not one of ${allowed.join(', ')}`;
      return { path, target: 'value', code: 'CONFIG_BAD_VALUE', message, hint };
    }
    default:
      return { path, target: 'value', ...wrongValue(keyword, params, { path, found, words }) };
  }
}

function wrongValue(
  keyword: string,
  params: ValidationError['params'],
  { path, found, words }: { readonly path: SourcePath; readonly found: unknown; readonly words: ListWords },
): Pick<ItemProblem, 'code' | 'message' | 'hint'> {
  const code = keyword === 'type' ? 'CONFIG_WRONG_TYPE' : 'CONFIG_BAD_VALUE';
  const field = words.fields[fieldName(path, words)];
  const shown = shownValue(path, found);
  if (keyword === 'minLength') return { code, message: 'the text is empty' };
  if (keyword === 'minItems') return { code, message: 'the list is empty' };
  if (keyword === 'minProperties' && keysAt(path, words).length === 0)
    return { code, message: 'the map is empty' };
  if (keyword === 'minProperties' || keyword === 'maxProperties') {
    const amount = keyword === 'maxProperties' || path.length < 4 ? 'exactly' : 'at least';
    return { code, message: `needs ${amount} one of ${keysAt(path, words).join(', ')}` };
  }
  if (keyword === 'minimum' || keyword === 'maximum') {
    const word = keyword === 'minimum' ? 'less' : 'more';
    return { code, message: `${shown} is ${word} than ${String(params['limit'])}` };
  }
  const type = field?.type ?? typeNames(params['type']) ?? 'value of the right form';
  const hint = UNIT_HINTS[type] ?? exampleOf(field?.examples);
  const message =
    keyword === 'pattern' && type === 'text'
      ? `${shown} does not have the right form`
      : `${shown} is not ${article(type)}`;
  return { code, message, ...(hint !== undefined && { hint }) };
}

/** The keys that the map at a path can have. */
function keysAt(path: SourcePath, words: ListWords): readonly string[] {
  const { key, fields } = words;
  if (key !== null && path.length < 2) return [key];
  const name = fieldName(path, words);
  const prefix = name === '' ? '' : `${name}.`;
  return Object.keys(fields)
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length))
    .filter((name) => !name.includes('.'));
}

/** `ref.branch` of `sources[0].ref.branch`. */
function fieldName(path: SourcePath, { key }: Pick<ListWords, 'key'>): string {
  return path
    .slice(key === null ? 0 : 2)
    .filter((step) => typeof step === 'string')
    .join('.');
}
