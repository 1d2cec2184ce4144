import { dirname, resolve } from 'node:path';
import { findDuplicates, type FoundSource } from './duplicates.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { SourceSpec } from '../../sources/model/source.ts';
import type { Sources } from '../generated/sources-file.ts';
import { validate } from '../generated/validate-sources.js';
import { inOrder } from '../read/in-order.ts';
import { LIMITS } from '../read/limits.ts';
import { readDocuments, type ReadOptions } from '../read/read-document.ts';
import { failureAt, locate, type SourceDocument } from '../read/source.ts';
import { pathText } from '../shape/declared-app.ts';
import { toValue } from '../shape/to-value.ts';
import { normalised } from './normalise-source.ts';
import type { SourceContext } from './problem.ts';
import { sourceProblems } from './source-problems.ts';

export interface ReadSourcesOptions extends Pick<ReadOptions, 'environment' | 'readStdin'> {
  /** The folder that the command runs in, absolute. */
  readonly cwd: string;
  readonly home: string | null;
}

/** Reads files (or `-`) that declare sources. Every error in them is reported, each with its place. */
export async function readSources(
  files: readonly string[],
  options: ReadSourcesOptions,
): Promise<Result<readonly SourceSpec[], readonly Failure[]>> {
  const read = await Promise.all(files.map((file) => readFile(file, options)));
  const found = read.flatMap((part) => part.found);
  const failures = [...read.flatMap((part) => part.failures), ...findDuplicates(found)];
  return failures.length > 0
    ? err(inOrder(failures).slice(0, LIMITS.failures))
    : ok(found.map(({ spec }) => spec));
}

async function readFile(file: string, options: ReadSourcesOptions): Promise<ReadFile> {
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
  const read = documents.map((document) => readOne(document, { folder, ...options }));
  return {
    found: read.flatMap(({ found }) => found),
    failures: [...failures, ...read.flatMap((part) => part.failures)],
  };
}

/** What a file, or one document of it, declares. */
interface ReadFile {
  readonly found: readonly FoundSource[];
  readonly failures: readonly Failure[];
}

function readOne(document: SourceDocument, context: SourceContext): ReadFile {
  const { value, failures } = toValue(document, context.environment, new Set());
  if (value === null && failures.length > 0) return { found: [], failures };
  const problems = validate(value) ? [] : sourceProblems(validate.errors ?? [], value);
  const wrong = problems.map(({ path, target, ...what }) => {
    const label = pathText(path);
    const message = label === '' ? what.message : `${label}: ${what.message}`;
    return failureAt(document, locate(document.root, path, target), { ...what, message });
  });
  // Of the others, what the schema cannot say is told too.
  const bad = new Set(problems.map(({ path }) => path[1]));
  const isList = problems.every(({ path }) => path.length > 1);
  const sources = isList ? (value as Sources).sources : [];
  const parts = sources.flatMap((source, index) =>
    bad.has(index) ? [] : [normalised(source, { document, path: ['sources', index] }, context)],
  );
  return {
    found: parts.flatMap((part) => (part.ok ? [part.value] : [])),
    failures: [...failures, ...wrong, ...parts.flatMap((part) => (part.ok ? [] : part.error))],
  };
}
