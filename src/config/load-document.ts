import { join } from 'node:path';
import type { Failure } from '../lib/failure.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { folderOf, loadApps, readingOf, type AppsContext, type LoadedApps } from './apps/load-apps.ts';
import { projectNameOf } from './apps/project-name.ts';
import { findFiles, type FoundFile } from './read/find/find-files.ts';
import { readDocuments, type ReadOptions } from './read/read-document.ts';
import { withoutSession } from './apps/whole-environment.ts';
import { failureAt, locate, type SourceDocument } from './read/source.ts';
import { readApps, type DeclaredFile } from './shape/read-apps.ts';
import type { Budget } from './variants/budget.ts';
import type { OtherFile } from './variants/extend.ts';
import { resolveVariants } from './variants/resolve.ts';
import type { Vars } from './variants/vars.ts';

/** What every file of one load is read with. */
export interface LoadContext extends AppsContext, ReadOptions {
  /** The values of `--var`. */
  readonly given: Vars;
  /** Names that some file has under `vars`. */
  readonly knownVars: Set<string>;
}

/** Where a document comes from. */
export interface Origin {
  readonly found: FoundFile;
  /** Files that were merged over it, in this order. */
  readonly over: readonly FoundFile[];
  /** What merging them has taken. */
  readonly budget?: Budget;
}

/** One document of a file after the schema, with its project and its specs. */
export interface LoadedDocument extends Pick<Origin, 'found' | 'over'> {
  readonly file: DeclaredFile;
  readonly project: string;
  readonly loaded: LoadedApps;
}

/** What came of one document, or of a file that gave none. */
export interface Loading {
  readonly loaded: LoadedDocument | null;
  readonly failures: readonly Failure[];
}

/** Every document of one file. */
export async function loadFile(found: FoundFile, context: LoadContext): Promise<readonly Loading[]> {
  const { documents, failures } = await readDocuments(found, context);
  if (documents.length === 0) return failures.length === 0 ? [] : [{ loaded: null, failures }];
  const loadings: Loading[] = [];
  for (const [index, document] of documents.entries()) {
    const { loaded, failures: more } = await loadDocument({ found, over: [] }, document, context);
    loadings.push({ loaded, failures: index === 0 ? [...failures, ...more] : more });
  }
  return loadings;
}

/** One document, whatever it is put together of, as apps of a project. */
export async function loadDocument(
  { found, over, budget }: Origin,
  written: SourceDocument,
  context: LoadContext,
): Promise<Loading> {
  const fileDir = folderOf(found.path, context.cwd);
  const path = found.path === '-' ? join(context.cwd, '-') : found.path;
  const { document, failures: early } = await resolveVariants(
    { document: written, path },
    {
      environment: context.environment,
      vars: context.given,
      knownVars: context.knownVars,
      readFile: (shown) => readOther(shown, context),
      ...(budget !== undefined && { budget }),
    },
  );
  const { file, failures: schema } = readApps(document, readingOf(fileDir, context));
  if (file === null) return { loaded: null, failures: [...early, ...schema] };
  const { variables: projectEnv, notes } = projectVariables(file, context);
  const loaded = loadApps(file.apps, fileDir, { ...context, projectEnv });
  const project = projectOf(found, file, fileDir);
  const failures = [...early, ...schema, ...loaded.failures, ...(project.ok ? [] : [project.error])];
  return {
    loaded: {
      found,
      over,
      file: { ...file, variables: projectEnv, warnings: [...file.warnings, ...notes] },
      project: project.ok ? project.value : '',
      loaded,
    },
    failures: document.isLayered === true ? withoutRepeats(failures) : failures,
  };
}

/** A file that an app extends an app of. */
async function readOther(shown: string, context: LoadContext): Promise<OtherFile | readonly Failure[]> {
  const found = findFiles(shown, context.cwd, context.inputs?.ask);
  if (!found.ok) return [found.error];
  const [file, ...others] = found.value;
  const whole = (message: string, hint: string): readonly Failure[] => [
    { code: 'CONFIG_UNREADABLE', message, hint, position: { file: shown } },
  ];
  if (file === undefined || others.length > 0 || file.isGuess || file.shown !== shown) {
    return whole(`${shown} is a folder, or several files`, 'name the one file that declares the app');
  }
  const { documents, failures } = await readDocuments(file, context);
  if (failures.length > 0) return failures;
  const [document, ...more] = documents;
  if (document === undefined)
    return whole(`${shown} declares nothing`, 'name the file that declares the app');
  if (more.length === 0) return { document, path: file.path };
  return whole(`${shown} has several documents (---)`, 'put the app into a file of its own');
}

/** The variables of the project, without what belongs to the session of whoever typed the command. */
function projectVariables(
  { document, variables }: DeclaredFile,
  { environment }: LoadContext,
): { readonly variables: DeclaredFile['variables']; readonly notes: readonly Failure[] } {
  const { app, notes } = withoutSession({ script: '', ...variables }, document.expands ? {} : environment);
  const kept = Object.entries(app).filter(([key]) => key !== 'script');
  return {
    variables: Object.fromEntries(kept) as DeclaredFile['variables'],
    notes: notes.map(({ path, code, message, hint }) =>
      failureAt(document, locate(document.root, path, 'key'), {
        code,
        message: `${path.join('.')}: ${message}`,
        ...(hint !== undefined && { hint }),
      }),
    ),
  };
}

/** What is wrong at one place is said once, however many apps have it from there. */
function withoutRepeats(failures: readonly Failure[]): readonly Failure[] {
  const seen = new Set<string>();
  return failures.filter(({ code, position, message }) => {
    const { file, line, column } = position ?? {};
    const place = line === undefined ? [file, message] : [file, line, column];
    const id = JSON.stringify([code, ...place]);
    if (seen.has(id)) return false;
    seen.add(id);
    return true;
  });
}

function projectOf(found: FoundFile, file: DeclaredFile, fileDir: string): Result<string, Failure> {
  if (file.rootKeys.includes('project')) return ok(file.project ?? '');
  const name = found.path === '-' ? null : projectNameOf(fileDir);
  if (name !== null) return ok(name);
  const where = found.path === '-' ? 'standard input' : `the folder ${fileDir}`;
  const message = `${where} gives the project no name`;
  const hint = 'write `project: NAME` at the top of the file';
  return err(failureAt(file.document, null, { code: 'CONFIG_MISSING_KEY', message, hint }));
}
