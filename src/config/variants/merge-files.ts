import type { Failure } from '../../lib/failure.ts';
import { expandVariables } from '../../spec/variables.ts';
import { listedSecrets } from '../read/frame.ts';
import { LIMITS } from '../read/limits.ts';
import { tooMuch } from '../read/source-failures.ts';
import {
  failureAt,
  placeText,
  type MapNode,
  type SourceDocument,
  type SourceEntry,
  type SourceNode,
} from '../read/source.ts';
import { appsForm, nameOf, namedNodes, textOf, type AppNode } from './app-nodes.ts';
import { createBudget, type Budget } from './budget.ts';
import { ofFile } from './layer.ts';
import { nameless, nothingToChange, nothingToRemove, saidTwice } from './merge-failures.ts';
import { appOver, isNull, mapOver, over, settingOf, without, type Patching } from './patch.ts';
import { readVars, withVars, type Vars } from './vars.ts';

export interface Merged {
  /** null: nothing is left to read. */
  readonly document: SourceDocument | null;
  readonly failures: readonly Failure[];
  readonly budget: Budget;
}

interface MergeOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly vars: Vars;
}

type Entries = ReadonlyMap<string, SourceEntry>;

/** What is known of the apps so far, in order. */
type Apps = Map<string, MapNode | SourceNode>;

/** Files over each other, the first one lowest: maps by key, apps and templates by name, everything else replaced. */
export function mergeFiles(given: readonly SourceDocument[], options: MergeOptions): Merged {
  const alsoSecret = given.flatMap(({ text }) => listedSecrets(text ?? ''));
  const documents = given.map((document) => ({ ...document, alsoSecret }));
  const budget = createBudget();
  const failures: Failure[] = [];
  const [first, ...others] = documents;
  if (first === undefined) return { document: null, failures, budget };
  const fits = documents.every(({ text }) => budget.takeFile(text?.length ?? 0));
  if (!fits) return { document: null, failures: [tooLargeTogether(first)], budget };
  const patching: Patching = { document: first, failures, budget };
  const roots = [first.root, ...others.map((other) => ofFile(other.root, other, { dir: null, budget }))];
  const forms = roots.map((root) => appsForm(root));
  const rests = roots.map((root, index): Entries => {
    const entries: Entries = root.kind === 'map' ? root.entries : new Map();
    return forms[index]?.rest ?? entries;
  });
  const kinds = roots.flatMap((root, index) =>
    notAFile(root, forms[index] === null, documents[index] ?? first),
  );
  if (kinds.length > 0) return { document: null, failures: kinds, budget };
  failures.push(...otherProjects(rests, first));
  const rest = rests.reduce((lower, upper) => restOver(lower, upper, patching));
  const vars = new Map([
    ...readVars(rest.get('vars')?.value, { document: first, failures: [], budget }),
    ...options.vars,
  ]);
  const read = (text: string): string => {
    const node: SourceNode = { kind: 'scalar', value: text, span: null };
    const whole = withVars(node, vars, { document: { ...first, expands: true }, failures: [], budget });
    return expandVariables(textOf(whole) ?? '', options.environment).text;
  };
  const defaults = rest.get('defaults')?.value;
  const isWhole = defaults?.kind === 'map' && !isChange(defaults, false);
  const apps = forms.reduce<Apps>(
    (lower, form, index) =>
      form === null ? lower : appsOver(lower, form.apps, { read, patching, isFirst: index === 0, isWhole }),
    new Map(),
  );
  if (budget.isSpent()) return { document: null, failures: [tooMuch(first)], budget };
  const hasApps = forms.some((form) => form !== null);
  const list: SourceNode = { kind: 'list', items: [...apps.values()], span: placeOfApps(roots) };
  const known = [...rest].filter(([key, { value }]) => !isNull(value) && key !== 'apps' && key !== 'pm2');
  const entries = new Map<string, SourceEntry>([
    ...known,
    ...(hasApps ? [['apps', { key: list.span, value: list }] as const] : []),
  ]);
  const root: MapNode = { kind: 'map', entries, span: first.root.span };
  return { document: { ...first, root, isLayered: true }, failures, budget };
}

/** A name that only one layer has is that of the project; two are two projects. */
function otherProjects(rests: readonly Entries[], first: SourceDocument): Failure[] {
  const named = rests.flatMap((rest) => {
    const value = rest.get('project')?.value;
    const name = textOf(value);
    return value === undefined || name === null ? [] : [{ name, value }];
  });
  const [lowest, ...uppers] = named;
  return uppers
    .filter(({ name }) => name !== lowest?.name)
    .map(({ name, value }) =>
      failureAt(first, value.span, {
        code: 'CONFIG_MERGE',
        message: `this file is of the project ${JSON.stringify(name)}, and the one below it of ${JSON.stringify(lowest?.name)}`,
        hint: 'only files of one project are merged: leave `project` out here, or --merge, which applies each file for itself',
        details: [`below is ${placeText(first, lowest?.value.span ?? null)}`],
      }),
    );
}

