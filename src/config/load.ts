import { realpathSync } from 'node:fs';
import type { Failure } from '../lib/failure.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type { ProjectSpec } from '../spec/types.ts';
import { checkProject, type LoadedApp } from './apps/check-project.ts';
import { checkEnvironment } from './apps/environment-name.ts';
import { findFiles, nothingIn, type FoundFile } from './read/find/find-files.ts';
import { createDisk } from './apps/inspect.ts';
import { LIMITS } from './read/limits.ts';
import {
  folderOf,
  loadApps,
  readingOf,
  type AppsContext,
  type HostChecks,
  type LoadedApps,
} from './apps/load-apps.ts';
import { projectNameOf } from './apps/project-name.ts';
import { readApps, type DeclaredFile } from './shape/read-apps.ts';
import { readDocuments } from './read/read-document.ts';
import { failureAt, type SourceDocument } from './read/source.ts';
import {
  clashWarnings,
  looseKeyWarnings,
  noEffectWarnings,
  noteWarnings,
  rootWarnings,
} from './apps/warnings.ts';

export interface LoadOptions {
  /** Paths of files or folders, or `-`; empty: the folder that the command runs in. */
  readonly files: readonly string[];
  /** The name given with `--env`, or null. */
  readonly env: string | null;
  /** The environment of the command: for `${VAR}`, `inherit_env`, PATH and HOME. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The folder that the command runs in, absolute. */
  readonly cwd: string;
  /** Processors of the host. */
  readonly cpus: number;
  /** The built child program that evaluates JavaScript (src/config/evaluate/main.ts). */
  readonly jsEvaluatorPath: string;
  readonly readStdin: () => Promise<string>;
  readonly hostChecks?: HostChecks;
}

export interface LoadedConfig {
  readonly projects: readonly ProjectSpec[];
  /** What is accepted and has no effect, with its place. */
  readonly warnings: readonly Failure[];
}

/** One document of a file after the schema, with its project and its specs. */
interface LoadedDocument {
  readonly found: FoundFile;
  readonly file: DeclaredFile;
  readonly project: string;
  readonly loaded: LoadedApps;
}

/** What came of one document, or of a file that gave none. */
interface Loading {
  readonly loaded: LoadedDocument | null;
  readonly failures: readonly Failure[];
}

/**
 * Reads ecosystem files into projects. Documents of the same project are merged, in the order given. Every error of every
 * file is reported together, each with its place; when there is one, there are no projects.
 */
export async function loadProjects(options: LoadOptions): Promise<Result<LoadedConfig, readonly Failure[]>> {
  const given = options.files.length === 0 ? [options.cwd] : options.files;
  const context: AppsContext = { ...options, disk: createDisk(), envFiles: new Map() };
  const found = distinct(given.map((name) => ({ name, files: findFiles(name, options.cwd) })));
  const read = (await Promise.all(found.map((part) => loadGiven(part, options, context)))).flat();
  const files = read.flatMap(({ loaded }) => (loaded === null ? [] : [loaded]));
  const projects = groupByProject(files);
  const isWhole = files.length === read.length;
  const failures = [
    ...read.flatMap((part) => part.failures),
    // What is missing may be in the file that could not be read.
    ...(isWhole ? [...projects.values()].flatMap((parts) => checkProject(parts.flatMap(appsOf))) : []),
    ...(isWhole
      ? checkEnvironment(
          options.env,
          files.flatMap(({ file }) => file.apps),
        )
      : []),
  ];
  if (failures.length > 0) return err(inOrder(failures).slice(0, LIMITS.failures));
  return ok({
    projects: [...projects].map(([project, parts]) => projectSpec(project, parts, options.env)),
    warnings: warningsOf(files),
  });
}

/** One argument of `-f`, with the files that it means. */
interface Given {
  readonly name: string;
  readonly files: Result<readonly FoundFile[], Failure>;
}

