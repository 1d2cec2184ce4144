import { realpathSync } from 'node:fs';
import type { LoadedDocument } from '../../config/load-document.ts';
import type { FoundFile } from '../../config/read/find/find-files.ts';
import type { ProjectSource } from '../../spec/types.ts';
import { applyRequest } from '../declare/applying.ts';
import { readDeclared, readDocumentsDeclared, type Declared } from '../declare/project-files.ts';
import type { OfflineApi } from '../session/api.ts';
import type { CliContext } from '../session/context.ts';
import { readFlagged } from './read-flagged.ts';
import { secretVars, type FileFlags, type Variants } from './variants.ts';

interface Asking {
  readonly api: Pick<OfflineApi, 'apps' | 'plan'>;
  readonly context: CliContext;
}

/** What the files of a project declare now, varied as they were when it was applied. `secret`: stands for secrets. */
export function readAgain(source: ProjectSource, context: CliContext, secret: string): Promise<Declared> {
  const { files, over = [] } = source;
  const options = { ...variantsAgain(source, secret), hostChecks: 'warn' } as const;
  return readDeclared([...files, ...over], source.env ?? undefined, context, options);
}

/** The same before it becomes projects: with the place of every value. */
export function readDocumentsAgain(
  source: ProjectSource,
  context: CliContext,
  secret: string,
): Promise<readonly LoadedDocument[]> {
  const { files, over = [] } = source;
  const options = { ...variantsAgain(source, secret), hostChecks: 'warn' } as const;
  return readDocumentsDeclared([...files, ...over], source.env ?? undefined, context, options);
}

function variantsAgain(source: ProjectSource, secret: string): Variants {
  const hidden = secretVars(source).map((name) => [name, secret] as const);
  return { merge: (source.over ?? []).length > 0, vars: { ...source.vars, ...Object.fromEntries(hidden) } };
}

/**
 * What files declare, for commands that only ask which apps these are. Where no flag says how to read it, a file is read as
 * it was applied: with the files that were merged over it and its variables.
 */
export async function readAsApplied(
  files: readonly string[],
  { env, merge = false, var: given }: Partial<FileFlags>,
  { api, context }: Asking,
): Promise<Declared> {
  const flags = { env, merge, var: given };
  if (merge || given !== undefined || env !== undefined || files.includes('-')) {
    return readFlagged(files, flags, context);
  }
  const { findFiles } = await import('../../config/read/find/find-files.ts');
  const found = files.map((name) => findFiles(name, context.cwd));
  const there = found.flatMap((result) => (result.ok ? result.value : []));
  const sources = found.every(({ ok }) => ok) ? await recordedSources(api) : [];
  const varied = sources.filter(
    (source) => isVaried(source) && there.some((file) => isOf(file, source.files)),
  );
  if (varied.length === 0) return readFlagged(files, flags, context);
  const isCovered = (file: FoundFile): boolean =>
    varied.some((source) => isOf(file, [...source.files, ...(source.over ?? [])]));
  const isMeant = (file: FoundFile): boolean =>
    !file.isGuess || sources.some((source) => isOf(file, source.files));
  const others = there.filter((file) => !isCovered(file) && isMeant(file)).map(({ path }) => path);
  const parts = await Promise.all([
    ...varied.map((source) => readAgain(source, context, 'secret')),
    ...(others.length === 0 ? [] : [readFlagged(others, flags, context)]),
  ]);
  return {
    files,
    projects: parts.flatMap(({ projects }) => projects),
    warnings: parts.flatMap(({ warnings }) => warnings),
  };
}

function isVaried({ files, over = [], vars = {} }: ProjectSource): boolean {
  return files.length === 1 && (over.length > 0 || Object.keys(vars).length > 0);
}

function isOf({ path }: FoundFile, files: readonly string[]): boolean {
  return files.some((file) => file === path || withoutLinks(file) === withoutLinks(path));
}

function withoutLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Where the projects of the home were declared: a plan of nothing says it. */
async function recordedSources(api: Asking['api']): Promise<readonly ProjectSource[]> {
  const apps = await api.apps({ selectors: [], spec: 'none', detail: 'brief' });
  const names = apps.ok ? [...new Set(apps.value.items.map(({ project }) => project))] : [];
  if (names.length === 0) return [];
  const projects = names.map((project) => ({ project, source: { files: [], env: null }, apps: [] }));
  const plan = await api.plan({ ...applyRequest(projects, '', { prune: false }), code: 'leave' });
  return plan.ok ? plan.value.projects.flatMap(({ sourceBefore }) => sourceBefore ?? []) : [];
}