/** The root beside the apps. */
function restOver(
  lower: ReadonlyMap<string, SourceEntry>,
  upper: ReadonlyMap<string, SourceEntry>,
  patching: Patching,
): ReadonlyMap<string, SourceEntry> {
  const span = null;
  const merged = mapOver(
    { kind: 'map', entries: lower, span },
    { kind: 'map', entries: upper, span },
    patching,
    (key, below, above) => {
      if (below.kind !== 'map' || above.kind !== 'map') return over(below, above, patching);
      if (key === 'defaults') return appOver(below, above, patching);
      if (key === 'templates') return templatesOver(below, above, patching);
      return key.startsWith('x-') ? above : over(below, above, patching);
    },
  );
  return merged.entries;
}

function templatesOver(lower: MapNode, upper: MapNode, patching: Patching): MapNode {
  const merged = mapOver(lower, upper, patching, (_name, below, above) =>
    below.kind === 'map' && above.kind === 'map' ? appOver(below, above, patching) : above,
  );
  const kept = namedNodes(merged).flatMap(({ key, node }) =>
    key === null || isNull(node) ? [] : [[key.name, { key: key.place, value: node }] as const],
  );
  return { ...merged, entries: new Map(kept) };
}

function appsOver(
  lower: Apps,
  upper: readonly AppNode[],
  at: {
    readonly read: (text: string) => string;
    readonly patching: Patching;
    readonly isFirst: boolean;
    /** Whether what all apps start from says already what runs. */
    readonly isWhole: boolean;
  },
): Apps {
  const apps = new Map(lower);
  const { patching, read, isFirst } = at;
  const said = new Map<string, AppNode>();
  for (const [index, app] of upper.entries()) {
    const name = nameOf(app, read);
    const first = name === null || isFirst ? undefined : said.get(name);
    if (name !== null && first !== undefined) {
      patching.failures.push(saidTwice(app, name, first, patching));
      continue;
    }
    // What is taken away may be written anew.
    if (name !== null && !isNull(app.node)) said.set(name, app);
    const below = name === null ? undefined : apps.get(name);
    if (name === null || app.node.kind === 'list') {
      if (!isFirst && app.node.kind === 'map') patching.failures.push(nameless(app, patching.document));
      else apps.set(`${apps.size} ${index}`, app.node);
    } else if (isNull(app.node)) {
      if (below === undefined) patching.failures.push(nothingToRemove(app, [...apps.keys()], patching));
      apps.delete(name);
    } else if (isFirst && below !== undefined) {
      // Reported with the apps, where both are known.
      apps.set(`${name} ${index}`, app.node);
    } else {
      const node = named(app);
      if (!isFirst && below === undefined && isChange(node, at.isWhole)) {
        patching.failures.push(nothingToChange(app, name, { names: [...apps.keys()], patching }));
        continue;
      }
      const isOver = below?.kind === 'map' && node.kind === 'map';
      apps.set(
        name,
        isOver ? { ...appOver(below, without(node, ['name']), patching), span: below.span } : node,
      );
    }
  }
  return apps;
}

/** An app of a map as one of a list: its key is its name. */
function named({ key, node }: AppNode): SourceNode {
  if (node.kind !== 'map' || key === null || settingOf(node, 'name') !== undefined) return node;
  const value: SourceNode = { kind: 'scalar', value: key.name, span: key.place };
  return { ...node, entries: new Map([['name', { key: key.place, value }], ...node.entries]) };
}

/** An app that cannot run by itself: it is there to change another. */
function isChange(node: SourceNode, isWhole: boolean): boolean {
  if (isWhole || node.kind !== 'map') return false;
  return ['script', 'serve', 'extends'].every((key) => settingOf(node, key) === undefined);
}

function placeOfApps(roots: readonly SourceNode[]): SourceNode['span'] {
  const [first] = roots.flatMap((root) =>
    root.kind === 'map' ? ['apps', 'pm2'].flatMap((key) => root.entries.get(key)?.value.span ?? []) : [],
  );
  return first ?? roots[0]?.span ?? null;
}

/** What no file of apps is, also one that is laid over another: that needs no apps. */
function notAFile(root: SourceNode, isFormless: boolean, document: SourceDocument): Failure[] {
  const apps = root.kind === 'map' ? (root.entries.get('apps') ?? root.entries.get('pm2')) : undefined;
  if (!isFormless || (root.kind === 'map' && (apps === undefined || isNull(apps.value)))) return [];
  const message =
    apps === undefined
      ? 'the file must be a map with `apps`, a list of apps, or one app'
      : 'apps must be a list of apps';
  return [failureAt(document, (apps?.value ?? root).span, { code: 'CONFIG_WRONG_TYPE', message })];
}

function tooLargeTogether(document: SourceDocument): Failure {
  const message = `the merged files are more than ${LIMITS.files}, or larger than ${LIMITS.fileBytes / 1024 / 1024} MB together`;
  return failureAt(document, null, { code: 'CONFIG_TOO_LARGE', message });
}
