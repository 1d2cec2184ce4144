import type { Failure } from '../../../lib/failure.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import { badRequest } from './checked.ts';
import type { Form } from './endpoint.ts';
import { all, given, readSelectors, readWhole } from './query-parts.ts';

const DEFAULT_LINES = 15;
const MAX_LINES = 10_000;
const MAX_PATTERNS = 16;
const MAX_PATTERN_LENGTH = 1_000;

export interface LogsQuery {
  readonly selectors: readonly string[];
  /** Of all files together, the newest, at most; null: all of them, which takes a `since`. */
  readonly lines: number | null;
  /** RFC 3339. */
  readonly since?: string;
  /** RFC 3339. A log that is followed has no end. */
  readonly until?: string;
  readonly stream: 'out' | 'err' | 'all';
  readonly follow: boolean;
  /** Regular expressions: only lines that match one of them; with `invert` those that match none. */
  readonly grep?: readonly string[];
  readonly invert?: boolean;
  /** With the bytes of lines that are not UTF-8. */
  readonly raw?: boolean;
  /** What the daemon itself has said, instead of what apps have. */
  readonly daemon?: boolean;
  /** Without the secrets of each app: lines that are shown with what happened to it, and not as its log. */
  readonly redacted?: boolean;
  /** Marks of what was read before (see LogMark): of those files only what came after. */
  readonly from?: readonly string[];
}

/**
 * `selector=S&lines=N&since=RFC3339&until=RFC3339&stream=out|err|all&grep=REGEX&grep=…&invert=true&follow=true&raw=true&`
 * `daemon=true&redacted=true&from=MARK&from=…`; without `lines` the last 15, or all since `since`.
 */
export const logsQuery: Form<LogsQuery> = {
  write: (query) => ({
    query: [
      ...all('selector', query.selectors),
      ...given('lines', query.lines ?? undefined),
      ...given('since', query.since),
      ...given('until', query.until),
      ['stream', query.stream],
      ...all('grep', query.grep ?? []),
      ...FLAGS.flatMap((name) => all(name, query[name] === true ? ['true'] : [])),
      ...all('from', query.from ?? []),
    ],
  }),
  read({ query }) {
    const selectors = readSelectors(query);
    if (!selectors.ok) return selectors;
    const lines = readWhole(query.get('lines'), 'lines', MAX_LINES);
    if (!lines.ok) return lines;
    const times = readTimes(query);
    if (!times.ok) return times;
    const stream = query.get('stream') ?? 'all';
    if (stream !== 'out' && stream !== 'err' && stream !== 'all') {
      return err(badRequest('stream must be one of out, err, all'));
    }
    const grep = query.getAll('grep');
    if (grep.length > MAX_PATTERNS || grep.some((pattern) => pattern.length > MAX_PATTERN_LENGTH)) {
      return err(
        badRequest(`at most ${MAX_PATTERNS} patterns of ${MAX_PATTERN_LENGTH} characters are allowed`),
      );
    }
    return ok({
      selectors: selectors.value,
      // Where a time was asked for, it is the bound.
      lines: lines.value ?? (times.value.since === undefined ? DEFAULT_LINES : null),
      stream,
      ...times.value,
      ...(grep.length > 0 && { grep }),
      ...Object.fromEntries(FLAGS.filter((name) => query.get(name) === 'true').map((name) => [name, true])),
      follow: query.get('follow') === 'true',
      ...(query.has('from') && { from: query.getAll('from') }),
    });
  },
};

const FLAGS = ['follow', 'invert', 'raw', 'daemon', 'redacted'] as const;

function readTimes(query: URLSearchParams): Result<Pick<LogsQuery, 'since' | 'until'>, Failure> {
  const times: { since?: string; until?: string } = {};
  for (const name of ['since', 'until'] as const) {
    const text = query.get(name);
    if (text === null) continue;
    if (Number.isNaN(Date.parse(text))) {
      return err(badRequest(`${name} must be a time such as 2026-01-31T12:00:00Z`));
    }
    times[name] = text;
  }
  return ok(times);
}
