import type { SourceEntry, SourceNode } from '../../../config/read/source.ts';

type MapNode = Extract<SourceNode, { readonly kind: 'map' }>;

/** Tags of Compose: what is below is taken away, or replaced as a whole. */
export const COMPOSE_TAGS = ['!reset', '!override'];

/** Lists that stand in the place of the one below; all others are added to it. */
const REPLACED = new Set(['command', 'entrypoint', 'healthcheck.test']);
/** Keys that are a map, or a list of `KEY=value`. */
const NAMED = /^(?:environment|labels|annotations|sysctls|extra_hosts|build\.args|logging\.options)$/;

/** A file over another: services by name, all else as it is in the one above. */
export function mergeRoots(below: MapNode, above: MapNode): MapNode {
  const [lower, upper] = [servicesOf(below), servicesOf(above)];
  const services = new Map(lower.entries);
  for (const [name, { key, value }] of upper.entries) {
    const under = services.get(name)?.value;
    if (value.tag === '!reset') services.delete(name);
    else if (under?.kind === 'map' && value.kind === 'map' && value.tag !== '!override') {
      services.set(name, { key, value: mergeService(under, value) });
    } else services.set(name, { key, value });
  }
  const entries = new Map([...below.entries, ...above.entries]);
  return {
    ...above,
    entries: entries.set('services', { key: null, value: { ...upper, entries: services } }),
  };
}

function servicesOf(root: MapNode): MapNode {
  const node = root.entries.get('services')?.value;
  return node?.kind === 'map' ? node : { kind: 'map', entries: new Map(), span: null };
}

/** A service over another, as Compose lays them over each other. */
export function mergeService(below: MapNode, above: MapNode): MapNode {
  return mergeMaps(below, above, '');
}

function mergeMaps(below: MapNode, above: MapNode, path: string): MapNode {
  const entries = new Map(below.entries);
  for (const [key, entry] of above.entries) {
    const inner = path === '' ? key : `${path}.${key}`;
    const merged = mergeNode(entries.get(key)?.value, entry.value, inner);
    if (merged === null) entries.delete(key);
    else entries.set(key, { key: entry.key, value: merged });
  }
  return { ...above, entries };
}

/** null: it is taken away. */
function mergeNode(below: SourceNode | undefined, above: SourceNode, path: string): SourceNode | null {
  if (above.tag === '!reset') return null;
  if (below === undefined || above.tag === '!override') return above;
  const [lower, upper] = [spelledOut(below, path), spelledOut(above, path)];
  if (lower.kind === 'map' && upper.kind === 'map') return mergeMaps(lower, upper, path);
  if (lower.kind === 'list' && upper.kind === 'list' && !REPLACED.has(path))
    return joined(lower, upper, path);
  // An empty value says nothing new.
  return upper.kind === 'scalar' && upper.value === null ? lower : upper;
}

/** The short forms of Compose as the long ones, so that they can be merged. */
function spelledOut(node: SourceNode, path: string): SourceNode {
  if (NAMED.test(path) && node.kind === 'list') return namedValues(node);
  if (path === 'depends_on' && node.kind === 'list') {
    const entries = node.items.flatMap((item) =>
      item.kind === 'scalar'
        ? [[String(item.value), { key: item.span, value: emptyMap(item) }] as const]
        : [],
    );
    return { kind: 'map', entries: new Map(entries), span: node.span };
  }
  const isOne = (path === 'env_file' || path === 'profiles') && node.kind === 'scalar' && node.value !== null;
  return isOne ? { kind: 'list', items: [node], span: node.span } : node;
}

function emptyMap({ span }: SourceNode): MapNode {
  return { kind: 'map', entries: new Map(), span };
}

function namedValues(list: Extract<SourceNode, { readonly kind: 'list' }>): MapNode {
  const entries = list.items.flatMap((item): readonly (readonly [string, SourceEntry])[] => {
    if (item.kind !== 'scalar' || typeof item.value !== 'string') return [];
    const [, name = '', , value] = /^([^=]*)(=([^]*))?$/.exec(item.value) ?? [];
    const { span } = item;
    return [[name, { key: span, value: { kind: 'scalar', value: value ?? null, span } }]] as const;
  });
  return { kind: 'map', entries: new Map(entries), span: list.span };
}

/** Items of both; one that has the same place (a volume at the same target) stands in for the one below. */
function joined(
  below: Extract<SourceNode, { readonly kind: 'list' }>,
  above: Extract<SourceNode, { readonly kind: 'list' }>,
  path: string,
): SourceNode {
  const taken = new Set(above.items.map((item) => identity(item, path)));
  const kept = below.items.filter((item) => !taken.has(identity(item, path)));
  return { ...above, items: [...kept, ...above.items] };
}

function identity(item: SourceNode, path: string): string {
  if (path === 'volumes') {
    if (item.kind === 'map') return textOf(item.entries.get('target')?.value);
    const [from = '', to = from] = textOf(item).split(':');
    return to;
  }
  return item.kind === 'map'
    ? JSON.stringify([...item.entries].map(([key, { value }]) => [key, textOf(value)]))
    : textOf(item);
}

function textOf(node: SourceNode | undefined): string {
  return node?.kind === 'scalar' ? String(node.value) : '';
}
