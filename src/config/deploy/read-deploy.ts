import { dirname, relative } from 'node:path';
import { existsSync } from 'node:fs';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { findFiles } from '../read/find/find-files.ts';
import { readDocuments, type ReadOptions } from '../read/read-document.ts';
import { failureAt, locate, nodeAt, type SourceDocument, type SourceNode } from '../read/source.ts';

/** The section `deploy` of an ecosystem file, as it is written: hooks are for a shell, so no variable is expanded. */
export interface DeploySection {
  /** Of the file, absolute. */
  readonly path: string;
  /** Its path in the repository that it lies in; its name, where it lies in none. */
  readonly inRepository: string;
  readonly names: readonly string[];
  readonly settings: Readonly<Record<string, unknown>>;
  /** Whether an app of the file has variables for an environment of this name. */
  readonly hasEnvironment: (name: string) => boolean;
  /** A failure at a key below the environment that was asked for. */
  readonly failureAt: (
    path: readonly (string | number)[],
    what: Pick<Failure, 'message' | 'hint'>,
  ) => Failure;
}

/** Reads the settings of one environment. Fails where the file, the section or the environment is missing. */
export async function readDeploy(
  given: string,
  environment: string,
  options: ReadOptions & { readonly cwd: string },
): Promise<Result<DeploySection, readonly Failure[]>> {
  const found = findFiles(given, options.cwd);
  if (!found.ok) return err([found.error]);
  const [file] = found.value;
  if (file === undefined)
    return err([missing(given, 'there is no ecosystem file here', 'name it: stateward deploy FILE ENV')]);
  const { documents, failures } = await readDocuments(file, options);
  if (failures.length > 0) return err(failures);
  const document = documents.find(({ root }) => nodeAt(root, ['deploy']) !== undefined);
  const section = document === undefined ? undefined : valueOf(nodeAt(document.root, ['deploy']));
  if (document === undefined || !isMap(section)) {
    return err([
      missing(
        file.shown,
        'the file has no `deploy`',
        'write `deploy: { production: { host, repo, path, ref } }`',
      ),
    ]);
  }
  const names = Object.keys(section);
  const settings = section[environment];
  const at = (path: readonly (string | number)[], what: Pick<Failure, 'message' | 'hint'>): Failure =>
    failureAt(document, locate(document.root, ['deploy', environment, ...path], 'value'), {
      code: 'CONFIG_BAD_VALUE',
      message: `deploy.${[environment, ...path].join('.')}: ${what.message}`,
      ...(what.hint !== undefined && { hint: what.hint }),
    });
  if (!isMap(settings)) {
    const hint = `known are ${names.join(', ')}`;
    return err([
      missing(file.shown, `the file has no deploy.${environment}`, names.length === 0 ? 'it has none' : hint),
    ]);
  }
  return ok({
    path: file.path,
    inRepository: placeInRepository(file.path),
    names,
    settings,
    hasEnvironment: (name) => hasKey(document, `env_${name}`),
    failureAt: at,
  });
}

function missing(file: string, message: string, hint: string): Failure {
  return { code: 'CONFIG_MISSING_KEY', message, hint, position: { file } };
}

/** Upwards to the folder with `.git`. */
function placeInRepository(path: string): string {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (existsSync(`${folder}/.git`)) return relative(folder, path);
    if (folder === dirname(folder)) return relative(dirname(path), path);
  }
}

function hasKey({ root }: SourceDocument, key: string): boolean {
  const found = (node: SourceNode): boolean =>
    node.kind === 'map'
      ? node.entries.has(key) || [...node.entries.values()].some(({ value }) => found(value))
      : node.kind === 'list' && node.items.some(found);
  const apps = nodeAt(root, ['apps']) ?? nodeAt(root, ['pm2']);
  return apps !== undefined && found(apps);
}

function valueOf(node: SourceNode | undefined): unknown {
  switch (node?.kind) {
    case undefined:
      return undefined;
    case 'scalar':
      return node.value;
    case 'list':
      return node.items.map(valueOf);
    case 'map':
      return Object.fromEntries([...node.entries].map(([key, { value }]) => [key, valueOf(value)]));
  }
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
