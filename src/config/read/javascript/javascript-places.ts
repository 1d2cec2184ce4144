import { readPlain } from '../read-plain.ts';
import type { Place, SourceEntry, SourceNode, SourcePath, Span } from '../source.ts';
import { indexScript, type Mention, type ScriptIndex } from './javascript-index.ts';
import { scriptValues, type ScriptValues } from './javascript-values.ts';
import { child, children, keyName, type Syntax } from './parse-javascript.ts';

/** What is carried along while the places of one file are looked for. */
interface Search {
  readonly index: ScriptIndex;
  readonly values: ScriptValues;
}

/** Levels below which expressions are compared with values. */
const COMPARED_LEVELS = 6;
const IMPOSSIBLE = Number.NEGATIVE_INFINITY;

/**
 * What a file gave when it ran, with the places in its text that say so: followed from what the file exports through
 * objects, lists, names, spreads and calls; where that leads nowhere, the one place that has such a key.
 */
export function placeValue(value: unknown, program: Syntax): SourceNode {
  const search = searchOf(program);
  return locateValue(value, rootOf(search, value), search);
}

/** The place of something in a file that did not become plain data. */
export function placePath(path: SourcePath, program: Syntax): Place {
  const search = searchOf(program);
  const hollow = path.toReversed().reduce<unknown>((inner, step) => {
    return typeof step === 'number' ? [...new Array<unknown>(step), inner] : { [step]: inner };
  }, undefined);
  let node = rootOf(search, hollow);
  let place: Place = node === null ? null : spanOf(node);
  for (const step of path) {
    const found: Mention | null =
      typeof step === 'number'
        ? asMention(node === null ? null : itemAt(node, step, search))
        : (search.values.find(node ?? program, step)[0] ?? only(search.index.mentions.get(step)));
    if (found === null) return place;
    node = found.value;
    place = spanOf(found.key);
  }
  return place;
}

function searchOf(program: Syntax): Search {
  const index = indexScript(program);
  return { index, values: scriptValues(index) };
}

/** What the file exports: as a whole, or name by name. */
function rootOf({ index, values }: Search, value: unknown): Syntax | null {
  const whole = index.roots.at(-1);
  if (whole !== undefined && index.named.size === 0) return whole;
  const properties = [...index.named.values()].map(({ key, value: inner }) => ({
    ...{ type: 'Property', start: key.start, end: key.end },
    ...{ key, value: inner },
  }));
  if (properties.length === 0) return null;
  const named: Syntax = { type: 'ObjectExpression', start: 0, end: 0, assigned: true, properties };
  if (whole === undefined) return named;
  const keys = isMap(value) ? Object.keys(value) : [];
  // Both are written: `module.exports = {...}` and then `module.exports.apps = [...]`.
  return keys.some((key) => values.find(named, key).length > 0) ? bothOf(named, whole) : whole;
}

function bothOf(named: Syntax, whole: Syntax): Syntax {
  const spread: Syntax = { ...spanOf(whole), type: 'SpreadElement', argument: whole };
  return { ...named, properties: [spread, ...children(named, 'properties')] };
}

function locateValue(value: unknown, written: Syntax | null, search: Search): SourceNode {
  const plain = written === null ? null : plainest(written, value, search);
  if (Array.isArray(value)) {
    const items = locateItems(value, written, search);
    return { kind: 'list', items, span: placeOf(plain, written) };
  }
  if (!isMap(value)) return { ...readPlain(value), span: written === null ? null : spanOf(written) };
  const entries = Object.entries(value).map(([key, inner]): [string, SourceEntry] => [
    key,
    locateEntry(key, inner, { object: plain ?? written, search }),
  ]);
  return { kind: 'map', entries: new Map(entries), span: placeOf(plain, written) };
}

/** The object or list that an expression stands for, where the text leaves no choice. */
function plainest(written: Syntax, value: unknown, search: Search): Syntax | null {
  const type = Array.isArray(value) ? 'ArrayExpression' : 'ObjectExpression';
  const candidates = search.values.resolve(written).filter((node) => node.type === type);
  if (candidates.length === 1) return candidates[0] ?? null;
  // A call that joins several objects: what has the key is asked for each key.
  if (isJoined(written)) return null;
  return best(candidates, value, search);
}

function isJoined(written: Syntax): boolean {
  return written.type === 'CallExpression' || written.type === 'Identifier';
}

function placeOf(plain: Syntax | null, written: Syntax | null): Place {
  const node = plain === null || plain['assigned'] === true ? written : plain;
  return node === null || node.end === 0 ? null : spanOf(node);
}

