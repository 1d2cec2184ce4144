import type { SourceNode } from './source.ts';

/** A value without a text behind it: what flags say. undefined is not there. */
export function readPlain(value: unknown): SourceNode {
  const span = null;
  if (Array.isArray(value)) return { kind: 'list', items: value.map(readPlain), span };
  if (typeof value === 'object' && value !== null) {
    const given = Object.entries(value).filter(([, inner]) => inner !== undefined);
    const entries = new Map(given.map(([key, inner]) => [key, { key: span, value: readPlain(inner) }]));
    return { kind: 'map', entries, span };
  }
  return { kind: 'scalar', value: value as string | number | boolean | null, span };
}
