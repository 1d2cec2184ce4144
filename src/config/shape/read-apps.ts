import type { Failure } from '../../lib/failure.ts';
import type { App, Ecosystem, Variables } from '../../spec/generated/ecosystem.ts';
import { SERVE_SCRIPT } from '../../spec/serve/serve-app.ts';
import { expandVariables } from '../../spec/variables.ts';
import { asWritten, rootAsWritten } from './as-written.ts';
import { canonicalKeys, type KeyClash } from './canonical-keys.ts';
import { appFailure, pathText, writtenPath, type AppPlace, type DeclaredApp } from './declared-app.ts';
import { validate } from '../generated/validate.js';
import { LIMITS } from '../read/limits.ts';
import { sortRoot, type SortedRoot } from './root-keys.ts';
import { isPlain, rootForm, type FoundApp, type Plain } from './root-form.ts';
import { failureAt, locate, nodeAt, type SourceDocument, type SourceNode } from '../read/source.ts';
import { tooManyApps } from '../read/source-failures.ts';
import { shellLines, type ShellLineContext } from './shell-lines.ts';
import { toValue } from './to-value.ts';
import { schemaProblems, type SchemaProblem } from './validation-failures.ts';

/** What one file declares, as far as it is valid by the schema. */
export interface DeclaredFile {
  readonly document: SourceDocument;
  readonly project: string | null;
  /** What the project was called before. */
  readonly movedFrom: string | null;
  readonly apps: readonly DeclaredApp[];
  /** Root keys that are there, for warnings. */
  readonly rootKeys: readonly string[];
  /** Root keys that are let pass, as PM2 does. */
  readonly looseKeys: Pick<SortedRoot, 'misplaced' | 'strange'>;
  readonly warnings: readonly Failure[];
  /** `env` and `env_NAME` of the project. */
  readonly variables: Readonly<Record<string, Variables>>;
  /** What other places than a host need to know. */
  readonly targets: NonNullable<Ecosystem['targets']>;
}

export interface ReadApps {
  /** null: nothing is left to read. */
  readonly file: DeclaredFile | null;
  readonly failures: readonly Failure[];
}

export interface ReadAppsContext extends Pick<ShellLineContext, 'namesFile'> {
  /** The environment of the command. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** As PM2 does, take any settings of an app that can run: its fields are then not checked. */
  readonly isLoose?: true;
}

/**
 * Expands variables, resolves aliases and checks the schema. Apps lose the fields that are wrong, so that the rest of
 * them can be checked too and everything is reported at once.
 */
export function readApps(
  document: SourceDocument,
  { environment, namesFile, isLoose }: ReadAppsContext,
): ReadApps {
  const expand = (text: string): string => expandVariables(text, environment).text;
  const lines = document.expands ? shellLines(document.root, { expand, namesFile }) : new Set<SourceNode>();
  const { value, failures: early, warnings } = toValue(document, environment, lines);
  if (value === null && early.length > 0) return { file: null, failures: early };
  const root = rootForm(document, value);
  if (!root.ok) return { file: null, failures: [...early, ...root.error] };
  // Before anything looks at each of them: the time that the validator takes grows with the square of its errors.
  if (root.value.apps.length > LIMITS.apps)
    return { file: null, failures: [...early, tooManyApps(document)] };
  const found = root.value.apps.map((app) =>
    canonicalApp(document, withDefaults(app, root.value.rest['defaults'], document)),
  );
  const sorted = sortRoot(root.value.rest);
  const rest = rootAsWritten(sorted.known, document.root);
  const bases = basesOf(rest)
    .map((app) => canonicalApp(document, app))
    .map(({ place, ...base }) => ({ ...base, place: { ...place, name: null } }));
  const canonical: Plain = { ...rest, apps: [...found, ...bases].map(({ app }) => app) };
  const all = validate(canonical) ? [] : schemaProblems(validate.errors ?? [], canonical);
  // A part of an app needs nothing, and what an app would have from a base that is not there is not known.
  const isPart = ({ app, isAbsence, path: [field] }: SchemaProblem): boolean =>
    isAbsence === true &&
    app !== null &&
    (app >= found.length || (field === undefined && isExtending(found[app]?.app)));
  const places = [...found, ...bases].map(({ place }) => place);
  const told = (problem: SchemaProblem): boolean => isUnknownAt(document, places, problem);
  const problems = isLoose === true ? problemsOfBroken(all) : all.filter((problem) => !isPart(problem));
  // Bases first: what is wrong in them is wrong in every app that starts from them.
  const inBase = ({ app }: SchemaProblem): boolean => app !== null && app >= found.length;
  const ordered = [...problems.filter(inBase), ...problems.filter((problem) => !inBase(problem))];
  const untold = ordered.filter((problem) => !told(problem));
  const failures = [...early, ...untold.map((problem) => schemaFailure(document, places, problem))];
  const wrong = wrongFields(problems);
  const apps = found.flatMap(({ app, place, clashes }, index) =>
    isPlain(app)
      ? [{ ...place, clashes, app: withRoot(withoutFields(app, wrong.get(index)), canonical) }]
      : [],
  );
  const project = typeof canonical['project'] === 'string' ? canonical['project'] : null;
  const rootKeys = Object.keys(sorted.known);
  const movedFrom = nameBefore(canonical['moved']);
  const variables = variablesOf(rest);
  const targets = (rest['targets'] ?? {}) as DeclaredFile['targets'];
  return {
    file: { document, project, movedFrom, apps, rootKeys, looseKeys: sorted, warnings, variables, targets },
    failures,
  };
}

