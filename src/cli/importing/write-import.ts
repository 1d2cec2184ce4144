import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import { projectNameOf } from '../../config/apps/project-name.ts';
import type { Imported, ImportedApp } from '../../import/model/imported.ts';
import { isSecretVariable } from '../../import/model/secrets.ts';
import { renderEcosystemFile, type FileApp } from '../../import/render/ecosystem-file.ts';
import { renderEnvFile } from '../../import/render/env-file.ts';
import { FailureError } from '../../lib/failure.ts';
import { errorCode } from '../../lib/system-error.ts';
import { schemaReference } from './schema-reference.ts';

/** Where an ecosystem file goes: a path, or `-` for standard output. */
export interface Output {
  readonly path: string;
  /** Replace what is there. */
  readonly force: boolean;
}

/** A file to be written, with those of its secrets. */
export interface PreparedFile {
  /** Absolute; null: it is printed. */
  readonly path: string | null;
  /** As it is typed from the folder of the command. */
  readonly shown: string;
  readonly project: string;
  readonly text: string;
  readonly mode: number;
  readonly secrets: readonly SecretsFile[];
}

export interface SecretsFile {
  readonly path: string;
  readonly shown: string;
  readonly app: string;
  readonly names: readonly string[];
  readonly text: string;
}

const PRIVATE = 0o600;

/** The folder that an ecosystem file will be in; relative paths in it start there. */
export function outputFolder({ path }: Output, cwd: string): string {
  return path === '-' ? cwd : dirname(resolve(cwd, path));
}

/** The texts of the files, nothing written yet. `from`: what they were made of, in a line. */
export function prepareFile(imported: Imported, from: string, output: Output, cwd: string): PreparedFile {
  const folder = outputFolder(output, cwd);
  const given = imported.root['project'];
  const project = typeof given === 'string' ? given : (projectNameOf(folder) ?? 'default');
  const apps = withSecretsFiles(imported.apps, output);
  const text = renderEcosystemFile({
    schema: schemaReference(folder),
    head: [from, ...(imported.head.length > 0 ? ['', ...imported.head] : [])],
    root: { project, ...imported.root },
    apps,
  });
  return {
    path: output.path === '-' ? null : resolve(cwd, output.path),
    shown: output.path,
    project,
    text,
    mode: apps.some(showsSecrets) ? PRIVATE : 0o644,
    secrets: apps.flatMap(({ name, secrets, secretsFile }): readonly SecretsFile[] => {
      if (secretsFile === null) return [];
      const path = join(folder, secretsFile);
      const head = `Secrets of ${name}, for its env_file. Keep this file out of version control.`;
      const shown = relative(cwd, path).startsWith('..') ? path : relative(cwd, path);
      return [{ path, shown, app: name, names: Object.keys(secrets), text: renderEnvFile(head, secrets) }];
    }),
  };
}

/** Some environment (`env_production`) holds secrets in the file itself. */
function showsSecrets({ fields }: ImportedApp): boolean {
  return Object.entries(fields).some(
    ([key, value]) =>
      /^env(?:_(?!file$)|$)/.test(key) &&
      typeof value === 'object' &&
      value !== null &&
      Object.entries(value).some(([name, inner]) => isSecretVariable(name, String(inner))),
  );
}

/** Files of equal apps in one folder are told apart by the ecosystem file that they are for. */
function withSecretsFiles(apps: readonly ImportedApp[], { path }: Output): readonly FileApp[] {
  const taken = new Set<string>();
  const stem = basename(path, extname(path));
  const of = path === '-' || stem === 'ecosystem' ? '' : `${plainName(stem)}.`;
  return apps.map((app) => {
    if (Object.keys(app.secrets).length === 0) return { ...app, secretsFile: null };
    const plain = `.env.stateward.${of}${plainName(app.name)}`;
    let name = plain;
    for (let number = 2; taken.has(name); number += 1) name = `${plain}-${number}`;
    taken.add(name);
    return { ...app, secretsFile: name };
  });
}

function plainName(text: string): string {
  return text.replace(/[^A-Za-z0-9_.-]+/g, '-');
}

/** Writes the secrets first, so that the file that names them is never there without. Throws what a person can mend. */
export function writeFiles({ path, shown, text, mode, secrets }: PreparedFile, force: boolean): void {
  if (path === null) return;
  const files = [...secrets.map((file) => ({ ...file, mode: PRIVATE })), { path, shown, text, mode }];
  const there = force ? [] : files.filter((file) => existsSync(file.path));
  const [first] = there;
  if (first !== undefined) {
    throw new FailureError({
      code: 'CONFLICT',
      message: `${there.map((file) => file.shown).join(', ')}: already there, nothing was written`,
      hint: '-o FILE writes another file (and its secrets beside it), -o - prints it, --force replaces what is there',
    });
  }
  for (const file of files) write(file, force);
}

function write(
  file: { readonly path: string; readonly shown: string; readonly text: string; readonly mode: number },
  force: boolean,
): void {
  try {
    // Closed to others before the text is in it.
    if (force && existsSync(file.path) && file.mode === PRIVATE) chmodSync(file.path, PRIVATE);
    writeFileSync(file.path, file.text, { mode: file.mode, flag: force ? 'w' : 'wx' });
  } catch (error) {
    const why = errorCode(error) ?? String(error);
    throw new FailureError({
      code: why === 'EACCES' || why === 'EPERM' || why === 'EROFS' ? 'PERMISSION' : 'CONFLICT',
      message: `cannot write ${file.shown}: ${why}`,
      hint:
        why === 'ENOENT'
          ? 'make its folder first, or write another file with -o FILE'
          : '-o FILE writes another file, -o - prints it',
    });
  }
}

/** What keeps the files of secrets out of version control; null: something does already. */
export function gitignoreHint(secrets: readonly SecretsFile[]): string | null {
  const [first] = secrets;
  if (first === undefined) return null;
  const folder = dirname(first.path);
  const pattern = '.env.stateward.*';
  const covers = new Set(['.env*', '.env.*', '/.env*', '/.env.*', '**/.env*', '**/.env.*', pattern]);
  try {
    const lines = readFileSync(join(folder, '.gitignore'), 'utf8').split(/\r?\n/);
    if (lines.some((line) => covers.has(line.trim()))) return null;
  } catch {
    // There is none.
  }
  return `keep them out of version control: echo '${pattern}' >> .gitignore`;
}