function locateEntry(
  key: string,
  value: unknown,
  { object, search }: { readonly object: Syntax | null; readonly search: Search },
): SourceEntry {
  const found = object === null ? [] : search.values.find(object, key);
  const chosen = found.length === 1 ? found[0] : bestMention(found, value, search);
  if (chosen !== undefined) {
    return { key: spanOf(chosen.key), value: locateValue(value, chosen.value, search) };
  }
  const alike = found.length > 0 ? found : (search.index.mentions.get(key) ?? []);
  const fitting = alike.filter((mention) => agreement(mention.value, value, search) !== IMPOSSIBLE);
  const [one] = fitting;
  if (fitting.length === 1 && one !== undefined) {
    return { key: spanOf(one.key), value: locateValue(value, one.value, search) };
  }
  const unknown = locateValue(value, null, search);
  if (fitting.length === 0) return { key: null, value: unknown };
  return {
    key: { anyOf: fitting.map((mention) => spanOf(mention.key)) },
    value: { ...unknown, span: { anyOf: fitting.map((mention) => spanOf(mention.value)) } },
  };
}

function bestMention(found: readonly Mention[], value: unknown, search: Search): Mention | undefined {
  const chosen = best(
    found.map((mention) => mention.value),
    value,
    search,
  );
  return chosen === null ? undefined : found.find((mention) => mention.value === chosen);
}

function locateItems(
  value: readonly unknown[],
  written: Syntax | null,
  search: Search,
): readonly SourceNode[] {
  if (written === null) return value.map((item) => locateValue(item, null, search));
  const lists = search.values.lists(written);
  const whole = lists.filter((list) => list.length === value.length);
  const pool = [...lists.flat(), ...search.values.templates(written)];
  return value.map((item, index) => {
    const exact = whole.flatMap((list) => list.slice(index, index + 1));
    const chosen =
      exact.length === 1 && fits(exact[0], item, search) ? exact[0] : best([...exact, ...pool], item, search);
    return locateValue(item, chosen ?? null, search);
  });
}

function fits(node: Syntax | undefined, value: unknown, search: Search): boolean {
  return node !== undefined && agreement(node, value, search) !== IMPOSSIBLE;
}

function itemAt(list: Syntax, index: number, { values }: Search): Syntax | null {
  const [first] = values.lists(list);
  return first?.[index] ?? only(values.templates(list));
}

/** The expression that a value most likely comes from; null when several are as likely, or none is. */
function best(candidates: readonly Syntax[], value: unknown, search: Search): Syntax | null {
  const scored = [...new Set(candidates)]
    .map((node) => ({ node, score: agreement(node, value, search) }))
    .filter(({ score }) => score !== IMPOSSIBLE)
    .sort((a, b) => b.score - a.score);
  const [first, second] = scored;
  if (first === undefined || (second !== undefined && second.score === first.score)) return null;
  return first.node;
}

/** How much an expression looks like a value: more for what both have, impossible where a literal says otherwise. */
function agreement(expression: Syntax, value: unknown, search: Search, level = 0): number {
  if (level > COMPARED_LEVELS) return 0;
  const scores = search.values.resolve(expression).map((node) => likeness(node, value, { search, level }));
  return scores.length === 0 ? 0 : Math.max(...scores);
}

function likeness(
  node: Syntax,
  value: unknown,
  { search, level }: { readonly search: Search; readonly level: number },
): number {
  if (node.type === 'Literal') {
    if (value === undefined) return 0;
    return Object.is(node['value'], value) ? 2 : IMPOSSIBLE;
  }
  if (node.type === 'ArrayExpression') return listLikeness(node, value, { search, level });
  if (node.type === 'TemplateLiteral') return typeof value === 'string' ? 1 : IMPOSSIBLE;
  if (node.type !== 'ObjectExpression') return 0;
  if (value === undefined) return 0;
  if (!isMap(value)) return IMPOSSIBLE;
  return children(node, 'properties').reduce((sum, property) => {
    const key = keyName(property);
    const inner = child(property, 'value');
    if (key === null || inner === null) return sum;
    if (!Object.hasOwn(value, key)) return inner.type === 'Literal' ? IMPOSSIBLE : sum - 1;
    return sum + 1 + agreement(inner, value[key], search, level + 1);
  }, 0);
}

function listLikeness(
  node: Syntax,
  value: unknown,
  { search, level }: { readonly search: Search; readonly level: number },
): number {
  if (value === undefined) return 0;
  if (!Array.isArray(value)) return IMPOSSIBLE;
  const items = children(node, 'elements');
  if (items.length !== value.length || items.some(({ type }) => type === 'SpreadElement')) return 1;
  return items.reduce((sum, item, index) => sum + agreement(item, value[index], search, level + 1), 1);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asMention(node: Syntax | null): Mention | null {
  return node === null ? null : { key: node, value: node };
}

function only<T>(items: readonly T[] | undefined): T | null {
  return items?.length === 1 ? (items[0] ?? null) : null;
}

function spanOf({ start, end }: Syntax): Span {
  return { start, end };
}
