import type { Failure } from '../../lib/failure.ts';
import type { Result } from '../../lib/result.ts';
import type {
  AppList,
  ApplyRequest,
  ApplyResponse,
  DaemonStatus,
  DaemonStopRequest,
  EventInfo,
  EventList,
  LogItem,
  MessageRequest,
  MessageResponse,
  PlanDocument,
  RevisionDetail,
  RevisionList,
  VerbRequest,
  VerbResponse,
} from './wire.ts';

import type { WhyDocument } from './why.ts';

/** An answer, or the failure that the client is told. Throwing is a bug: the client then sees INTERNAL only. */
export type Answer<T> = Promise<Result<T, Failure>>;

/** Which apps, and how much of each spec. No selector: all. */
export interface AppsQuery {
  readonly selectors: readonly string[];
  readonly spec: 'none' | 'redacted' | 'full';
  /** `brief` leaves out what a table does not show: conditions and log files. Left out: everything. */
  readonly detail?: 'brief' | 'full';
}

export interface EventsQuery {
  readonly selectors: readonly string[];
  /** Only events with a higher number. */
  readonly after?: number;
  /** At most this many: the oldest behind `after`, or, without it, the newest. */
  readonly limit?: number;
}

export interface LogsQuery {
  readonly selectors: readonly string[];
  /** Of each file, at most. */
  readonly lines: number;
  /** RFC 3339. */
  readonly since?: string;
  readonly stream: 'out' | 'err' | 'all';
  readonly follow: boolean;
  /** Without the secrets of each app: lines that are shown with what happened to it, and not as its log. */
  readonly redacted?: boolean;
  /** Marks of what was read before (see LogMark): of those files only what came after. */
  readonly from?: readonly string[];
}

/** What the routes call: the composition in `daemon/`. Requests were checked; selectors are still to be resolved. */
export interface ApiBackend {
  status(): Answer<DaemonStatus>;
  apps(query: AppsQuery): Answer<AppList>;
  /** NOT_FOUND for an app that is not desired. */
  why(project: string, name: string): Answer<WhyDocument>;
  plan(request: ApplyRequest): Answer<PlanDocument>;
  apply(request: ApplyRequest): Answer<ApplyResponse>;
  verb(request: VerbRequest): Answer<VerbResponse>;
  /** To every live process of what the selectors mean, also to one that is being replaced. */
  message(request: MessageRequest): Answer<MessageResponse>;
  /** Newest first; null: those of every project. */
  revisions(project: string | null): Answer<RevisionList>;
  revision(project: string, revision: number): Answer<RevisionDetail>;
  events(query: EventsQuery): Answer<EventList>;
  /** Ends when the signal fires. What comes behind `after`, each once and in order; without it, from now on. */
  followEvents(query: EventsQuery, signal: AbortSignal): Answer<AsyncIterable<EventInfo>>;
  /** One list now, and one after every change; changes may be merged for a slow reader. Ends with the signal. */
  watchApps(query: AppsQuery, signal: AbortSignal): Answer<AsyncIterable<AppList>>;
  logs(query: LogsQuery, signal: AbortSignal): Answer<AsyncIterable<LogItem>>;
  /** Answered before the daemon ends. */
  stopDaemon(request: DaemonStopRequest): Answer<void>;
}
