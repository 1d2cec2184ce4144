import type { AppsQuery, EventsQuery, LogsQuery } from './backend.ts';

/** Paths with their queries, as the route table reads them. */
export function appsPath({ selectors, spec, detail }: AppsQuery, watch: boolean): string {
  return withQuery('/v1/apps', [
    ...selectorPairs(selectors),
    ['spec', spec],
    ...(detail === undefined ? [] : [['detail', detail] as const]),
    ...flag('watch', watch),
  ]);
}

export function eventsPath({ selectors, after, limit }: EventsQuery, follow: boolean): string {
  return withQuery('/v1/events', [
    ...selectorPairs(selectors),
    ...(after === undefined ? [] : [['after', String(after)] as const]),
    ...(limit === undefined ? [] : [['limit', String(limit)] as const]),
    ...flag('follow', follow),
  ]);
}

export function logsPath({
  selectors,
  lines,
  since,
  stream,
  follow,
  redacted = false,
  from = [],
}: LogsQuery): string {
  return withQuery('/v1/logs', [
    ...selectorPairs(selectors),
    ['lines', String(lines)],
    ...(since === undefined ? [] : [['since', since] as const]),
    ['stream', stream],
    ...flag('follow', follow),
    ...flag('redacted', redacted),
    ...from.map((mark): Pair => ['from', mark]),
  ]);
}

type Pair = readonly [string, string];

function selectorPairs(selectors: readonly string[]): readonly Pair[] {
  return selectors.map((selector) => ['selector', selector]);
}

function flag(name: string, isSet: boolean): readonly Pair[] {
  return isSet ? [[name, 'true']] : [];
}

function withQuery(path: string, pairs: readonly Pair[]): string {
  const query = new URLSearchParams();
  for (const [name, value] of pairs) query.append(name, value);
  return `${path}?${query.toString()}`;
}
