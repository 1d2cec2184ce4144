import { systemClock, type Clock } from '../../lib/clocks/clock.ts';
import { FailureError, type Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import {
  callTable,
  everyCall,
  type Answer,
  type Answers,
  type ApiCalls,
  type CallName,
  type Requests,
} from '../contract/endpoints/backend.ts';
import { isObject } from '../../lib/checks.ts';
import { targetOf } from '../contract/endpoints/endpoint.ts';
import { STREAMS } from '../contract/endpoints/streams.ts';
import { failureOf, NO_SUCH_PATH } from '../contract/failure-status.ts';
import { daemonOutdated } from '../contract/version.ts';
import { parseEvents } from '../contract/lines.ts';
import type { LogsQuery } from '../contract/endpoints/logs-query.ts';
import type { AppsQuery, EventsQuery } from '../contract/endpoints/queries.ts';
import { resumed } from './resumed.ts';
import type { SocketTransportOptions } from './socket-bounds.ts';
import { socketTransport } from './socket-transport.ts';
import type { ApiTransport } from '../contract/transport.ts';
import type { AppList } from '../contract/wire/apps.ts';
import type { EventInfo } from '../contract/wire/events.ts';
import type { LogLine, LogNotice, LogSkip } from '../contract/wire/logs.ts';

/** How a stream is read. */
export interface StreamOptions {
  /** Ends the stream when it fires. */
  readonly signal?: AbortSignal;
}

/**
 * The API as a client sees it: answers are results, and streams are iterables that throw FailureError when they cannot
 * begin or break.
 */
export interface ApiClient extends ApiCalls {
  /** Reconnects by itself for some seconds when the daemon restarts: no event is lost or given twice. */
  followEvents(query: EventsQuery, options?: StreamOptions): AsyncIterable<EventInfo>;
  /** Reconnects like events do. Every stream ends with DAEMON_STOPPED when the daemon was told to stop. */
  watchApps(query: AppsQuery, options?: StreamOptions): AsyncIterable<AppList>;
  /** With `follow` it reconnects like events do: each file goes on where it was read to. */
  logs(query: LogsQuery, options?: LogsOptions): AsyncIterable<LogLine>;
}

/** What is told between the lines of logs. */
export interface LogsOptions extends StreamOptions {
  readonly onNotice?: (notice: LogNotice) => void;
  /** With `follow`: called when whatever is written from then on will be given. */
  readonly onFollowing?: () => void;
  /** Called in place: what was yielded before came before it. */
  readonly onSkip?: (skip: Omit<LogSkip, 'mark'>) => void;
}

/** How a daemon is reached; what is left out has its default. */
export type ConnectApiOptions = Pick<SocketTransportOptions, 'socketPath'> & Partial<SocketTransportOptions>;

const DEFAULT_CONNECT_MS = 2_000;
const DEFAULT_ANSWER_MS = 60_000;

/** A client of the daemon that listens on a socket. Nothing is sent before the first call. */
export function connectApi(options: ConnectApiOptions): ApiClient {
  const clock = options.clock ?? systemClock;
  const bounds = { clock, connectMs: DEFAULT_CONNECT_MS, answerMs: DEFAULT_ANSWER_MS };
  const transport = socketTransport({ ...bounds, ...options });
  return createApiClient(transport, clock);
}

interface Connection {
  readonly transport: ApiTransport;
  readonly clock: Clock;
  /** Whether a daemon has answered: when none is there then, it has died, and is waited for. */
  hasAnswered: boolean;
}

/** The typed calls over any transport. */
export function createApiClient(transport: ApiTransport, clock: Clock): ApiClient {
  const connection: Connection = { transport, clock, hasAnswered: false };
  return {
    ...everyCall((name) => (request) => call(connection, name, request)),
    followEvents: (query, options) => resumedEvents(connection, query, signalOf(options)),
    watchApps: (query, options) => watchedApps(connection, query, signalOf(options)),
    logs: (query, options) => logLines(connection, query, options ?? {}),
  };
}

async function call<K extends CallName>(
  connection: Connection,
  name: K,
  request: Requests[K],
): Answer<Answers[K]> {
  const endpoint = callTable[name];
  const { body } = endpoint.write(request);
  const acts = endpoint.acts === true;
  const reply = await connection.transport.request({
    method: endpoint.method,
    path: targetOf(endpoint, request),
    body,
    acts,
  });
  if (!reply.ok) return reply;
  connection.hasAnswered = true;
  const { status, body: answer, isOlder = false } = reply.value;
  // What a daemon answers has the shape that the table says: the wire types are the contract.
  if (status === 200) return ok(answer as Answers[K]);
  const failure = failureOf(status, answer);
  return err(isOlder && isUnknownThere(failure) ? daemonOutdated(failure) : failure);
}

/** Whether an older daemon may have refused something because it does not know it. */
function isUnknownThere({ code, message }: Failure): boolean {
  return code === 'BAD_REQUEST' || message === NO_SUCH_PATH.message;
}

async function* serverSent<T>(lines: AsyncIterable<string>): AsyncGenerator<T> {
  for await (const { name, data } of parseEvents(lines)) {
    const parsed = parseItem(data);
    if (name === 'error') throw new FailureError(failureOf(200, parsed));
    yield parsed as T;
  }
}

async function* watchedApps(
  connection: Connection,
  query: AppsQuery,
  signal: AbortSignal,
): AsyncGenerator<AppList> {
  const open = async (): Promise<AsyncIterable<AppList>> =>
    serverSent(await linesOf(connection, { path: targetOf(STREAMS.watchApps, query), signal }));
  yield* resumed(open, connection, signal);
}

async function* resumedEvents(
  connection: Connection,
  query: EventsQuery,
  signal: AbortSignal,
): AsyncGenerator<EventInfo> {
  let { after } = query;
  const open = async (): Promise<AsyncIterable<EventInfo>> => {
    // "From now on" needs a number, to have a place to come back to.
    after ??= await newestEvent(connection);
    const path = targetOf(STREAMS.followEvents, { ...query, after });
    return serverSent(await linesOf(connection, { path, signal }));
  };
  for await (const event of resumed(open, connection, signal)) {
    after = event.seq;
    yield event;
  }
}

async function newestEvent(connection: Connection): Promise<number> {
  const newest = await call(connection, 'events', { selectors: [], limit: 1 });
  if (!newest.ok) throw new FailureError(newest.error);
  return newest.value.items.at(-1)?.seq ?? 0;
}

async function* logLines(
  connection: Connection,
  query: LogsQuery,
  options: LogsOptions,
): AsyncGenerator<LogLine> {
  const signal = signalOf(options);
  /** Up to where each file has been read, by the part of the mark that names the file. */
  const marks = new Map<string, string>();
  /** The first mark says when it began; those after it, that each file has its place. */
  let hasBegun = false;
  const open = async (): Promise<AsyncIterable<string>> => {
    const from = marks.size === 0 ? {} : { from: [...marks.values()] };
    return linesOf(connection, { path: targetOf(STREAMS.logs, { ...query, ...from }), signal });
  };
  for await (const text of query.follow ? resumed(open, connection, signal) : await open()) {
    if (text === '') continue;
    const item = parseItem(text);
    if (!isObject(item) || 'error' in item) throw new FailureError(failureOf(200, item));
    const { mark, ...rest } = item;
    if (typeof mark === 'string') {
      marks.set(mark.split('-', 1)[0] ?? '', mark);
      if (hasBegun) options.onFollowing?.();
      hasBegun = true;
    }
    if ('notice' in rest) options.onNotice?.(rest as unknown as LogNotice);
    else if ('skipped' in rest) options.onSkip?.(rest as unknown as LogSkip);
    else if ('line' in rest) yield rest as unknown as LogLine;
  }
}

async function linesOf(
  connection: Connection,
  request: Parameters<ApiTransport['stream']>[0],
): Promise<AsyncIterable<string>> {
  const lines: Result<AsyncIterable<string>, Failure> = await connection.transport.stream(request);
  if (!lines.ok) throw new FailureError(lines.error);
  connection.hasAnswered = true;
  return lines.value;
}

function parseItem(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new FailureError(failureOf(200, undefined));
  }
}

function signalOf(options: StreamOptions | undefined): AbortSignal {
  return options?.signal ?? new AbortController().signal;
}
