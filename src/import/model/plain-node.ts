import { nodeAt, type SourceNode } from '../../config/read/source.ts';

export type Plain = Readonly<Record<string, unknown>>;

/** The value of a node; nothing in it is expanded. `spelt`: numbers, true and false as they are written. */
export function plainValue(node: SourceNode | undefined, spelt = false): unknown {
  if (node === undefined) return null;
  switch (node.kind) {
    case 'list':
      return node.items.map((item) => plainValue(item, spelt));
    case 'scalar':
      return spelt && node.value !== null ? (node.written ?? String(node.value)) : node.value;
    case 'map':
      return Object.fromEntries([...node.entries].map(([key, { value }]) => [key, plainValue(value, spelt)]));
  }
}

/** The variables at a path: a map, or a list of `KEY=value`. A name without a value is null: the shell's own. */
export function variablesAt(
  root: SourceNode,
  path: readonly (string | number)[],
): Readonly<Record<string, string | null>> {
  const value = plainValue(nodeAt(root, path), true);
  if (Array.isArray(value)) {
    return Object.fromEntries(
      value.flatMap((item) => {
        if (typeof item !== 'string' || item === '') return [];
        const at = item.indexOf('=');
        return [at === -1 ? [item, null] : [item.slice(0, at), item.slice(at + 1)]] as const;
      }),
    );
  }
  if (!isPlain(value)) return {};
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, typeof inner === 'string' ? inner : null]),
  );
}

export function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A list of texts, or the one that stands in its place. */
export function textsOf(value: unknown): readonly string[] {
  const items = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  return items.filter((item) => ['string', 'number', 'boolean'].includes(typeof item)).map(String);
}

/** A text, or a number as one; `otherwise` for what is neither. */
export function textAt(value: unknown, otherwise = ''): string {
  return textsOf(value)[0] ?? otherwise;
}

/** NaN for what is neither a number nor a text of one. */
export function numberAt(value: unknown): number {
  const [text] = textsOf(value);
  return text === undefined || text.trim() === '' ? Number.NaN : Number(text);
}
