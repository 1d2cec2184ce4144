import { useEffect, useState } from 'preact/hooks';
import type { App } from '../../api/contract/wire/apps.ts';
import type { LogItem } from '../../api/contract/wire/logs.ts';
import type { Failure } from '../../lib/failure.ts';
import type { Answered } from '../link/api.ts';
import { session } from '../link/session.ts';
import { LogBook, type ShownLine } from '../model/log-lines.ts';

const MINUTE_MS = 60_000;
const SPANS: Readonly<Record<string, number>> = {
  '15m': 15 * MINUTE_MS,
  '1h': 60 * MINUTE_MS,
  '24h': 24 * 60 * MINUTE_MS,
  '7d': 7 * 24 * 60 * MINUTE_MS,
};
/** Around the line that a link points at. */
const AROUND_MS = 5 * MINUTE_MS;
const MOST = '5000';

/** Lines of a time that is over; null: the log is followed. `range` is how far back, `at` the time of one line. */
export function useLogRange(
  app: App,
  query: Readonly<Record<string, string>>,
): Answered<readonly ShownLine[]> | null {
  const { range = '', at = '' } = query;
  const [lines, setLines] = useState<Answered<readonly ShownLine[]> | null>(null);
  useEffect(() => {
    setLines(null);
    const times = timesOf(range, at);
    if (times === null) return undefined;
    const leaving = new AbortController();
    const params = new URLSearchParams({
      ...times,
      selector: `${app.project}/${app.name}`,
      lines: MOST,
      stream: 'all',
    });
    if (session.value?.access !== 'write') params.set('redacted', 'true');
    readLines(`/v1/logs?${params.toString()}`, leaving.signal).then(setLines, () => undefined);
    return () => leaving.abort();
  }, [app.project, app.name, range, at]);
  return range === '' && at === '' ? null : (lines ?? { ok: true, value: [] });
}

function timesOf(range: string, at: string): Record<string, string> | null {
  const time = Date.parse(at);
  if (!Number.isNaN(time) && range === '') {
    return {
      since: new Date(time - AROUND_MS).toISOString(),
      until: new Date(time + AROUND_MS).toISOString(),
    };
  }
  const span = SPANS[range];
  return span === undefined ? null : { since: new Date(Date.now() - span).toISOString() };
}

async function readLines(path: string, signal: AbortSignal): Promise<Answered<readonly ShownLine[]>> {
  const response = await fetch(path, { signal, credentials: 'same-origin' });
  const text = await response.text();
  const items = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LogItem | { readonly error: Failure });
  const failed = items.find((item) => 'error' in item);
  if (failed !== undefined) return { ok: false, error: failed.error };
  const book = new LogBook();
  book.add(items.filter((item): item is LogItem => !('error' in item)));
  return { ok: true, value: book.lines };
}
