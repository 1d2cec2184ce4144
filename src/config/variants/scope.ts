import type { Failure } from '../../lib/failure.ts';
import { secretNames } from '../../spec/secrets/secret-names.ts';
import { expandVariables } from '../../spec/variables.ts';
import { failureAt, type MapNode, type SourceDocument, type SourceNode } from '../read/source.ts';
import { appsForm, namedNodes, nameOf, textOf, type AppNode, type AppsForm } from './app-nodes.ts';
import type { Budget } from './budget.ts';
import { cameBy } from './layer.ts';
import { without } from './patch.ts';
import { readVars, valuesOf, type Vars } from './vars.ts';

/** What is carried along while the layers of one project are put together. */
export interface Assembly {
  /** The environment of the command. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The values of `--var`. */
  readonly given: Vars;
  /** Names that some file declares under `vars`. */
  readonly knownVars: Set<string>;
  readonly failures: Failure[];
  readonly budget: Budget;
}

/** One file, or several merged ones, in which apps can be looked up. */
export interface Scope {
  readonly document: SourceDocument;
  /** Absolute; `-` for standard input. */
  readonly path: string;
  /** With the values of `vars` in their places. */
  readonly root: SourceNode;
  readonly form: AppsForm | null;
  readonly apps: readonly AppNode[];
  readonly templates: readonly AppNode[];
  /** Apps and templates, the first of each name. */
  readonly bases: ReadonlyMap<string, AppNode>;
  /** What its apps are laid over: `defaults`, as what came by that way. */
  readonly defaults: MapNode | null;
  readonly vars: Vars;
}

/** Root keys whose contents are nobody's here: they may hold the `${...}` of another program. */
const OPAQUE = /^(?:deploy|x-.*)$/;
/** Keys that each app has for itself. */
const NOT_OF_DEFAULTS = ['name', 'moved', 'extends'];

/** Looks at a file. `above`: variables of who asks for it, which win over its own. */
export function openScope(
  { document, path }: Pick<Scope, 'document' | 'path'>,
  above: Vars,
  assembly: Assembly,
): Scope {
  const { failures, budget, given, knownVars } = assembly;
  const plain = appsForm(document.root)?.rest ?? rootEntries(document.root);
  const isSecret = secretNames(textsOf(plain.get('secrets')?.value));
  const context = { document, failures, budget, isSecret };
  const own = readVars(plain.get('vars')?.value, context);
  for (const name of own.keys()) knownVars.add(name);
  const vars: Vars = new Map([...own, ...above, ...[...given].filter(([name]) => own.has(name))]);
  const root = rootWithVars(document.root, valuesOf(vars, context));
  const form = appsForm(root);
  const rest = form?.rest ?? rootEntries(root);
  const apps = form?.apps ?? [];
  const templates = namedNodes(rest.get('templates')?.value);
  const named = [...apps, ...templates].flatMap((app) => {
    const name = nameIn(app, assembly);
    return name === null ? [] : [[name, app] as const];
  });
  const bases = new Map<string, AppNode>();
  // A second one of a name is reported with the apps.
  for (const [name, app] of named) if (!bases.has(name)) bases.set(name, app);
  const defaults = mapOf(rest.get('defaults')?.value);
  failures.push(...misuse(document, { apps, templates, rest }));
  return {
    document,
    path,
    root,
    form,
    apps,
    templates,
    bases,
    defaults:
      defaults === null
        ? null
        : cameBy(without(defaults, NOT_OF_DEFAULTS), { by: 'defaults' }, document, budget),
    vars,
  };
}

function rootWithVars(root: SourceNode, convert: (node: SourceNode) => SourceNode): SourceNode {
  if (root.kind !== 'map') return convert(root);
  const entries = [...root.entries].map(
    ([key, entry]) =>
      [key, OPAQUE.test(key) ? entry : { key: entry.key, value: convert(entry.value) }] as const,
  );
  return { ...root, entries: new Map(entries) };
}

/** What is no base of apps, and what a base cannot say. */
function misuse(
  document: SourceDocument,
  { apps, templates, rest }: Pick<Scope, 'apps' | 'templates'> & { readonly rest: AppsForm['rest'] },
): readonly Failure[] {
  const names = new Set(apps.map(({ key, node }) => plainName(key?.name, node)));
  const own = (label: string, map: SourceNode | null, keys: readonly string[]): Failure[] =>
    map?.kind !== 'map'
      ? []
      : keys.flatMap((key) => {
          const entry = map.entries.get(key);
          if (entry === undefined) return [];
          const message = `${label}.${key}: ${key} belongs to one app`;
          const hint = 'write it on the app';
          return [failureAt(document, entry.key, { code: 'CONFIG_UNKNOWN_KEY', message, hint })];
        });
  const broken = templates.flatMap(({ key, node }) =>
    node.kind === 'map'
      ? []
      : [
          failureAt(document, node.span ?? key?.place ?? null, {
            code: 'CONFIG_WRONG_TYPE',
            message: `templates.${key?.name ?? ''}: this is not a map`,
            hint: 'write the keys of an app below it',
          }),
        ],
  );
  const twice = templates.flatMap(({ key }) => {
    if (key === null || !names.has(key.name)) return [];
    const message = `there is an app ${JSON.stringify(key.name)} too, so that \`extends: ${key.name}\` could mean either`;
    return [
      failureAt(document, key.place, { code: 'CONFIG_DUPLICATE_APP', message, hint: 'rename one of them' }),
    ];
  });
  return [
    ...own('defaults', rest.get('defaults')?.value ?? null, NOT_OF_DEFAULTS),
    ...templates.flatMap(({ key, node }) => own(`templates.${key?.name ?? ''}`, node, ['name', 'moved'])),
    ...broken,
    ...twice,
  ];
}

function plainName(key: string | undefined, node: SourceNode): string | null {
  const name = node.kind === 'map' ? textOf(node.entries.get('name')?.value) : null;
  return name ?? key ?? null;
}

/** The name of an app of a scope. */
export function nameIn(app: AppNode, { environment }: Assembly): string | null {
  return nameOf(app, (text) => expandVariables(text, environment).text);
}

export function mapOf(node: SourceNode | undefined): MapNode | null {
  return node?.kind === 'map' ? node : null;
}

function textsOf(list: SourceNode | undefined): readonly string[] {
  return list?.kind === 'list' ? list.items.flatMap((item) => textOf(item) ?? []) : [];
}

function rootEntries(root: SourceNode): AppsForm['rest'] {
  return root.kind === 'map' ? root.entries : new Map();
}

/** Whether a file needs anything of this room. */
export function needsVariants(document: SourceDocument): boolean {
  const { root } = document;
  const form = appsForm(root);
  const rest = form?.rest ?? rootEntries(root);
  if (['defaults', 'templates', 'vars'].some((key) => rest.has(key))) return true;
  if (document.text?.includes('${vars.') === true && document.expands) return true;
  return form?.apps.some(({ node }) => node.kind === 'map' && node.entries.has('extends')) === true;
}
