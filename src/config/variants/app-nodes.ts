import { nameOfScript } from '../../spec/normalise/run/normalise-script.ts';
import type { MapNode, Place, SourceEntry, SourceNode } from '../read/source.ts';
import { canonical, settingOf } from './patch.ts';

/** One app of a file, wherever it stands. */
export interface AppNode {
  /** Its key, where apps are a map. */
  readonly key: { readonly name: string; readonly place: Place } | null;
  readonly node: SourceNode;
}

/** The apps of a file, and the way to put others into their place. */
export interface AppsForm {
  readonly apps: readonly AppNode[];
  readonly withApps: (apps: readonly SourceNode[]) => SourceNode;
  /** What the root has beside the apps; none where it has nothing else. */
  readonly rest: ReadonlyMap<string, SourceEntry>;
}

/** Keys of a file that is one app, which are those of its project. */
const OF_PROJECT = ['project', '$schema'];

/** The root forms of `rootForm`, as nodes; null: there are no apps, or in no known form. */
export function appsForm(root: SourceNode): AppsForm | null {
  if (root.kind === 'list') return listed(root, (list) => list, new Map());
  if (root.kind !== 'map') return null;
  const key = ['apps', 'pm2'].find((name) => root.entries.has(name));
  const entry = key === undefined ? undefined : root.entries.get(key);
  if (key === undefined || entry === undefined) return isApp(root) ? single(root) : null;
  const rest = new Map([...root.entries].filter(([name]) => name !== key));
  return formBelow(entry.value, {
    rest,
    put: (value) => ({ ...root, entries: new Map([...root.entries, [key, { key: entry.key, value }]]) }),
  });
}

/** The apps of a map of names. */
export function namedNodes(map: SourceNode | undefined): readonly AppNode[] {
  if (map?.kind !== 'map') return [];
  return [...map.entries].map(([name, { key: place, value: node }]) => ({ key: { name, place }, node }));
}

interface Below {
  readonly rest: ReadonlyMap<string, SourceEntry>;
  readonly put: (value: SourceNode) => SourceNode;
}

function formBelow(value: SourceNode, { rest, put }: Below): AppsForm | null {
  if (value.kind === 'list') return listed(value, put, rest);
  if (value.kind !== 'map') return null;
  const inner = value.entries.get('apps');
  if (inner?.value.kind === 'list') {
    const again = (list: SourceNode): SourceNode =>
      put({ ...value, entries: new Map([...value.entries, ['apps', { key: inner.key, value: list }]]) });
    return listed(inner.value, again, rest);
  }
  if (isApp(value)) {
    return { apps: [{ key: null, node: value }], withApps: ([app]) => put(app ?? value), rest };
  }
  return { apps: namedNodes(value), withApps: (apps) => put(withValues(value, apps)), rest };
}

function listed(
  list: Extract<SourceNode, { readonly kind: 'list' }>,
  put: (value: SourceNode) => SourceNode,
  rest: ReadonlyMap<string, SourceEntry>,
): AppsForm {
  const apps = list.items.map((node) => ({ key: null, node }));
  return { apps, withApps: (items) => put({ ...list, items }), rest };
}

function single(root: MapNode): AppsForm {
  const rest = new Map([...root.entries].filter(([name]) => OF_PROJECT.includes(name)));
  const entries = new Map([...root.entries].filter(([name]) => !OF_PROJECT.includes(name)));
  const withApps = ([app]: readonly SourceNode[]): SourceNode =>
    app?.kind === 'map' ? { ...root, entries: new Map([...rest, ...app.entries]) } : root;
  return { apps: [{ key: null, node: { ...root, entries } }], withApps, rest };
}

/** A map with the same keys and other values. */
export function withValues(map: MapNode, values: readonly SourceNode[]): MapNode {
  const entries = [...map.entries].map(
    ([name, entry], index) => [name, { key: entry.key, value: values[index] ?? entry.value }] as const,
  );
  return { ...map, entries: new Map(entries) };
}

/** The name of an app, or the one that its script gives; null: it has neither. `read` gives a text with its variables. */
export function nameOf({ key, node }: AppNode, read: (text: string) => string): string | null {
  if (node.kind !== 'map') return key?.name ?? null;
  const name = textOf(settingOf(node, 'name')?.value);
  if (name !== null) return read(name);
  if (key !== null) return key.name;
  const script = textOf(settingOf(node, 'script')?.value);
  if (script === null) return null;
  const line = read(script);
  return nameOfScript({ script: line, shell: /\s/.test(line) });
}

/** A scalar as it is written; null where it is none, or nothing. */
export function textOf(node: SourceNode | undefined): string | null {
  if (node?.kind !== 'scalar' || node.value === null) return null;
  return typeof node.value === 'string' ? node.value : (node.written ?? String(node.value));
}

/** As `rootForm` tells one app from a map of several. */
function isApp(map: MapNode): boolean {
  return [...map.entries].some(([key, { value }]) => canonical(key) === 'script' && value.kind !== 'map');
}
