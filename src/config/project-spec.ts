import { REDACTED } from '../spec/secrets/redact.ts';
import { secretNames } from '../spec/secrets/secret-names.ts';
import type { ProjectSpec } from '../spec/types.ts';
import { askDisk, type Inputs } from './inputs/inputs.ts';
import type { LoadOptions } from './load-options.ts';
import type { LoadedDocument } from './load-document.ts';

/** What of one project the files say, with where it comes from. */
export function projectSpec(
  project: string,
  files: readonly LoadedDocument[],
  { env, vars = {}, ask = askDisk }: Pick<LoadOptions, 'env' | 'vars'> & { readonly ask?: Inputs['ask'] },
): ProjectSpec {
  const apps = files.flatMap(({ loaded }) => loaded.apps).map(({ spec }) => spec);
  const isSecret = secretNames([...new Set(apps.flatMap(({ secrets }) => secrets))]);
  const paths = [...new Set(files.map(({ found }) => found.path))];
  const realFiles = paths.map((path) => (path === '-' ? path : ask('real', path)));
  const over = files.flatMap((file) => file.over.map(({ path }) => path));
  const source = {
    files: paths,
    env,
    ...(over.length > 0 && { over }),
    ...(Object.keys(vars).length > 0 && { vars: withoutSecrets(vars, isSecret) }),
    ...(paths.some((path, index) => path !== realFiles[index]) && { realFiles }),
    ...(files.every(({ file }) => file.rootKeys.includes('project')) && { named: true as const }),
  };
  return { project, ...movedOf(project, files), source, apps };
}

/** Only what was called otherwise. */
function movedOf(project: string, files: readonly LoadedDocument[]): Pick<ProjectSpec, 'moved'> {
  const [from] = files.flatMap(({ file: { movedFrom } }) => (movedFrom === null ? [] : [movedFrom]));
  const apps = files
    .flatMap(({ loaded }) => loaded.apps)
    .flatMap(({ declared: { app }, spec }) => {
      const before = app.moved?.from;
      return before === undefined || before === spec.name ? [] : [[spec.name, before] as const];
    });
  const moved = {
    ...(from !== undefined && from !== project && { from }),
    ...(apps.length > 0 && { apps: Object.fromEntries(apps) }),
  };
  return Object.keys(moved).length === 0 ? {} : { moved };
}

/** Values that nobody is to read are not kept: they are given again. */
function withoutSecrets(
  vars: Readonly<Record<string, string>>,
  isSecret: (name: string) => boolean,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(vars).map(([name, text]) => [name, isSecret(name) ? REDACTED : text]),
  );
}
