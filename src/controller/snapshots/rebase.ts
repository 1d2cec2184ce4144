import { dirname, relative } from 'node:path';

/** A folder here, and the one on the host that it stands for. */
export interface FolderPair {
  readonly here: string;
  readonly there: string;
}

/**
 * Which folders here stand for which on the host: the checkout, where the file lies at the same place below its top on both
 * sides, else the folder of the file alone. `top`: of the work tree that the file here lies in; null: in none.
 */
export function folderPairs(
  files: { readonly here: string; readonly there: string },
  top: string | null,
): readonly FolderPair[] {
  const [here, there] = [dirname(files.here), dirname(files.there)];
  const below = top === null ? '' : relative(top, here);
  const pair = { here, there };
  if (top === null || below === '' || below.startsWith('..')) return [pair];
  if (!there.endsWith(`/${below}`)) return [pair];
  return [{ here: top, there: there.slice(0, -below.length - 1) || '/' }, pair];
}

/** The value with every path below a folder here in its place on the host, also inside of texts. */
export function rebase<T>(value: T, pairs: readonly FolderPair[]): T {
  const moves = pairs
    .filter(({ here, there }) => here !== there && here !== '/')
    .toSorted((a, b) => b.here.length - a.here.length);
  if (moves.length === 0) return value;
  const pattern = new RegExp(
    `(?<![\\w./-])(?:${moves.map(({ here }) => escaped(here)).join('|')})(?![\\w.-])`,
    'g',
  );
  const targets = new Map(moves.map(({ here, there }) => [here, there]));
  const move = (text: string): string => text.replace(pattern, (here) => targets.get(here) ?? here);
  return mapTexts(value, move) as T;
}

/** Data with every text in it changed; names of fields stay. */
export function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, mapTexts(inner, change)]));
}

/** A text as a part of a pattern. */
export function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
