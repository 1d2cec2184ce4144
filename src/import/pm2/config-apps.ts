import { basename, join, relative } from 'node:path';
import type { DeclaredFile } from '../../config/shape/read-apps.ts';
import { APP_FIELDS } from '../../spec/generated/fields.ts';
import type { Fields, Note } from '../model/imported.ts';
import { splitSecrets } from '../model/secrets.ts';
import { withUniqueNames } from '../model/unique-names.ts';
import { HEAD, meaningNotes } from './meaning.ts';
import type { Pm2App, Pm2Imported } from './process-apps.ts';

/** Where things are. All folders are absolute. */
export interface ConfigContext {
  /** Of the file that is imported. */
  readonly from: string;
  /** Of the ecosystem file. */
  readonly folder: string;
  /** The name given with `--env`; null: each `env_<name>` stays one. */
  readonly env: string | null;
}

/** 0 switches them off in PM2. */
const OFF_AT_ZERO = new Set(['exp_backoff_restart_delay', 'cron_restart']);
/** Said in another way here. */
const REPLACED = new Set(['source_map_support', 'disable_source_map_support']);

/** The apps of a configuration of PM2 that passed the schema. */
export function configApps(file: DeclaredFile, root: Fields, context: ConfigContext): Pm2Imported {
  const apps = file.apps.map(({ app, name }): Pm2App => {
    const { script } = app;
    const known = name ?? basename(script).replace(/\.[^.]*$/, '');
    return appOf(app, known === '' ? 'app' : known, context);
  });
  const named = withUniqueNames(apps).map((app, index) => ({
    ...app,
    pm2Name: apps[index]?.pm2Name ?? app.name,
  }));
  const environments = file.apps.flatMap(({ app }) =>
    Object.keys(app).flatMap((key) => /^env_(?!file$)(.+)$/.exec(key)?.[1] ?? []),
  );
  const leftOut = { known: [], shell: [] };
  return { apps: named, root, head: HEAD, warnings: file.warnings, leftOut, modules: [], environments };
}

function appOf({ name: _name, ...given }: Fields, name: string, context: ConfigContext): Pm2App {
  const env = {
    ...variables(given['env']),
    ...(context.env === null ? {} : variables(given[`env_${context.env}`])),
  };
  const split = splitSecrets(env);
  const kept = Object.fromEntries(
    Object.entries(given).filter(
      ([key, value]) =>
        key !== 'env' &&
        !isInert(key) &&
        !(OFF_AT_ZERO.has(key) && Number(value) === 0) &&
        !(context.env !== null && /^env_(?!file$)/.test(key)),
    ),
  );
  const maps = given['source_map_support'] === true || given['source_map_support'] === 'true';
  const fields: Fields = {
    ...rebased(kept, context),
    ...(maps && { interpreter_args: withMaps(given['interpreter_args']) }),
    ...(Object.keys(split.env).length > 0 && { env: split.env }),
  };
  return {
    name,
    pm2Name: name,
    fields,
    notes: [...inertNotes(given), ...environmentNotes(fields), ...meaningNotes(fields)],
    secrets: split.secrets,
  };
}

function isInert(key: string): boolean {
  return (APP_FIELDS[key]?.inert ?? null) !== null;
}

function inertNotes(given: Fields): readonly Note[] {
  const keys = Object.keys(given).filter((key) => isInert(key) && !REPLACED.has(key));
  return keys.map((key) => ({
    kind: 'unmapped',
    field: null,
    text: `${key}: ${JSON.stringify(given[key])}: ${APP_FIELDS[key]?.inert ?? ''}`,
  }));
}

function environmentNotes(fields: Fields): readonly Note[] {
  return Object.keys(fields).flatMap((key): readonly Note[] => {
    if (!/^env_(?!file$)/.test(key)) return [];
    const { secrets } = splitSecrets(variables(fields[key]));
    const names = Object.keys(secrets);
    if (names.length === 0) return [];
    const text = `${names.join(', ')} as they were, because an env_file belongs to all environments: \`import pm2 --env ${key.slice(4)}\` makes a file for this one`;
    return [{ kind: 'advice', field: key, text }];
  });
}

/** Variables as PM2 passes them on; null and undefined remove. */
function variables(given: unknown): Record<string, string> {
  if (typeof given !== 'object' || given === null) return {};
  return Object.fromEntries(
    Object.entries(given).flatMap(([key, value]) => {
      if (value === null || value === undefined) return [];
      return [[key, typeof value === 'object' ? JSON.stringify(value) : String(value)] as const];
    }),
  );
}

function withMaps(given: unknown): unknown {
  const flag = '--enable-source-maps';
  if (typeof given === 'string' && given !== '') return `${given} ${flag}`;
  return [...(Array.isArray(given) ? (given as unknown[]) : []), flag];
}

/** Relative paths start at the folder of the file they are in. */
function rebased(fields: Fields, { from, folder }: ConfigContext): Fields {
  if (from === folder) return fields;
  const base = relative(folder, from) || '.';
  const move = (path: unknown): unknown =>
    typeof path !== 'string' || /^(?:\/|~)/.test(path)
      ? path
      : `./${join(base, path)}`.replace(/^\.\/\.\.\//, '../');
  const files = fields['env_file'];
  return {
    ...fields,
    cwd: move(fields['cwd'] ?? '.'),
    ...(files !== undefined && { env_file: Array.isArray(files) ? files.map(move) : move(files) }),
  };
}
