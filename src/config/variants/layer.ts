import type { Layer, MapNode, Place, SourceDocument, SourceNode, Way } from '../read/source.ts';
import type { Budget } from './budget.ts';

/** What becomes of the layer of a value; undefined: it stands in the document itself. */
type Relayer = (from: Layer | undefined) => Layer;

/** A value as part of another file: its places are in `document`, its paths relative to `dir`. */
export function ofFile<T extends SourceNode>(
  node: T,
  document: SourceDocument,
  { dir, budget }: { readonly dir: string | null; readonly budget: Budget },
): T {
  const layer: Layer = { source: document, expands: document.expands, dir, via: [] };
  const inFile = (from: Layer): Layer => (from.dir === null ? { ...from, dir } : from);
  return relayered(node, (from) => (from === undefined ? layer : inFile(from)), budget);
}

/** A value that came one step further. `document`: where values stand that are in no layer yet. */
export function cameBy<T extends SourceNode>(node: T, way: Way, document: SourceDocument, budget: Budget): T {
  const own: Layer = { source: document, expands: document.expands, dir: null, via: [way] };
  return relayered(node, (from) => (from === undefined ? own : { ...from, via: [way, ...from.via] }), budget);
}

export function placeIn(place: Place, layer: Layer): Place {
  if (place === null) return { anyOf: [], from: layer };
  if ('anyOf' in place) return { anyOf: place.anyOf.map((span) => ({ ...span, from: layer })), from: layer };
  return { ...place, from: layer };
}

/** The layer of a node; undefined: the document itself. */
export function layerOf({ span }: SourceNode): Layer | undefined {
  return span?.from;
}

/** What aliases share stays shared. */
function relayered<T extends SourceNode>(node: T, change: Relayer, budget: Budget): T {
  const done = new Map<SourceNode, SourceNode>();
  const layers = new Map<Layer | undefined, Layer>();
  const place = (span: Place): Place => {
    const from = span?.from;
    const layer = layers.get(from) ?? change(from);
    layers.set(from, layer);
    return placeIn(span, layer);
  };
  const convert = (inner: SourceNode): SourceNode => {
    const known = done.get(inner);
    if (known !== undefined) return known;
    const made = budget.take(1) ? make(inner) : inner;
    done.set(inner, made);
    return made;
  };
  const make = (inner: SourceNode): SourceNode => {
    const made = placed(inner);
    return inner.over === undefined ? made : { ...made, over: convert(inner.over) };
  };
  const placed = (inner: SourceNode): SourceNode => {
    const span = place(inner.span);
    if (inner.kind === 'scalar') return { ...inner, span };
    if (inner.kind === 'list') return { ...inner, span, items: inner.items.map(convert) };
    const entries = [...inner.entries].map(
      ([key, entry]) => [key, { key: place(entry.key), value: convert(entry.value) }] as const,
    );
    return { ...inner, entries: new Map(entries), span } satisfies MapNode;
  };
  return convert(node) as T;
}
