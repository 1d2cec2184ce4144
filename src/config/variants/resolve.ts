import type { Failure } from '../../lib/failure.ts';
import { didYouMean } from '../../lib/nearest.ts';
import { tooMuch } from '../read/source-failures.ts';
import type { SourceDocument, SourceNode } from '../read/source.ts';
import { withValues, type AppNode } from './app-nodes.ts';
import { createBudget, type Budget } from './budget.ts';
import { extended, overDefaults, type Extending, type OtherFile } from './extend.ts';
import { isNull, withoutNulls } from './patch.ts';
import { withSecretNames } from './secret-values.ts';
import { nameIn, needsVariants, openScope, type Scope } from './scope.ts';
import { givenVar, type Vars } from './vars.ts';

export interface VariantOptions {
  /** The environment of the command. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Reads a file that `extends` names, by its path as people see it. */
  readonly readFile: Extending['readFile'];
  readonly vars: Vars;
  /** Names that any file of this load has under `vars`; this adds its own. */
  readonly knownVars: Set<string>;
  /** What was taken already, by files that were merged. */
  readonly budget?: Budget;
}

export interface Resolved {
  readonly document: SourceDocument;
  readonly failures: readonly Failure[];
}

/**
 * A file as if somebody had written it out: the values of `vars` in their places, every app over what it extends, and that
 * over `defaults`. Each value keeps its place. `defaults` and `templates` stay for the schema to look at.
 */
export async function resolveVariants(file: OtherFile, options: VariantOptions): Promise<Resolved> {
  const { document } = file;
  if (document.isLayered !== true && !needsVariants(document)) return { document, failures: [] };
  const { environment, readFile, vars, knownVars, budget = createBudget() } = options;
  const extending: Extending = {
    environment,
    given: vars,
    knownVars,
    failures: [],
    budget,
    readFile,
    files: new Map(),
    scopes: new Map(),
    circles: new Set(),
  };
  const scope = openScope(file, new Map(), extending);
  // One after the other, so that what is wrong is told in the order of the file.
  const apps: SourceNode[] = [];
  for (const app of scope.apps) apps.push(await resolvedApp(app, scope, extending));
  // Also those that no app extends: a mistake in them would wait for the first one.
  for (const template of scope.templates) await resolvedApp(template, scope, extending);
  if (budget.isSpent()) return { document, failures: [tooMuch(document)] };
  const root = scope.form === null ? scope.root : scope.form.withApps(apps);
  return {
    document: { ...document, root: withoutUsed(root, budget), isLayered: true },
    failures: extending.failures,
  };
}

async function resolvedApp(app: AppNode, scope: Scope, extending: Extending): Promise<SourceNode> {
  const { node } = app;
  if (node.kind !== 'map') return node;
  const name = nameIn(app, extending);
  const whole = await extended(node, scope, name === null ? [] : [{ scope, name }], extending);
  return withSecretNames(withoutNulls(overDefaults(whole, scope, extending), extending.budget));
}

/**
 * Without what has done its work, and what says nothing. A list that a template appends has none below it yet, which is no
 * mistake.
 */
function withoutUsed(root: SourceNode, budget: Budget): SourceNode {
  if (root.kind !== 'map') return root;
  const isEmpty = (key: string): boolean =>
    ['defaults', 'templates'].includes(key) && isNull(root.entries.get(key)?.value);
  const kept = [...root.entries].filter(([key]) => key !== 'vars' && !isEmpty(key));
  // null takes away in them too, and is no value.
  const plain = (key: string, value: SourceNode): SourceNode => {
    if (value.kind !== 'map') return value;
    if (key === 'defaults') return withoutNulls(value, budget);
    if (key !== 'templates') return value;
    return withValues(
      value,
      [...value.entries.values()].map(({ value: base }) => asWhole(plain('defaults', base), budget)),
    );
  };
  const entries = kept.map(
    ([key, entry]) => [key, { key: entry.key, value: plain(key, entry.value) }] as const,
  );
  return withSecretNames({ ...root, entries: new Map(entries) });
}

/** With its lists as if nothing were below them. */
function asWhole(node: SourceNode, budget: Budget): SourceNode {
  if (node.kind === 'scalar' || !budget.take(1)) return node;
  if (node.kind === 'list') {
    const { appends: _appends, ...list } = node;
    return list;
  }
  const entries = [...node.entries].map(
    ([key, entry]) => [key, { key: entry.key, value: asWhole(entry.value, budget) }] as const,
  );
  return { ...node, entries: new Map(entries) };
}

/** The values of `--var NAME=VALUE`, by name. */
export function givenVars(texts: Readonly<Record<string, string>>): Vars {
  return new Map(Object.entries(texts).map(([name, text]) => [name, givenVar(name, text)]));
}

/** `--var` of a name that no file has changes nothing, and was meant to. */
export function unknownVars(given: Vars, known: ReadonlySet<string>): readonly Failure[] {
  return [...given.keys()]
    .filter((name) => !known.has(name))
    .map((name) => {
      const names = [...known];
      const list =
        names.length === 0 ? 'it has no `vars` at all' : `known are ${names.slice(0, 20).join(', ')}`;
      const message = `--var ${name}: the file has no variable ${JSON.stringify(name)} under \`vars\``;
      return { code: 'CONFIG_UNKNOWN_VAR', message, hint: didYouMean(name, names) ?? list };
    });
}
