import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { FILE_NAMES, SHOWN_NAMES } from '../../config/read/find/file-names.ts';
import type { HostChecks } from '../../config/apps/load-apps.ts';
import { askDisk, createInputs, type Inputs } from '../../config/inputs/inputs.ts';
import type { LoadedDocument } from '../../config/load-document.ts';

import type { LoadOptions } from '../../config/load-options.ts';
import type { Failure } from '../../lib/failure.ts';
import type { Result } from '../../lib/result.ts';
import { FailureError } from '../../lib/failure.ts';
import type { ReadFrom } from '../../spec/read-from/read-from.ts';
import type { AppKey } from '../../lib/app-key.ts';
import type { ProjectSpec, UnreadVariables } from '../../spec/types.ts';
import type { Reading } from '../fast/unchanged/declared-record.ts';
import type { CliContext } from '../session/context.ts';
import type { Variants } from '../variants/variants.ts';

export { whoAmI } from '../fast/who-am-i.ts';

export interface Declared {
  readonly files: readonly string[];
  readonly projects: readonly ProjectSpec[];
  readonly warnings: readonly Failure[];
  /** By project: what each was read from; absent: it is not for an apply. */
  readonly readFrom?: Readonly<Record<string, ReadFrom>> | undefined;
  /** Apps of which not all variables are known here. */
  readonly unread?: Readonly<Record<AppKey, UnreadVariables>>;
  /** How they were read, and what that has asked; absent: they were varied, or are for another host. */
  readonly read?: { readonly reading: Reading; readonly inputs: Inputs } | undefined;
}

/** The ecosystem files that a command is about. */
interface FilesMeant {
  readonly files: readonly string[];
  /** Found beside the one that is taken where none is named. */
  readonly passedOver: readonly string[];
}

/** Those given, else the first default name that exists. Throws. */
function filesMeant(
  given: readonly string[] | undefined,
  folder: () => string,
  ask: Inputs['ask'],
): FilesMeant {
  if (given !== undefined && given.length > 0) return { files: given, passedOver: [] };
  const cwd = folder();
  const isThere = (name: string): boolean => {
    const found = ask('kind', join(cwd, name));
    return 'kind' in found && found.kind === 'file';
  };
  const [found, ...passedOver] = FILE_NAMES.filter(isThere);
  if (found !== undefined) return { files: [found], passedOver };
  const alike = namesAlike(cwd);
  throw new FailureError({
    code: 'CONFIG_NOT_FOUND',
    message: `there is no ecosystem file in ${cwd}`,
    hint:
      alike.length > 0
        ? `name the file with --file: ${alike.join(', ')}`
        : `name one with --file, or write ecosystem.yaml (also looked for: ${SHOWN_NAMES})`,
  });
}

/** Files that may be meant though they have another name: ecosystem.prod.config.js. */
function namesAlike(cwd: string): readonly string[] {
  try {
    const names = readdirSync(cwd).toSorted();
    return names.filter((name) => /ecosystem|pm2/i.test(name) && !name.startsWith('.')).slice(0, 5);
  } catch {
    return [];
  }
}

/** The warning about a second file, which a plan alone does not show. */
function passedOverWarning({ files, passedOver }: FilesMeant): readonly Failure[] {
  const [other, ...more] = passedOver;
  if (other === undefined) return [];
  const [taken = ''] = files;
  return [
    {
      code: 'CONFIG_NO_EFFECT',
      message: `${other} has no effect: without -f, ${taken} is the one that counts here`,
      ...(more.length > 0 && { details: [`also ${more.join(', ')}`] }),
      hint: `-f ${other} reads that one, -f . every declaration of the folder`,
      position: { file: other },
    },
  ];
}

/** How ecosystem files are read. */
export interface ReadingOptions extends Partial<Variants> {
  /** What to do about what this host lacks; `refuse` where it is not said. */
  readonly hostChecks?: HostChecks;
  /** How many processors the host has that it is for; absent: this one. */
  readonly cpus?: number;
}

/** Reads and checks ecosystem files (none given: that of this folder); every error in them is thrown at once. */
export async function readDeclared(
  given: readonly string[] | undefined,
  env: string | undefined,
  context: CliContext,
  { hostChecks = 'refuse', merge = false, vars = {}, cpus }: ReadingOptions = {},
): Promise<Declared> {
  const inputs = createInputs({ environment: context.env, cpus: cpus ?? availableParallelism() });
  const meant = filesMeant(given, () => context.cwd, inputs.ask);
  const { files } = meant;
  const { loadProjects } = await import('../../config/load.ts');
  const options = {
    ...loadOptions(files, env, context),
    hostChecks,
    merge,
    vars,
    ...(cpus !== undefined && { cpus }),
    inputs,
  };
  const { projects, readFrom, warnings, unread } = orThrow(await loadProjects(options));
  const isVaried = merge || Object.keys(vars).length > 0 || cpus !== undefined;
  const reading = { cwd: options.cwd, files: given ?? [], env: env ?? null, hostChecks };
  return {
    ...{ files, projects, readFrom, unread },
    warnings: [...passedOverWarning(meant), ...warnings],
    ...(!isVaried && { read: { reading, inputs } }),
  };
}

/** The same, before it becomes projects: with the place of every value. */
export async function readDocumentsDeclared(
  given: readonly string[] | undefined,
  env: string | undefined,
  context: CliContext,
  variants: Variants & Pick<ReadingOptions, 'hostChecks' | 'cpus'>,
): Promise<readonly LoadedDocument[]> {
  const { files } = filesMeant(given, () => context.cwd, askDisk);
  const { loadDocuments } = await import('../../config/load.ts');
  return orThrow(await loadDocuments({ ...loadOptions(files, env, context), ...variants }));
}

function loadOptions(files: readonly string[], env: string | undefined, context: CliContext): LoadOptions {
  return {
    files,
    env: env ?? null,
    environment: context.env,
    cwd: folderFor(files, context),
    readStdin: () => text(process.stdin),
    cpus: availableParallelism(),
    jsEvaluatorPath: context.files.evaluate,
  };
}

function orThrow<T>(result: Result<T, readonly Failure[]>): T {
  if (result.ok) return result.value;
  const [first, ...rest] = result.error;
  if (first === undefined) throw new Error('no reason was given why the ecosystem file is invalid');
  throw new FailureError(first, ...rest);
}

/** The working folder may be gone, and nobody needs it for files that are named without it. */
function folderFor(files: readonly string[], context: CliContext): string {
  try {
    return context.cwd;
  } catch (error) {
    if (files.every((file) => isAbsolute(file))) return '/';
    throw error;
  }
}
