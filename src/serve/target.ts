/** What the target of a request asks for, before anything on disk is looked at. */
export type Target =
  | {
      readonly kind: 'path';
      /** Decoded names from the served folder down; none is empty, hidden, or leads upwards. */
      readonly names: readonly string[];
      /** It ends with a slash. */
      readonly isFolder: boolean;
      /** As it was sent, with its question mark; empty: there is none. */
      readonly query: string;
    }
  /** It cannot be read. */
  | { readonly kind: 'malformed' }
  /** It can be read, and names what is never served. */
  | { readonly kind: 'hidden' };

const ABSOLUTE_FORM = /^https?:\/\/[^/?#]*/i;
/** Certificates and the like are fetched from there (RFC 8615). */
const WELL_KNOWN = '.well-known';

/** Reads the target of a request line: `/a/b%20c?d`, or the same behind the name of a host, as proxies send it. */
export function readTarget(url: string): Target {
  const rest = url.replace(ABSOLUTE_FORM, '');
  const target = rest === '' || rest.startsWith('?') ? `/${rest}` : rest;
  if (!target.startsWith('/')) return { kind: 'malformed' };
  const [withQuery = ''] = target.split('#', 1);
  const mark = withQuery.indexOf('?');
  const path = mark === -1 ? withQuery : withQuery.slice(0, mark);
  const names = path.slice(1).split('/').map(decoded);
  if (names.some((name) => name === null)) return { kind: 'malformed' };
  const known = names.filter((name) => name !== null);
  const isFolder = known.at(-1) === '';
  const inner = isFolder ? known.slice(0, -1) : known;
  if (!inner.every(isName) || isHidden(inner)) return { kind: 'hidden' };
  return { kind: 'path', names: inner, isFolder, query: mark === -1 ? '' : withQuery.slice(mark) };
}

/** Whether one of the names is that of a dot file or a dot folder. */
export function isHidden(names: readonly string[]): boolean {
  return names.some((name, index) => name.startsWith('.') && !(index === 0 && name === WELL_KNOWN));
}

/** Empty names would make `//host` of a redirect; a slash or a backslash in a name is one that somebody hides. */
function isName(name: string): boolean {
  return name !== '' && !/[/\\]/.test(name);
}

/** null: not text in UTF-8, or with control characters in it. */
function decoded(raw: string): string | null {
  try {
    const name = decodeURIComponent(raw);
    return /\p{Cc}/u.test(name) ? null : name;
  } catch {
    return null;
  }
}
