import type { Failure } from '../lib/failure.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type { ReadFrom } from '../spec/read-from/read-from.ts';
import { appKey, type AppKey } from '../lib/app-key.ts';
import type { ProjectSpec, UnreadVariables } from '../spec/types.ts';
import { checkProject, type LoadedApp } from './apps/check-project.ts';
import { checkEnvironment } from './apps/environment-name.ts';
import { createDisk } from './apps/inspect.ts';
import { createInputs } from './inputs/inputs.ts';
import {
  clashWarnings,
  looseKeyWarnings,
  noEffectWarnings,
  noteWarnings,
  projectEnvWarnings,
  rootWarnings,
} from './apps/warnings.ts';
import { loadFile, type LoadContext, type LoadedDocument, type Loading } from './load-document.ts';
import { loadMerged } from './load-merged.ts';
import type { LoadOptions } from './load-options.ts';
import { projectSpec } from './project-spec.ts';
import { readFrom, type Read } from './read-from.ts';
import { findFiles, nothingIn, type FoundFile } from './read/find/find-files.ts';
import { inOrder } from './read/in-order.ts';
import { LIMITS } from './read/limits.ts';
import { givenVars, unknownVars } from './variants/resolve.ts';

export interface LoadedConfig {
  readonly projects: readonly ProjectSpec[];
  /** By project: what each was read from. */
  readonly readFrom: Readonly<Record<string, ReadFrom>>;
  /** What is accepted and has no effect, with its place. */
  readonly warnings: readonly Failure[];
  /** Apps of which not all variables are known, because files of them are not here (`hostChecks: skip`). */
  readonly unread: Readonly<Record<AppKey, UnreadVariables>>;
}

/**
 * Reads ecosystem files into projects. Documents of the same project are merged, in the order given. Every error of every
 * file is reported together, each with its place; when there is one, there are no projects.
 */
export async function loadProjects(options: LoadOptions): Promise<Result<LoadedConfig, readonly Failure[]>> {
  const read = { digests: new Map<string, string>(), envFiles: new Map() satisfies Read['envFiles'] };
  const { inputs = createInputs(options) } = options;
  const loaded = await loadDocuments({ ...options, inputs }, read);
  if (!loaded.ok) return loaded;
  const files = loaded.value;
  const projects = [...groupByProject(files)];
  const lines = { env: options.env, cwd: options.cwd, home: options.environment['HOME'] ?? null };
  return ok({
    projects: projects.map(([project, parts]) =>
      projectSpec(project, parts, { ...options, ask: inputs.ask }),
    ),
    readFrom: Object.fromEntries(
      projects.map(([project, parts]) => [project, readFrom(parts, files, { ...read, lines })] as const),
    ),
    warnings: warningsOf(files),
    unread: Object.fromEntries(
      files.flatMap(({ project, loaded }) =>
        loaded.apps.flatMap(({ spec, unread }) =>
          unread === undefined ? [] : [[appKey(project, spec.name), unread] as const],
        ),
      ),
    ),
  });
}

/** The same, before it becomes projects: every value still knows its place. */
export async function loadDocuments(
  options: LoadOptions,
  read: Pick<LoadContext, 'digests' | 'envFiles'> = { envFiles: new Map() },
): Promise<Result<readonly LoadedDocument[], readonly Failure[]>> {
  const given = options.files.length === 0 ? [options.cwd] : options.files;
  const vars = givenVars(options.vars ?? {});
  const { inputs = createInputs(options) } = options;
  const context: LoadContext = {
    ...options,
    inputs,
    environment: inputs.environment,
    cpus: inputs.ask('processors', ''),
    disk: createDisk(inputs),
    ...read,
    given: vars,
    knownVars: new Set(),
  };
  const loadings =
    options.merge === true && given.length > 1
      ? [await loadMerged(given, context)]
      : await loadEach(given, context);
  for (const path of context.envFiles.keys()) options.onRead?.(path);
  const files = loadings.flatMap(({ loaded }) => (loaded === null ? [] : [loaded]));
  const projects = groupByProject(files);
  const isWhole = files.length === loadings.length;
  const apps = files.flatMap(({ file }) => file.apps);
  const variables = files.map(({ file }) => file.variables);
  const failures = [
    ...loadings.flatMap((part) => part.failures),
    // What is missing may be in the file that could not be read.
    ...(isWhole ? [...projects.values()].flatMap((parts) => checkProject(parts.flatMap(appsOf))) : []),
    ...(isWhole ? checkEnvironment(options.env, apps, variables) : []),
    ...(isWhole ? unknownVars(vars, context.knownVars) : []),
  ];
  return failures.length > 0 ? err(inOrder(failures).slice(0, LIMITS.failures)) : ok(files);
}

async function loadEach(given: readonly string[], context: LoadContext): Promise<readonly Loading[]> {
  const found = distinct(
    given.map((name) => ({ name, files: findFiles(name, context.cwd, context.inputs?.ask) })),
  );
  return (await Promise.all(found.map((part) => loadGiven(part, context)))).flat();
}

/** One argument of `-f`, with the files that it means. */
interface Given {
  readonly name: string;
  readonly files: Result<readonly FoundFile[], Failure>;
}

async function loadGiven({ name, files }: Given, context: LoadContext): Promise<readonly Loading[]> {
  if (!files.ok) return [{ loaded: null, failures: [files.error] }];
  if (files.value.length === 0) return [];
  const loadings = (await Promise.all(files.value.map((file) => loadFile(file, context)))).flat();
  return loadings.length > 0 ? loadings : [{ loaded: null, failures: [nothingIn(name)] }];
}

/** A file that is given twice, also by the name of its folder, is read once. */
function distinct(given: readonly Given[]): readonly Given[] {
  const seen = new Set<string>();
  return given.map(({ name, files }) => {
    if (!files.ok) return { name, files };
    const fresh = files.value.filter(({ path }) => !seen.has(path));
    for (const { path } of fresh) seen.add(path);
    return { name, files: ok(fresh) };
  });
}

function groupByProject(files: readonly LoadedDocument[]): ReadonlyMap<string, readonly LoadedDocument[]> {
  const groups = new Map<string, LoadedDocument[]>();
  for (const file of files) groups.set(file.project, [...(groups.get(file.project) ?? []), file]);
  return groups;
}

function appsOf({ loaded }: LoadedDocument): readonly LoadedApp[] {
  return loaded.apps;
}

function warningsOf(files: readonly LoadedDocument[]): readonly Failure[] {
  return files.flatMap(({ file, loaded }) => [
    ...file.warnings,
    ...rootWarnings(file),
    ...projectEnvWarnings(file),
    ...looseKeyWarnings(file),
    ...clashWarnings(loaded.apps),
    ...noteWarnings(loaded.notes),
    ...loaded.warnings,
    ...noEffectWarnings(loaded.apps),
  ]);
}
