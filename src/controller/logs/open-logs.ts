import { isUtf8 } from 'node:buffer';
import type { LogsQuery } from '../../api/contract/endpoints/logs-query.ts';
import type { LogItem, LogLine } from '../../api/contract/wire/logs.ts';
import type { HomeLayout } from '../../home/layout.ts';
import { splitAppKey, type AppKey } from '../../lib/app-key.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { loopTurns } from '../../lib/turns/turns.ts';
import { redactorOf, redactText } from '../../spec/secrets/redact.ts';
import type { DesiredApp } from '../../plan/model/desired.ts';
import { effectiveInstances } from '../../plan/slots/effective.ts';
import { toRfc3339 } from '../views/wire-values.ts';
import { daemonBook, selectedBook, type AppBookContext } from './books.ts';
import { lineFilter } from './search/line-filter.ts';
import { readLogs, type ReadItem } from './read-logs.ts';

export interface OpenLogsContext extends AppBookContext {
  readonly paths: Pick<HomeLayout, 'logTimes' | 'run' | 'daemonLog'>;
  readonly signal: AbortSignal;
  /** A line of an app, without values that only an earlier controller has read. Absent: nobody knows. */
  readonly uncover?: (line: string, app: DesiredApp) => string;
}

/** GET /v1/logs: the lines of what the selectors mean, an instance or whole apps; all of them without a selector. */
export async function openLogs(
  query: LogsQuery,
  context: OpenLogsContext,
): Promise<Result<AsyncIterable<LogItem>, Failure>> {
  // To find the files takes a while among thousands of apps, and many may ask at once.
  if (loopTurns.isOver) await loopTurns.next();
  const since = epochOf(query.since);
  const until = epochOf(query.until);
  if (Number.isNaN(since) || Number.isNaN(until)) {
    const text = Number.isNaN(since) ? `since ${query.since ?? ''}` : `until ${query.until ?? ''}`;
    return err({ code: 'USAGE', message: `cannot read logs ${text}: that is not a time` });
  }
  const filter = lineFilter({
    grep: query.grep ?? [],
    invert: query.invert ?? false,
    signal: context.signal,
  });
  if (!filter.ok) return filter;
  const book = query.daemon === true ? ok(daemonBook(context.paths.daemonLog)) : selectedBook(query, context);
  if (!book.ok) return book;
  const { lines, follow, from = [] } = query;
  const { paths, signal, store } = context;
  const batches = readLogs(book.value, {
    ...{ lines, since, until, filter: filter.value, follow, from, signal },
    context: { times: paths.logTimes, scratch: paths.run },
  });
  return ok(items(batches, { query, store, uncover: context.uncover }));
}

function epochOf(text: string | undefined): number | null {
  return text === undefined ? null : Date.parse(text);
}

interface Shown {
  readonly query: LogsQuery;
  readonly store: OpenLogsContext['store'];
  readonly uncover: OpenLogsContext['uncover'];
}

async function* items(batches: AsyncIterable<readonly ReadItem[]>, shown: Shown): AsyncGenerator<LogItem> {
  const apps = new ShownApps(shown);
  for await (const batch of batches) {
    for (const item of batch) {
      // Thousands of lines may be at hand: others are not to wait for all of them.
      if (loopTurns.isOver) await loopTurns.next();
      yield wireItem(item, apps);
    }
    apps.forget();
  }
}

function wireItem(item: ReadItem, apps: ShownApps): LogItem {
  switch (item.kind) {
    case 'mark':
      return { mark: item.mark };
    case 'skipped': {
      const [claim] = item.file.claims;
      const app = claim?.app ?? DAEMON;
      return { app, skipped: item.count, mark: item.mark };
    }
    case 'untimed': {
      const notice = `${item.file.path} has lines of which it is not known when they were written: --since and --until go by when the file was written to`;
      return { app: item.file.claims[0]?.app ?? DAEMON, notice };
    }
    case 'line':
      return apps.line(item);
  }
}

const DAEMON: AppKey = 'stateward/daemon';

interface ShownApp {
  readonly instances: number;
  readonly show: (line: string) => string;
}

/** How the lines of apps are shown. An app is looked up once for as many lines as come together. */
class ShownApps {
  readonly #shown: Shown;
  readonly #known = new Map<AppKey, ShownApp>();

  constructor(shown: Shown) {
    this.#shown = shown;
  }

  forget(): void {
    this.#known.clear();
  }

  line({ line, mark }: Extract<ReadItem, { kind: 'line' }>): LogLine {
    const { query } = this.#shown;
    const { app, slot, stream } = line.origin;
    const { instances, show } = this.#of(app);
    const { bytes, at } = line;
    const isWhole = query.raw !== true || query.redacted === true || isUtf8(bytes);
    return {
      ...(at === null ? { time: null } : { time: toRfc3339(at) }),
      ...{ app, project: splitAppKey(app).project, slot, stream, instances },
      line: show(bytes.toString('utf8')),
      ...(!isWhole && { bytes: bytes.toString('base64') }),
      ...(mark !== undefined && { mark }),
    };
  }

  #of(app: AppKey): ShownApp {
    const known = this.#known.get(app);
    if (known !== undefined) return known;
    const { query, store, uncover } = this.#shown;
    const desired = store.desiredApp(app);
    const redact = desired === undefined ? redactText : redactorOf(desired.spec);
    const found = (line: string): string =>
      desired === undefined || uncover === undefined ? line : uncover(line, desired);
    const shown = {
      instances: desired === undefined ? 1 : effectiveInstances(desired.spec, desired.override),
      show: query.redacted === true ? (line: string) => redact(found(line)) : (line: string) => line,
    };
    this.#known.set(app, shown);
    return shown;
  }
}
