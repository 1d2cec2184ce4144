import { canonicalJson } from '../../lib/values/canonical-json.ts';
import { isSecretName } from '../../spec/secrets/secret-names.ts';
import type { Fields, ImportContext, Imported, ImportedApp, Note } from '../model/imported.ts';
import { splitSecrets } from '../model/secrets.ts';
import { validName, withUniqueNames } from '../model/unique-names.ts';
import { acceptedFields } from './accepted.ts';
import { HEAD, meaningNotes } from './meaning.ts';
import { divideShell, readProcessEnv, type ProcessEnv } from './process-env.ts';
import { differs, processFields, type ProcessFields } from './process-fields.ts';
import type { Pm2Process, ReadList } from './process-list.ts';

/** An app as PM2 runs it: what has to be stopped there for it to be moved. */
export interface Pm2App extends ImportedApp {
  /** What PM2 calls it. */
  readonly pm2Name: string;
}

export interface Pm2Imported extends Imported {
  readonly apps: readonly Pm2App[];
  /** Names of variables that were left out, each with what it was taken for. */
  readonly leftOut: { readonly known: readonly string[]; readonly shell: readonly string[] };
  /** Modules of PM2 among its processes. */
  readonly modules: readonly string[];
  /** Names of the environments (`env_production`: production) that its apps have. */
  readonly environments: readonly string[];
}

interface Instance {
  readonly process: Pm2Process;
  readonly name: string;
  readonly run: ProcessFields;
  readonly env: ProcessEnv;
}

/** The apps in PM2's list of processes. `environment`: that of this command, to know a shell by. */
export function processApps(
  { processes, others: strange }: ReadList,
  context: ImportContext & { readonly environment: Readonly<Record<string, string | undefined>> },
): Pm2Imported {
  const modules = processes.filter(isModule);
  const instances = processes
    .filter((process) => !isModule(process))
    .map((process): Instance => ({
      process,
      name: nameOf(process),
      run: processFields(process, context.folder),
      env: readProcessEnv(process),
    }));
  const groups = [...groupBy(instances, sameApp).values()];
  const left = new Set<string>();
  const apps = groups.map((group) => {
    const others = groups
      .filter(([first]) => first?.name !== group[0]?.name)
      .flatMap(([first]) => (first === undefined ? [] : [first.env.shell]));
    const { app, shellLeft } = appOf(group, others, context.environment);
    for (const name of shellLeft) left.add(name);
    return app;
  });
  return {
    apps: named(apps),
    root: {},
    head: [...HEAD, ...strangeHead(strange), ...shellHead([...left].sort())],
    warnings: [],
    leftOut: { known: unique(instances.flatMap(({ env }) => env.leaked)), shell: [...left].sort() },
    modules: unique(modules.map(nameOf)),
    environments: [],
  };
}

/** Names of their own; PM2's names are kept beside them. */
function named(apps: readonly Pm2App[]): readonly Pm2App[] {
  return withUniqueNames(apps).map((app, index) => ({ ...app, pm2Name: apps[index]?.pm2Name ?? app.name }));
}

function isModule(process: Pm2Process): boolean {
  return process['pmx_module'] === true;
}

