import type { Failure } from '../lib/failure.ts';
import { LIMITS } from './read/limits.ts';
import { findFiles, type FoundFile } from './read/find/find-files.ts';
import { readDocuments } from './read/read-document.ts';
import type { SourceDocument } from './read/source.ts';
import { loadDocument, type LoadContext, type Loading } from './load-document.ts';
import { mergeFiles } from './variants/merge-files.ts';

/** A file that is laid over another, or what is wrong with it. */
type Part = { readonly found: FoundFile; readonly document: SourceDocument } | readonly Failure[];

/** `--merge`: files as one declaration, each over those before it. The first one is where it comes from. */
export async function loadMerged(given: readonly string[], context: LoadContext): Promise<Loading> {
  if (given.length > LIMITS.files) {
    const message = `--merge takes at most ${LIMITS.files} files`;
    return { loaded: null, failures: [{ code: 'CONFIG_TOO_LARGE', message }] };
  }
  const files = given.map((name) => oneFile(name, context));
  const twice = repeated(files);
  // Standard input is read once, whoever asks first.
  const parts: Part[] = [];
  for (const file of files) parts.push('path' in file ? await readPart(file, context) : file);
  const failures = [...twice, ...parts.flatMap((part) => ('found' in part ? [] : part))];
  const layers = parts.flatMap((part) => ('found' in part ? [part] : []));
  const [first, ...over] = layers;
  if (failures.length > 0 || first === undefined) return { loaded: null, failures };
  const documents = layers.map(({ document }) => document);
  const merged = mergeFiles(documents, { environment: context.environment, vars: context.given });
  if (merged.document === null) return { loaded: null, failures: merged.failures };
  const { budget } = merged;
  const origin = { found: first.found, over: over.map(({ found }) => found), budget };
  const { loaded, failures: more } = await loadDocument(origin, merged.document, context);
  return { loaded, failures: [...merged.failures, ...more] };
}

function oneFile(name: string, { cwd, inputs }: LoadContext): FoundFile | readonly Failure[] {
  const found = findFiles(name, cwd, inputs?.ask);
  if (!found.ok) return [found.error];
  const [file, ...others] = found.value;
  if (file !== undefined && others.length === 0 && file.shown === (file.path === '-' ? '<stdin>' : name)) {
    return file;
  }
  return [
    refusal(name, `${name} is a folder, and --merge takes files`, 'name each file with -f, the lowest first'),
  ];
}

/** A file over itself is a slip: `!append` would add to its own lists. */
function repeated(files: readonly (FoundFile | readonly Failure[])[]): readonly Failure[] {
  const seen = new Set<string>();
  return files.flatMap((file) => {
    if (!('path' in file)) return [];
    if (!seen.has(file.path)) {
      seen.add(file.path);
      return [];
    }
    return [refusal(file.shown, `${file.shown} is given twice`, 'name each file once, the lowest first')];
  });
}

async function readPart(found: FoundFile, context: LoadContext): Promise<Part> {
  const { documents, failures } = await readDocuments(found, context);
  const [document, ...others] = documents;
  if (failures.length > 0 || document === undefined) return failures;
  if (others.length === 0) return { found, document };
  const hint = 'put each document (---) into a file of its own';
  return [refusal(found.shown, `${found.shown} has several documents, and one is merged`, hint)];
}

function refusal(file: string, message: string, hint: string): Failure {
  return { code: 'CONFIG_MERGE', message, hint, position: { file } };
}
