import { existsSync, statSync } from 'node:fs';
import { basename, isAbsolute, resolve } from 'node:path';
import type { AppKey } from '../../lib/app-key.ts';
import { appKey } from '../../lib/app-key.ts';
import type { Failure } from '../../lib/failure.ts';
import { FailureError } from '../../lib/failure.ts';
import { isFilter } from '../../api/contract/selector-filters.ts';
import type { ProjectSpec } from '../../spec/types.ts';
import type { OfflineApi } from '../session/api.ts';
import { applyRequest } from './applying.ts';
import { unwrap, usageError } from '../session/failures.ts';
import { isEcosystemName } from '../../config/read/find/file-names.ts';
import type { CliContext } from '../session/context.ts';
import { readAsApplied } from '../variants/recorded.ts';
import type { FileFlags } from '../variants/variants.ts';
import { nearFiles } from './near-files.ts';
import { isPattern } from './start-words.ts';

/**
 * The words of a verb that name ecosystem files, as PM2 takes them wherever it takes an app: a file that is there, a
 * folder written as a path, or `-`. Null: they are selectors. Throws USAGE for a mixture, which nobody can mean.
 */
export function filesNamed(
  words: readonly string[],
  cwd: () => string,
  { isFolderMeant = () => true }: { readonly isFolderMeant?: (folder: string) => boolean } = {},
): readonly string[] | null {
  const files = words.filter((word) => isFileTarget(word, cwd, isFolderMeant));
  const [file] = files;
  if (file === undefined) return null;
  const app = words.find((word) => !files.includes(word));
  if (app === undefined) return files;
  if (isFilter(app)) {
    throw usageError(
      `${file} is a file, and ${app} is about apps that were applied`,
      `leave the file out, or name apps of it: ${file} --only NAME,NAME`,
    );
  }
  throw usageError(
    `${file} is a file, and ${app} is none`,
    `name files or apps, not both; of a file only some apps: ${file} --only NAME,NAME`,
  );
}

function isFileTarget(word: string, cwd: () => string, isFolderMeant: (folder: string) => boolean): boolean {
  if (word === '-') return true;
  if (isEcosystemName(word)) return existsSync(pathOf(word, cwd));
  if (!isFolderPath(word)) return false;
  const folder = pathOf(word, cwd);
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true && isFolderMeant(folder);
}

/** Reads the working folder only when it matters: it may be gone. */
function pathOf(word: string, cwd: () => string): string {
  return isAbsolute(word) ? word : resolve(cwd(), word);
}

/** Whether a word is written as a path; `/regex/` is a selector. */
function isFolderPath(word: string): boolean {
  return /^\.{1,2}$|^\.{1,2}\//.test(word) || (word.startsWith('/') && !isPattern(word));
}

/**
 * The apps that files declare, in their order. `only`: of these names, each of which has to be declared.
 */
export function declaredKeys(
  projects: readonly ProjectSpec[],
  only: readonly string[] | undefined,
): readonly AppKey[] {
  const apps = projects.flatMap(({ project, apps }) => apps.map(({ name }) => ({ project, name })));
  const unknown = (only ?? []).filter((wanted) => !apps.some(({ name }) => name === wanted));
  if (unknown.length > 0) {
    const names = apps.map(({ name }) => name).toSorted();
    throw usageError(
      `cannot restrict to ${unknown.join(', ')}: no such app`,
      `apps here: ${names.join(', ')}`,
    );
  }
  return apps
    .filter(({ name }) => only?.includes(name) ?? true)
    .map(({ project, name }) => appKey(project, name));
}

/**
 * Checks that these files declared their projects: the apps of another file with the same project name are not theirs.
 * Throws when an apply would be refused, in words that fit verbs that apply nothing.
 */
async function checkOrigin(projects: readonly ProjectSpec[], api: Pick<OfflineApi, 'plan'>): Promise<void> {
  const { guard } = unwrap(await api.plan(applyRequest(projects, '', { prune: false })));
  if (guard?.code !== 'OTHER_ORIGIN') return;
  const names = projects.map(({ project }) => project).join(', ');
  throw new FailureError({
    ...guard,
    message: `the apps of ${names} here are not those of this file: another one declares them`,
    hint: 'to mean it all the same, name it in full: project/app',
  });
}

/** The apps that exist, and those that do not: never applied, or deleted since. */
async function knownAmong(
  keys: readonly AppKey[],
  api: Pick<OfflineApi, 'apps'>,
): Promise<{ readonly known: readonly AppKey[]; readonly unknown: readonly AppKey[] }> {
  const { items } = unwrap(await api.apps({ selectors: [], spec: 'none', detail: 'brief' }));
  const there = new Set(items.map(({ project, name }) => appKey(project, name)));
  return {
    known: keys.filter((key) => there.has(key)),
    unknown: keys.filter((key) => !there.has(key)),
  };
}

/** How a command reads files, and says what it finds. */
export interface ReadingFiles {
  readonly api: Pick<OfflineApi, 'apps' | 'plan'>;
  readonly context: CliContext;
  readonly note: (line: string) => void;
}

/** The apps that files declare and that exist. A note names the others; when none exists, that is the failure. */
export async function appsOfFiles(
  files: readonly string[],
  { only, ...flags }: Partial<FileFlags> & { readonly only?: readonly string[] | undefined },
  { api, context, note }: ReadingFiles,
): Promise<readonly AppKey[]> {
  const declared = await readAsApplied(files, flags, { api, context });
  const keys = declaredKeys(declared.projects, only);
  await checkOrigin(declared.projects, api);
  const { known, unknown } = await knownAmong(keys, api);
  if (known.length === 0) {
    throw new FailureError({
      code: 'SELECTOR_NOT_FOUND',
      message: `there is no app of ${files.join(', ')} here: ${keys.join(', ')}`,
      hint: `stateward apply -f ${files.join(' -f ')} makes them`,
    });
  }
  for (const key of unknown) note(`${key}: there is no such app (declared, and not applied)`);
  return known;
}

const SCRIPT = /\.(?:[cm]?[jt]s|py|sh|rb|pl|php)$/;

/**
 * The failure for words of which one finds no app, and may have been meant as a file, with the files of a similar name.
 * Which one it is stands at the end of `otherwise`.
 */
export function noSuchFile(words: readonly string[], folder: () => string, otherwise: Failure): FailureError {
  const word = words.find((one) => otherwise.message.endsWith(` ${one}`)) ?? words[0] ?? '';
  if (!looksLikeFile(word)) return new FailureError(withScriptMeant(word, folder, otherwise));
  const cwd = folder();
  const near = nearFiles(word, cwd);
  const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : otherwise.hint;
  return new FailureError({
    code: isEcosystemName(word) ? 'CONFIG_NOT_FOUND' : 'SELECTOR_NOT_FOUND',
    message: `there is no file ${word} in ${cwd}, and no app of that name`,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** `start app` where there is an app.js: the ending was left out. */
function withScriptMeant(word: string, folder: () => string, otherwise: Failure): Failure {
  if (!/^[\w-]+$/.test(word)) return otherwise;
  const scripts = nearFiles(word, folder()).filter(
    (file) => SCRIPT.test(file) && file.startsWith(`${word}.`),
  );
  return scripts.length === 0 ? otherwise : { ...otherwise, hint: `did you mean ${scripts.join(' or ')}?` };
}

function looksLikeFile(word: string): boolean {
  return !isPattern(word) && !isFilter(word) && (isFolderPath(word) || /\.[a-z]\w*$/i.test(basename(word)));
}
