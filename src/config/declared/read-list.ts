import { dirname, resolve } from 'node:path';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { ValidationError } from '../generated/validate-sources.js';
import { inOrder } from '../read/in-order.ts';
import { LIMITS } from '../read/limits.ts';
import { readDocuments, type ReadOptions } from '../read/read-document.ts';
import { failureAt, locate, type SourceDocument, type SourcePath } from '../read/source.ts';
import { pathText } from '../shape/declared-app.ts';
import { toValue } from '../shape/to-value.ts';
import { findDuplicates, type FoundItem } from './duplicates.ts';
import { itemProblems, type FieldTable } from './item-problems.ts';
import type { FileContext, Problem } from './problem.ts';

/** A file that declares a list of named items under one key, checked as a whole: what it is made of. */
export interface DeclaredList<Item, Spec extends { readonly name: string }> {
  /** The key of the list, and what its items are called: `sources`. */
  readonly key: string;
  /** Generated from the schema of the file. */
  readonly fields: FieldTable;
  readonly validate: { (value: unknown): boolean; errors?: readonly ValidationError[] | null };
  /** An item that the schema takes, with everything that the schema cannot say of it checked. */
  readonly normalise: (item: Item, context: FileContext) => Result<Spec, readonly Problem[]>;
}

export interface ReadListOptions extends Pick<ReadOptions, 'environment' | 'readStdin'> {
  /** The folder that the command runs in, absolute. */
  readonly cwd: string;
  readonly home: string | null;
}

/** Reads files (or `-`) that declare items. Every error in them is reported, each with its place. */
export async function readList<Item, Spec extends { readonly name: string }>(
  files: readonly string[],
  list: DeclaredList<Item, Spec>,
  options: ReadListOptions,
): Promise<Result<readonly Spec[], readonly Failure[]>> {
  const read = await Promise.all(files.map((file) => readFile(file, list, options)));
  const found = read.flatMap((part) => part.found);
  const failures = [...read.flatMap((part) => part.failures), ...findDuplicates(found, list.key)];
  return failures.length > 0
    ? err(inOrder(failures).slice(0, LIMITS.failures))
    : ok(found.map(({ spec }) => spec));
}

/** What a file, or one document of it, declares. */
interface ReadFile<Spec> {
  readonly found: readonly FoundItem<Spec>[];
  readonly failures: readonly Failure[];
}

async function readFile<Item, Spec extends { readonly name: string }>(
  file: string,
  list: DeclaredList<Item, Spec>,
  options: ReadListOptions,
): Promise<ReadFile<Spec>> {
  const { cwd, environment, readStdin } = options;
  const isStdin = file === '-';
  const path = isStdin ? '-' : resolve(cwd, file);
  const { documents, failures } = await readDocuments(
    {
      path,
      shown: isStdin ? '<stdin>' : file,
      format: isStdin ? 'stdin' : /\.json[c5]?$/.test(file) ? 'json' : 'yaml',
      isGuess: false,
    },
    { env: null, environment, jsEvaluatorPath: '', readStdin },
  );
  const folder = isStdin ? cwd : dirname(path);
  const read = documents.map((document) => readOne(document, list, { folder, ...options }));
  return {
    found: read.flatMap(({ found }) => found),
    failures: [...failures, ...read.flatMap((part) => part.failures)],
  };
}

function readOne<Item, Spec extends { readonly name: string }>(
  document: SourceDocument,
  list: DeclaredList<Item, Spec>,
  context: FileContext,
): ReadFile<Spec> {
  const { key, fields, validate, normalise } = list;
  const { value, failures } = toValue(document, context.environment, new Set());
  if (value === null && failures.length > 0) return { found: [], failures };
  const problems = validate(value) ? [] : itemProblems(validate.errors ?? [], value, { key, fields });
  const wrong = problems.map(({ path, target, ...what }) => {
    const label = pathText(path);
    const message = label === '' ? what.message : `${label}: ${what.message}`;
    return failureAt(document, locate(document.root, path, target), { ...what, message });
  });
  // Of the others, what the schema cannot say is told too.
  const bad = new Set(problems.map(({ path }) => path[1]));
  const isList = problems.every(({ path }) => path.length > 1);
  const items = isList ? (value as Readonly<Record<string, readonly Item[]>>)[key] : [];
  const found: FoundItem<Spec>[] = [];
  const told: Failure[] = [];
  for (const [index, item] of (items ?? []).entries()) {
    if (bad.has(index)) continue;
    const path = [key, index];
    const read = normalise(item, context);
    if (read.ok) found.push({ spec: read.value, document, path });
    else told.push(...read.error.map((problem) => failureOf(problem, document, path)));
  }
  return { found, failures: [...failures, ...wrong, ...told] };
}

function failureOf(
  { path, target = 'value', message, hint }: Problem,
  document: SourceDocument,
  of: SourcePath,
): Failure {
  const whole = [...of, ...path];
  const code = path.length === 0 ? 'CONFIG_MISSING_KEY' : 'CONFIG_BAD_VALUE';
  const text = `${pathText(whole)}: ${message}`;
  const at = locate(document.root, whole, target);
  return failureAt(document, at, { code, message: text, ...(hint !== undefined && { hint }) });
}