function nameOf({ name, pm_exec_path: path }: Pm2Process): string {
  if (typeof name === 'string' && name !== '') return name;
  if (typeof name === 'number') return String(name);
  return typeof path === 'string' ? path.replace(/^.*\//, '').replace(/\.[^.]*$/, '') : 'app';
}

/** Equal for the instances of one app. */
function sameApp({ process, name, run, env }: Instance): string {
  const increment = process['increment_var'];
  const declared = Object.entries(env.declared).filter(([key]) => key !== increment);
  const { exec_mode, namespace } = process;
  return canonicalJson([
    name,
    exec_mode ?? null,
    namespace ?? null,
    run.fields,
    Object.fromEntries(declared),
  ]);
}

function appOf(
  group: readonly Instance[],
  others: readonly Readonly<Record<string, string>>[],
  environment: Readonly<Record<string, string | undefined>>,
): { readonly app: Pm2App; readonly shellLeft: readonly string[] } {
  const [first, ...rest] = group.toSorted((a, b) => slotOf(a) - slotOf(b));
  if (first === undefined) throw new Error('a group of no process');
  const shell = divideShell(first.env.shell, others, environment);
  const { env, secrets } = splitSecrets({ ...shell.kept, ...first.env.declared });
  const { fields, notes: notTaken } = acceptedFields(
    {
      ...first.run.fields,
      ...scale(first.process, group.length),
      ...(Object.keys(env).length > 0 && { env }),
      ...environmentsOf(first.process),
      ...(isDown(group) && { autostart: false }),
    },
    NOTHING_AROUND,
  );
  const notes = [...notTaken, ...first.run.notes, ...stateNotes(group), ...meaningNotes(fields)];
  const name = validName(first.name);
  return {
    app: {
      name,
      pm2Name: first.name,
      fields,
      notes: rest.length > 0 ? [...notes, differs('instances', `PM2 had ${group.length} processes`)] : notes,
      secrets,
    },
    shellLeft: shell.left,
  };
}

/** A process of PM2 names neither env files nor other apps. */
const NOTHING_AROUND = { hasFile: () => true, apps: new Set<string>() };

function slotOf({ process }: Instance): number {
  const slot = Number(
    process[typeof process['instance_var'] === 'string' ? process['instance_var'] : 'NODE_APP_INSTANCE'] ?? 0,
  );
  return Number.isFinite(slot) ? slot : 0;
}

/** Written whenever leaving it out could mean something else. */
function scale(process: Pm2Process, count: number): Fields {
  const mode = process['exec_mode'] === 'cluster_mode' ? 'cluster' : 'fork';
  const merge = process['merge_logs'] === true;
  const isImplied = mode === 'fork' && count === 1;
  return {
    ...(!isImplied && { exec_mode: mode }),
    ...(count > 1 && { instances: count }),
    ...(merge && !isImplied && { merge_logs: true }),
  };
}

/** `env_production` and the like, as the file had them that PM2 was given. */
function environmentsOf(process: Pm2Process): Fields {
  const sections = Object.entries(process).flatMap(([key, value]) => {
    if (!/^env_./.test(key) || typeof value !== 'object' || value === null || Array.isArray(value)) return [];
    const texts = Object.entries(value).flatMap(([name, inner]) =>
      ['string', 'number', 'boolean'].includes(typeof inner) ? [[name, String(inner)] as const] : [],
    );
    return texts.length === 0 ? [] : [[key, Object.fromEntries(texts)] as const];
  });
  return Object.fromEntries(sections);
}

function isDown(group: readonly Instance[]): boolean {
  return group.every(({ process }) => process['status'] === 'stopped' || process['autostart'] === false);
}

function stateNotes(group: readonly Instance[]): readonly Note[] {
  const states = group.map(({ process }) => process['status']);
  const notes: Note[] = [];
  if (isDown(group)) notes.push(differs('autostart', 'it was stopped in PM2: stateward start starts it'));
  else if (states.includes('stopped'))
    notes.push({
      kind: 'advice',
      field: null,
      text: 'some of its processes were stopped in PM2; here all are started',
    });
  if (states.includes('errored'))
    notes.push({
      kind: 'advice',
      field: null,
      text: 'PM2 had given it up (errored): see why before you move it',
    });
  return notes;
}

function strangeHead(entries: readonly number[]): readonly string[] {
  const lines = entries.map(
    (entry) => `Not imported: entry ${entry} of the list, which is not a process of PM2`,
  );
  return lines.length === 0 ? [] : ['', ...lines];
}

/** What the shell had, for the head of the file: once, and what an app may well read by name. */
function shellHead(left: readonly string[]): readonly string[] {
  if (left.length === 0) return [];
  const likely = left.filter((name) => isSecretName(name) || /_(?:URL|URI|HOST|PORT|DSN|ENV)$/.test(name));
  return [
    '',
    'Left out, because the shell had them that PM2 was started from. An app that needs one of them says so:',
    `inherit_env: [${left.join(', ')}]`,
    ...(likely.length > 0 ? [`Look at these first: ${likely.join(', ')}`] : []),
  ];
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}
