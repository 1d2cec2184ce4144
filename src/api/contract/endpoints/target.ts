/** What a request asks for, read from its target: `/v1/apps?selector=api`. */
export interface ParsedTarget {
  /** Of the path, decoded. */
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
}

/** null: it cannot be read. Split by hand: `new URL` would read `//host` as a host, and resolve dots. */
export function parseTarget(target: string): ParsedTarget | null {
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  if (!path.startsWith('/')) return null;
  try {
    return {
      parts: path.slice(1).split('/').map(decodeURIComponent),
      query: new URLSearchParams(mark === -1 ? '' : target.slice(mark + 1)),
    };
  } catch {
    return null;
  }
}