async function loadGiven(
  { name, files }: Given,
  options: LoadOptions,
  context: AppsContext,
): Promise<readonly Loading[]> {
  if (!files.ok) return [{ loaded: null, failures: [files.error] }];
  if (files.value.length === 0) return [];
  const loadings = (await Promise.all(files.value.map((file) => loadFile(file, options, context)))).flat();
  return loadings.length > 0 ? loadings : [{ loaded: null, failures: [nothingIn(name)] }];
}

async function loadFile(
  found: FoundFile,
  options: LoadOptions,
  context: AppsContext,
): Promise<readonly Loading[]> {
  const { documents, failures } = await readDocuments(found, options);
  if (documents.length === 0) return failures.length === 0 ? [] : [{ loaded: null, failures }];
  return documents.map((document, index) => {
    const { loaded, failures: more } = loadDocument(found, document, context);
    return { loaded, failures: index === 0 ? [...failures, ...more] : more };
  });
}

function loadDocument(found: FoundFile, document: SourceDocument, context: AppsContext): Loading {
  const fileDir = folderOf(found.path, context.cwd);
  const { file, failures: schema } = readApps(document, readingOf(fileDir, context));
  if (file === null) return { loaded: null, failures: schema };
  const loaded = loadApps(file.apps, fileDir, context);
  const project = projectOf(found, file, fileDir);
  const failures = [...schema, ...loaded.failures, ...(project.ok ? [] : [project.error])];
  return { loaded: { found, file, project: project.ok ? project.value : '', loaded }, failures };
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

/** By line, file after file. */
function inOrder(failures: readonly Failure[]): Failure[] {
  const files = [...new Set(failures.map(({ position }) => position?.file))];
  return failures.toSorted(
    (a, b) =>
      files.indexOf(a.position?.file) - files.indexOf(b.position?.file) ||
      (a.position?.line ?? 0) - (b.position?.line ?? 0) ||
      (a.position?.column ?? 0) - (b.position?.column ?? 0),
  );
}

function groupByProject(files: readonly LoadedDocument[]): ReadonlyMap<string, readonly LoadedDocument[]> {
  const groups = new Map<string, LoadedDocument[]>();
  for (const file of files) groups.set(file.project, [...(groups.get(file.project) ?? []), file]);
  return groups;
}

function appsOf({ loaded }: LoadedDocument): readonly LoadedApp[] {
  return loaded.apps;
}

function projectSpec(project: string, files: readonly LoadedDocument[], env: string | null): ProjectSpec {
  const apps = files.flatMap(appsOf).map(({ spec }) => spec);
  const paths = [...new Set(files.map(({ found }) => found.path))];
  const realFiles = paths.map(withoutLinks);
  const source = {
    files: paths,
    env,
    ...(paths.some((path, index) => path !== realFiles[index]) && { realFiles }),
    ...(files.every(({ file }) => file.rootKeys.includes('project')) && { named: true as const }),
  };
  return { project, ...movedOf(project, files), source, apps };
}

/** Only what was called otherwise. */
function movedOf(project: string, files: readonly LoadedDocument[]): Pick<ProjectSpec, 'moved'> {
  const [from] = files.flatMap(({ file: { movedFrom } }) => (movedFrom === null ? [] : [movedFrom]));
  const apps = files.flatMap(appsOf).flatMap(({ declared: { app }, spec }) => {
    const before = app.moved?.from;
    return before === undefined || before === spec.name ? [] : [[spec.name, before] as const];
  });
  const moved = {
    ...(from !== undefined && from !== project && { from }),
    ...(apps.length > 0 && { apps: Object.fromEntries(apps) }),
  };
  return Object.keys(moved).length === 0 ? {} : { moved };
}

function withoutLinks(path: string): string {
  if (path === '-') return path;
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function warningsOf(files: readonly LoadedDocument[]): readonly Failure[] {
  return files.flatMap(({ file, loaded }) => [
    ...file.warnings,
    ...rootWarnings(file),
    ...looseKeyWarnings(file),
    ...clashWarnings(loaded.apps),
    ...noteWarnings(loaded.notes),
    ...loaded.warnings,
    ...noEffectWarnings(loaded.apps),
  ]);
}
