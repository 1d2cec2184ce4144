import type { LogsQuery } from '../../api/contract/endpoints/queries.ts';
import { readLogs, type LogSource } from './read-logs.ts';
import { resolveSelectors, type Target } from '../../api/contract/selectors.ts';
import type { LogItem } from '../../api/contract/wire/logs.ts';
import type { Driver } from '../../driver/driver.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { effectiveInstances } from '../../plan/slots/effective.ts';
import type { DesiredApp } from '../../plan/model/desired.ts';
import { redactorOf, redactText } from '../../spec/secrets/redact.ts';
import type { Store } from '../../state/store.ts';
import { catalogue } from '../views/catalogue.ts';

export interface OpenLogsContext {
  readonly store: Store;
  readonly driver: Pick<Driver, 'logFiles'>;
  readonly signal: AbortSignal;
}

/** GET /v1/logs: the lines of what the selectors mean, an instance or whole apps; all of them without a selector. */
export function openLogs(
  query: LogsQuery,
  { store, driver, signal }: OpenLogsContext,
): Result<AsyncIterable<LogItem>, Failure> {
  const since = query.since === undefined ? null : Date.parse(query.since);
  if (Number.isNaN(since)) {
    return err({ code: 'USAGE', message: `cannot read logs since ${query.since ?? ''}: that is not a time` });
  }
  const selectors = query.selectors.length === 0 ? ['all'] : query.selectors;
  const targets = resolveSelectors(selectors, catalogue(store));
  if (!targets.ok) return targets;
  const sources = targets.value.flatMap((target) => logSources(target, query.stream, { store, driver }));
  const { lines, follow, from = [] } = query;
  const logs = readLogs(distinct(sources), { lines, since, follow, from, signal });
  return ok(query.redacted === true ? withoutSecrets(logs, store) : logs);
}

async function* withoutSecrets(
  logs: AsyncIterable<LogItem>,
  store: Pick<Store, 'desired'>,
): AsyncGenerator<LogItem> {
  for await (const entry of logs) {
    if (!('line' in entry)) {
      yield entry;
      continue;
    }
    const spec = store.desired().find(({ key }) => key === entry.app)?.spec;
    const show = spec === undefined ? redactText : redactorOf(spec);
    yield { ...entry, line: show(entry.line) };
  }
}

function logSources(
  { key, slot }: Target,
  stream: LogsQuery['stream'],
  { store, driver }: Pick<OpenLogsContext, 'store' | 'driver'>,
): readonly LogSource[] {
  const app = store.desired().find((candidate) => candidate.key === key);
  if (app === undefined) return [];
  const slots =
    slot === null ? Array.from({ length: effectiveInstances(app.spec, app.override) }, (_, n) => n) : [slot];
  return slots
    .flatMap((n) => instanceSources(app, n, driver))
    .filter((source) => stream === 'all' || source.stream === stream);
}

/**
 * What is written to the file for both streams is read from there only where a stream has no file of its own. Nothing
 * tells the streams apart in it, so each of them is the whole file.
 */
function instanceSources(
  app: DesiredApp,
  slot: number,
  driver: OpenLogsContext['driver'],
): readonly LogSource[] {
  const { outFile, errorFile, combinedFile, dateFormat, json } = driver.logFiles(app, slot);
  const base = { app: app.key, slot: app.spec.merge_logs ? null : slot, dateFormat, json };
  const out = outFile ?? combinedFile;
  const error = errorFile ?? combinedFile;
  return [
    ...(out === null ? [] : [{ ...base, stream: 'out' as const, path: out }]),
    ...(error === null ? [] : [{ ...base, stream: 'err' as const, path: error }]),
  ];
}

/** Instances that share a file have it read once; so has an app that writes both streams to one. */
function distinct(sources: readonly LogSource[]): readonly LogSource[] {
  return sources.filter(({ path }, index) => sources.findIndex((other) => other.path === path) === index);
}
