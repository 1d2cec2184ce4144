import { basename, join } from 'node:path';
import { nodeAt } from '../../config/read/source.ts';
import type { DeclaredApp } from '../../config/shape/declared-app.ts';
import type { DeclaredFile } from '../../config/shape/read-apps.ts';
import { APP_FIELDS } from '../../spec/generated/fields.ts';
import type { Fields, Note } from '../model/imported.ts';
import { rebased } from '../model/paths.ts';
import { plainValue } from '../model/plain-node.ts';
import { splitSecrets } from '../model/secrets.ts';
import { withUniqueNames } from '../model/unique-names.ts';
import { acceptedFields, acceptedRoot, shownValue } from './accepted.ts';
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
  /** Whether an absolute path, or one from the home folder (`~`), is a file. */
  readonly hasFile: (path: string) => boolean;
}

/** 0 switches them off in PM2. */
const OFF_AT_ZERO = new Set(['exp_backoff_restart_delay', 'cron_restart']);
/** Said in another way here. */
const REPLACED = new Set(['source_map_support', 'disable_source_map_support']);

/** The apps of a configuration of PM2, whatever their settings are: what cannot be taken over stays as notes. */
export function configApps(file: DeclaredFile, root: Fields, context: ConfigContext): Pm2Imported {
  const names = new Set(file.apps.map(({ app }) => nameOf(app.name, app.script)));
  const apps = file.apps.map((declared): Pm2App => appOf(declared, names, context));
  const named = withUniqueNames(apps).map((app, index) => ({
    ...app,
    pm2Name: apps[index]?.pm2Name ?? app.name,
  }));
  const environments = file.apps.flatMap(({ app }) =>
    Object.keys(app).flatMap((key) => /^env_(?!file$)(.+)$/.exec(key)?.[1] ?? []),
  );
  const accepted = acceptedRoot(root);
  const ignored = [...accepted.notes.map(({ text }) => text), ...strayKeys(file)];
  const head = ignored.length === 0 ? HEAD : [...HEAD, '', ...ignored.map((text) => `Not imported: ${text}`)];
  const leftOut = { known: [], shell: [] };
  const { warnings } = file;
  return { apps: named, root: accepted.fields, head, warnings, leftOut, modules: [], environments };
}

/** Keys beside the apps that nothing reads, with their values. */
function strayKeys({ looseKeys: { misplaced, strange }, document }: DeclaredFile): readonly string[] {
  const shown = (key: string, why: string): string =>
    `${key}: ${shownValue(key, plainValue(nodeAt(document.root, [key])))} (${why})`;
  return [
    ...misplaced.map((key) => shown(key, 'it belongs into each app, and PM2 ignored it here')),
    ...strange.map((key) => shown(key, 'PM2 ignored it')),
  ];
}

function appOf(declared: DeclaredApp, apps: ReadonlySet<string>, context: ConfigContext): Pm2App {
  const { name: givenName, ...settings } = declared.app;
  const written: Fields = settings;
  const name = nameOf(givenName, declared.app.script);
  const env = {
    ...variables(written['env']),
    ...(context.env === null ? {} : variables(written[`env_${context.env}`])),
  };
  // Lists and maps are texts among variables.
  const isMap = typeof written['env'] === 'object' || written['env'] === undefined;
  const hasFile = (path: string): boolean =>
    context.hasFile(/^[/~]/.test(path) ? path : join(context.from, path));
  const { fields: given, notes } = acceptedFields({ ...written, ...(isMap && { env }) }, { hasFile, apps });
  const split = splitSecrets(variables(given['env']));
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
    notes: [
      ...notes,
      ...clashNotes(declared),
      ...inertNotes(given),
      ...environmentNotes(fields),
      ...meaningNotes(fields),
    ],
    secrets: split.secrets,
  };
}

function nameOf(given: unknown, script: string): string {
  if (typeof given === 'string' && given !== '') return given;
  return basename(script).replace(/\.[^.]*$/, '') || 'app';
}

/** One setting under two names: PM2 reads one of them. */
function clashNotes({ clashes, document, path }: DeclaredApp): readonly Note[] {
  return clashes.map(({ winner, loser }) => {
    const value = shownValue(loser, plainValue(nodeAt(document.root, [...path, loser])));
    return {
      kind: 'unmapped',
      field: null,
      text: `${loser}: ${value} (${winner} is the same setting, and wins, as in PM2)`,
    };
  });
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
