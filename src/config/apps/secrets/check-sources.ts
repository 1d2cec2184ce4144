import type { Failure } from '../../../lib/failure.ts';
import type { Variables } from '../../../spec/generated/ecosystem.ts';
import type { SpecNote } from '../../../spec/normalise/normalise-context.ts';
import type { VariableSource } from '../../../spec/secrets/variable-source.ts';
import type { AppSpec } from '../../../spec/types.ts';
import { appFailure, type DeclaredApp } from '../../shape/declared-app.ts';
import type { Disk } from '../inspect.ts';
import { missingFileHint } from '../host/missing-script.ts';

const READ_BY_ALL = 0o004;

/** Files of secrets that a start would miss. Nothing is run and no value is read. */
export function checkSources(
  declared: DeclaredApp,
  spec: AppSpec,
  { disk, envName }: { readonly disk: Disk; readonly envName: string | null },
): readonly Failure[] {
  return Object.entries(spec.env_from).flatMap(([name, source]) => {
    const wrong = whyUnreadable(source, disk);
    if (wrong === null) return [];
    const [kind, message] = wrong;
    const hint = missingFileHint(source.from_file ?? source.from_sops ?? '') ?? HINT;
    return [
      appFailure(
        declared,
        { path: [fieldOf(declared, name, envName), name, kind] },
        { code: 'CONFIG_NOT_FOUND', message, hint },
      ),
    ];
  });
}

const HINT =
  "write the secret there (the path is relative to the ecosystem file's folder), or say `optional: true` or `default`";

/** What is not as it should be, and keeps no app from starting. */
export function sourceWarnings(
  declared: DeclaredApp,
  spec: AppSpec,
  {
    disk,
    searchPath,
    envName,
  }: { readonly disk: Disk; readonly searchPath: string; readonly envName: string | null },
): readonly SpecNote[] {
  return Object.entries(spec.env_from).flatMap(([name, source]) => {
    const path = [fieldOf(declared, name, envName), name];
    const advice = (message: string, hint: string): SpecNote => ({
      ...{ level: 'warning', code: 'CONFIG_ADVICE', path, message, hint },
    });
    const program = source.from_exec?.[0] ?? (source.from_sops === undefined ? undefined : 'sops');
    if (program !== undefined && !program.includes('/') && disk.findCommand(program, searchPath) === null) {
      return [advice(`the program ${program} is not on PATH`, 'install it before the app starts')];
    }
    const mode = source.from_file === undefined ? null : disk.ask('mode', source.from_file);
    if (mode === null || (mode & READ_BY_ALL) === 0) return [];
    const file = source.from_file ?? '';
    return [advice(`every user of the host can read ${file}`, `chmod 600 ${file}`)];
  });
}

function whyUnreadable(source: VariableSource, { ask }: Disk): readonly [string, string] | null {
  const kind = source.from_file === undefined ? 'from_sops' : 'from_file';
  const path = source[kind];
  if (path === undefined) return null;
  const found = ask('readability', path);
  if (found === 'readable') return null;
  if (found === 'other') return [kind, `${path} is not a file`];
  const isGone = found === 'ENOENT' || found === 'ENOTDIR';
  const isMeant = source.optional === true || source.default !== undefined;
  if (isGone) return isMeant ? null : [kind, `there is no file ${path}`];
  return [kind, `${path} cannot be read: ${found}`];
}

/** Where the app says it; of a variable of the project, `env` as well. */
function fieldOf({ app }: DeclaredApp, name: string, envName: string | null): string {
  const fields = [...(envName === null ? [] : [`env_${envName}`]), 'env'];
  return (
    fields.find((field) => (app as Readonly<Record<string, Variables>>)[field]?.[name] !== undefined) ?? 'env'
  );
}
