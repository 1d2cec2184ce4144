import type { Failure } from '../../../lib/failure.ts';
import { ok, type Result } from '../../../lib/result.ts';

/** A request as it travels. */
export interface SentRequest {
  /** The values of the `:name` parts of the path. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** undefined: none. */
  readonly body: unknown;
  /** Of a client that comes back to a stream: the last item it has seen. */
  readonly lastEventId: string | null;
  /** In which form the answer is wanted, where there are several. */
  readonly accept?: string | undefined;
}

/** How the client writes a request, and how the daemon reads it. */
export interface Form<Q> {
  write(request: Q): {
    readonly params?: Readonly<Record<string, string>>;
    /** Pairs of the query, in their order. */
    readonly query?: readonly (readonly [name: string, value: string])[];
    readonly body?: unknown;
  };
  /** BAD_REQUEST unless the request is complete and valid. */
  read(sent: SentRequest): Result<Q, Failure>;
}

/** What few endpoints say of themselves. */
interface Traits<Q> {
  /** Whether the answer takes a runner that serves this daemon. Absent: never. */
  needsRunner?(request: Q): boolean;
  /** It changes something: it is not begun when nobody waits for its answer any more. Absent: it only reads. */
  readonly acts?: true;
}

/** One endpoint: where it is, what it takes, and what it gives. */
export interface Endpoint<Q, A> extends Form<Q>, Traits<Q> {
  readonly method: 'GET' | 'POST';
  /** A part that begins with a colon matches any one part. A query must be present as written. */
  readonly path: string;
  /** Only a type: never set. */
  readonly answer?: A;
}

/** An endpoint that gives items one by one. */
export interface StreamEndpoint<Q, A> extends Endpoint<Q, A> {
  /** `events` are server-sent, `lines` NDJSON. */
  readonly framing: 'events' | 'lines';
  /** The name of an item, where it has one: a client that reconnects continues after it. */
  readonly idOf: ((item: A) => string | undefined) | undefined;
  /** Whether it goes on until somebody ends it. */
  readonly goesOn: (request: Q) => boolean;
}

const NOTHING: Form<void> = { write: () => ({}), read: () => ok(undefined) };

/** An endpoint whose request carries nothing. */
export function read<A>(path: string): Endpoint<void, A> {
  return get(path, NOTHING);
}

export function get<Q, A>(path: string, form: Form<Q>, traits: Traits<Q> = {}): Endpoint<Q, A> {
  return { method: 'GET', path, ...form, ...traits };
}

export function post<Q, A>(
  path: string,
  check: (body: unknown) => Result<Q, Failure>,
  { write = (request) => request, ...traits }: Traits<Q> & { readonly write?: (request: Q) => unknown } = {},
): Endpoint<Q, A> {
  return {
    method: 'POST',
    path,
    write: (request) => ({ body: write(request) }),
    read: ({ body }) => check(body),
    ...traits,
  };
}

/** A stream of server-sent events that goes on until somebody ends it. */
export function events<Q, A>(
  path: string,
  form: Form<Q>,
  { idOf, ...traits }: Traits<Q> & { readonly idOf?: (item: A) => string | undefined } = {},
): StreamEndpoint<Q, A> {
  return { ...get<Q, A>(path, form, traits), framing: 'events', idOf, goesOn: () => true };
}

/** A stream of NDJSON. */
export function lines<Q, A>(
  path: string,
  form: Form<Q>,
  goesOn: (request: Q) => boolean,
): StreamEndpoint<Q, A> {
  return { ...get<Q, A>(path, form), framing: 'lines', idOf: undefined, goesOn };
}

/** Path and query of a request. */
export function targetOf<Q>(endpoint: Endpoint<Q, unknown>, request: Q): string {
  const { params = {}, query = [] } = endpoint.write(request);
  const [path = '', fixed] = endpoint.path.split('?', 2);
  const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const pairs = new URLSearchParams(fixed);
  for (const [name, value] of query) pairs.append(name, value);
  return pairs.size === 0 ? filled : `${filled}?${pairs.toString()}`;
}

/** The `:name` parts of a path, given as its parts; null when path or query do not match. */
export function matchPath(
  path: string,
  parts: readonly string[],
  query: URLSearchParams,
): Readonly<Record<string, string>> | null {
  const [pattern = '', fixed] = path.split('?', 2);
  const expected = pattern.slice(1).split('/');
  if (expected.length !== parts.length) return null;
  if ([...new URLSearchParams(fixed)].some(([name, value]) => query.get(name) !== value)) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of expected.entries()) {
    const given = parts[index] ?? '';
    if (part.startsWith(':') && given !== '') params[part.slice(1)] = given;
    else if (part !== given) return null;
  }
  return params;
}