function isExtending(app: unknown): boolean {
  return isPlain(app) && app['extends'] !== undefined;
}

/** A file server of PM2, which is an app only here: what all apps have is below it. */
function withDefaults(app: FoundApp, defaults: unknown, { root }: SourceDocument): FoundApp {
  if (app.flat === undefined || !isPlain(defaults) || !isPlain(app.value)) return app;
  return { ...app, value: { ...asWritten(defaults, nodeAt(root, ['defaults'])), ...app.value } };
}

/** What apps start from: it is checked like them, though nothing of it has to be there. */
function basesOf({ defaults, templates }: Plain): readonly FoundApp[] {
  const all: FoundApp[] = isPlain(defaults) ? [{ value: defaults, path: ['defaults'], key: null }] : [];
  const named = Object.entries(isPlain(templates) ? templates : {}).filter(([, value]) => isPlain(value));
  return [...all, ...named.map(([name, value]) => ({ value, path: ['templates', name], key: null }))];
}

function variablesOf(rest: Plain): Readonly<Record<string, Variables>> {
  const maps = Object.entries(rest).filter(
    ([key, value]) => /^env(?:_(?!file$)|$)/.test(key) && isPlain(value),
  );
  // What is wrong in them has been reported, and then nothing is applied.
  return Object.fromEntries(maps) as Readonly<Record<string, Variables>>;
}

/** What is wrong with apps that cannot run at all: those that are no map, or have no script. */
function problemsOfBroken(problems: readonly SchemaProblem[]): readonly SchemaProblem[] {
  const broken = problems.flatMap(({ app, path: [field = 'script'] }) =>
    field === 'script' && app !== null ? [app] : [],
  );
  const apps = new Set(broken);
  return problems.filter(({ app }) => app !== null && apps.has(app));
}

function nameBefore(moved: unknown): string | null {
  const from = isPlain(moved) ? moved['from'] : null;
  return typeof from === 'string' ? from : null;
}

/** The fields of each app that the schema refuses. */
function wrongFields(problems: readonly SchemaProblem[]): ReadonlyMap<number, ReadonlySet<string>> {
  const wrong = new Map<number, Set<string>>();
  for (const { app, path } of problems) {
    if (app === null) continue;
    const fields = wrong.get(app) ?? new Set();
    wrong.set(app, fields.add(String(path[0])));
  }
  return wrong;
}

/** What the root says for its apps. */
function withRoot(app: App, { secrets, version }: Plain): App {
  return withVersion(withSecrets(app, secrets), version);
}

/** The release that the root names is that of every app that names none itself. */
function withVersion(app: App, version: unknown): App {
  if (app.version !== undefined || typeof version !== 'string') return app;
  return { ...app, version };
}

/** What the root names holds for every app. */
function withSecrets(app: App, secrets: unknown): App {
  if (!Array.isArray(secrets)) return app;
  const names = secrets.filter((name) => typeof name === 'string');
  return names.length === 0 ? app : { ...app, secrets: [...names, ...(app.secrets ?? [])] };
}

function withoutFields(app: Plain, wrong: ReadonlySet<string> | undefined): App {
  const kept = Object.entries(app).filter(([key]) => wrong?.has(key) !== true);
  // The fields that are left have passed the schema.
  return { script: '', ...Object.fromEntries(kept) };
}

function canonicalApp(
  document: SourceDocument,
  { value, path, key, flat }: FoundApp,
): { readonly app: unknown; readonly place: AppPlace; readonly clashes: readonly KeyClash[] } {
  if (!isPlain(value)) {
    return { app: value, place: { document, path, keys: new Map(), name: key }, clashes: [] };
  }
  const { app, keys, clashes } = canonicalKeys(asWritten(value, nodeAt(document.root, path)));
  const named = withScript(key === null || app['name'] !== undefined ? app : { ...app, name: key });
  const name = typeof named['name'] === 'string' ? named['name'] : null;
  const place: AppPlace = { document, path, keys, name, ...(flat !== undefined && { flat }) };
  return { app: named, place, clashes };
}

/** What serves files needs no script. */
function withScript(app: Plain): Plain {
  return app['serve'] === undefined || app['script'] !== undefined ? app : { ...app, script: SERVE_SCRIPT };
}

/** What a variable of the file stands for is not known there, which has been said. */
function isUnknownAt(
  { root }: SourceDocument,
  places: readonly AppPlace[],
  { app, path, missing }: SchemaProblem,
): boolean {
  const place = app === null ? undefined : places[app];
  const inner = missing === undefined ? path : [...path, missing];
  const node = nodeAt(root, place === undefined ? inner : writtenPath(place, inner));
  return node?.kind === 'scalar' && node.isUnknown === true;
}

function schemaFailure(
  document: SourceDocument,
  places: readonly AppPlace[],
  { app, path, target, isAbsence: _, missing, ...what }: SchemaProblem,
): Failure {
  const place = app === null ? undefined : places[app];
  if (place !== undefined) {
    const gone = missing === undefined ? [] : [...path, missing];
    const isTakenAway = gone.length > 0 && nodeAt(document.root, writtenPath(place, gone)) !== undefined;
    return isTakenAway
      ? appFailure(place, { path: gone }, { ...what, message: 'null is no value, and one has to be there' })
      : appFailure(place, { path, target }, what);
  }
  const label = pathText(path);
  const message = label === '' ? what.message : `${label}: ${what.message}`;
  return failureAt(document, locate(document.root, path, target), { ...what, message });
}
