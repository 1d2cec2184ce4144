import type { Failure } from '../../lib/failure.ts';
import { SOURCE_KINDS } from '../../spec/secrets/variable-source.ts';
import { PROBE_FORMS, PROBE_KINDS } from '../../spec/probes/network-probe.ts';
import { APP_ALIASES, rankOf } from '../shape/canonical-keys.ts';
import {
  failureAt,
  placeText,
  type MapNode,
  type SourceDocument,
  type SourceEntry,
  type SourceNode,
} from '../read/source.ts';
import type { Budget } from './budget.ts';

/** What is carried along while layers are laid over each other. */
export interface Patching {
  /** Where values stand that are in no layer. */
  readonly document: SourceDocument;
  readonly failures: Failure[];
  readonly budget: Budget;
}

/** Of these keys a probe has one: that of the upper layer takes the place of that below. */
const ALTERNATIVES: ReadonlyMap<string, readonly string[]> = new Map(
  PROBE_KINDS.map((probe) => [probe, PROBE_FORMS]),
);

/**
 * A value over the one below it, as RFC 7396 has it: maps merge by key, everything else is replaced. A list that appends is
 * added to the list below. null stays as the mark of what is taken away, so that it takes away from every layer below;
 * `withoutNulls` ends it.
 */
export function over(lower: SourceNode, upper: SourceNode, patching: Patching): SourceNode {
  if (upper.kind === 'map') {
    if (upper.replaces === true) return onto(lower, upper);
    // A reference is one value: half of one and half of another would be none.
    const merges = lower.kind === 'map' && !SOURCE_KINDS.some((kind) => upper.entries.has(kind));
    return merges ? mapOver(lower, upper, patching) : { ...onto(lower, upper), replaces: true };
  }
  if (upper.kind === 'list' && upper.appends === true) return appended(lower, upper, patching);
  return onto(lower, upper);
}

/** It takes the place of what is below, as the layers above it did of it. */
function onto<T extends SourceNode>(lower: SourceNode, upper: T): T {
  return { ...upper, over: upper.over === undefined ? lower : onto(lower, upper.over) };
}

/** The same for two maps, whose entries may need more than that. */
export function mapOver(
  lower: MapNode,
  upper: MapNode,
  patching: Patching,
  entryOver: (key: string, lower: SourceNode, upper: SourceNode) => SourceNode = (_key, below, above) =>
    over(below, above, patching),
): MapNode {
  if (!patching.budget.take(lower.entries.size + upper.entries.size)) return upper;
  const entries = new Map(lower.entries);
  for (const [key, entry] of upper.entries) {
    const below = lower.entries.get(key);
    const value = below === undefined ? entry.value : entryOver(key, below.value, entry.value);
    entries.set(key, { key: entry.key, value });
  }
  return { kind: 'map', entries, span: upper.span, ...(lower.replaces && { replaces: true }) };
}

/** An app over another: of a setting that has several names, each layer has one, and they meet whatever it is. */
export function appOver(lower: MapNode, upper: MapNode, patching: Patching): MapNode {
  const above = withOneName(upper);
  const names = new Map([...above.entries.keys()].map((key) => [canonical(key), key]));
  const below = [...withOneName(lower).entries].map(
    ([key, entry]) => [names.get(canonical(key)) ?? key, entry] as const,
  );
  return mapOver({ ...lower, entries: new Map(below) }, above, patching, (key, one, other) =>
    over(withoutAlternatives(canonical(key), one, other), other, patching),
  );
}

/** Without the names that lose: PM2's own wins, as in one app. */
function withOneName(app: MapNode): MapNode {
  const winners = new Map<string, string>();
  const isSet = (key: string): boolean => !isNull(app.entries.get(key)?.value);
  for (const key of app.entries.keys()) {
    const name = canonical(key);
    const known = winners.get(name);
    if (known === undefined || (isSet(key) && (!isSet(known) || rankOf(key) < rankOf(known)))) {
      winners.set(name, key);
    }
  }
  if (winners.size === app.entries.size) return app;
  const kept = [...app.entries].filter(([key]) => winners.get(canonical(key)) === key);
  return { ...app, entries: new Map(kept) };
}

/** A probe over another that asks otherwise. */
function withoutAlternatives(field: string, lower: SourceNode, upper: SourceNode): SourceNode {
  const keys = ALTERNATIVES.get(field) ?? [];
  if (lower.kind !== 'map' || upper.kind !== 'map' || keys.length === 0) return lower;
  const isChosen = keys.some((key) => !isNull(upper.entries.get(key)?.value ?? NOTHING));
  if (!isChosen) return lower;
  const kept = [...lower.entries].filter(([key]) => !keys.includes(key) || upper.entries.has(key));
  return { ...lower, entries: new Map(kept) };
}

/**
 * Maps of an app without what is taken away. Variables keep their null, which takes away what files of variables give; a
 * setting that is null is one that the app does not have, and keeps its place for what is said of that.
 */
export function withoutNulls(app: MapNode, budget: Budget): MapNode {
  const strip = (node: SourceNode): SourceNode => {
    if (node.kind !== 'map' || !budget.take(node.entries.size)) return node;
    const kept = [...node.entries].filter(([, { value }]) => !isNull(value));
    return { ...node, entries: new Map(kept.map(([key, entry]) => [key, stripped(entry)])) };
  };
  const stripped = (entry: SourceEntry): SourceEntry => ({ key: entry.key, value: strip(entry.value) });
  const entries = [...app.entries].map(
    ([key, entry]) => [key, isVariables(canonical(key)) ? entry : stripped(entry)] as const,
  );
  return { ...app, entries: new Map(entries) };
}

function appended(
  lower: SourceNode,
  upper: Extract<SourceNode, { readonly kind: 'list' }>,
  { document, failures, budget }: Patching,
): SourceNode {
  const { appends: _appends, ...list } = upper;
  if (lower.kind === 'list') {
    if (!budget.take(lower.items.length + upper.items.length)) return list;
    return { ...list, items: [...lower.items, ...upper.items], ...(lower.appends && { appends: true }) };
  }
  const what = lower.kind === 'map' ? 'a map' : isNull(lower) ? 'nothing' : 'no list';
  failures.push(
    failureAt(document, upper.span, {
      code: 'CONFIG_MERGE',
      message: `!append adds to a list, and what is below it is ${what}`,
      hint: 'leave !append out: the list then takes the place of what is below',
      details: [`below is ${placeText(document, lower.span)}`],
    }),
  );
  return list;
}

export function isNull(node: SourceNode | undefined): boolean {
  return node?.kind === 'scalar' && node.value === null;
}

export function canonical(key: string): string {
  return APP_ALIASES.get(key) ?? key;
}

/** The value of a setting of an app, under whichever name, with the name. */
export function settingOf(app: MapNode, name: string): (SourceEntry & { readonly name: string }) | undefined {
  const key = [...app.entries.keys()].find((written) => canonical(written) === name);
  const entry = key === undefined ? undefined : app.entries.get(key);
  return entry === undefined || key === undefined ? undefined : { ...entry, name: key };
}

/** A map without some of its keys. */
export function without(map: MapNode, names: readonly string[]): MapNode {
  const kept = [...map.entries].filter(([key]) => !names.includes(canonical(key)));
  return kept.length === map.entries.size ? map : { ...map, entries: new Map(kept) };
}

/** `env` and `env_NAME`, of an app and of a project. */
export function isVariables(key: string): boolean {
  return /^env(?:_(?!file$)|$)/.test(key);
}

const NOTHING: SourceNode = { kind: 'scalar', value: null, span: null };
