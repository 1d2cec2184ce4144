import { get, post, read } from './endpoint.ts';
import { LOOKS } from './looks.ts';
import { appsQuery, eventsQuery, inPath, revisionInPath, rollbackInPath, selectedQuery } from './queries.ts';
import type { MetricsDocument } from '../wire/metrics.ts';
import type { AppsQuery, EventsQuery, SelectedQuery } from './queries.ts';
import { headQuery, limitQuery, type HeadQuery, type LimitQuery } from './audit-queries.ts';
import {
  checkApplyRequest,
  writeApplyRequest,
  type ApplyRequest,
  type ApplyResponse,
} from '../wire/apply.ts';
import type { AuditList, AuditVerdictInfo } from '../wire/guards/audit.ts';
import {
  checkUnchangedRequest,
  type UnchangedRequest,
  type UnchangedResponse,
} from '../wire/unchanged/unchanged.ts';
import type { AppList } from '../wire/apps.ts';
import type { UsageHistoryList } from '../wire/dash/usage-history.ts';
import {
  checkStopRequest,
  type DaemonStatus,
  type DaemonStopped,
  type DaemonStopRequest,
  type Done,
} from '../wire/daemon.ts';
import {
  checkConfirmRequest,
  type ConfirmRequest,
  type ConfirmResponse,
} from '../wire/guards/confirmations.ts';
import { checkActionRequest, type ActionRequest, type ActionResponse } from '../wire/custom/custom.ts';
import type { AppEnvironment } from '../wire/surroundings/environment.ts';
import type { EventList } from '../wire/events.ts';
import {
  checkFlushRequest,
  checkReopenRequest,
  type FlushRequest,
  type FlushResponse,
  type ReopenRequest,
} from '../wire/log-files.ts';
import {
  checkLaunchRequest,
  type LaunchRequest,
  type LaunchResponse,
} from '../wire/surroundings/launches.ts';
import {
  checkFreezeRequest,
  checkThawRequest,
  type FreezeList,
  type FreezeRequest,
  type ThawRequest,
} from '../wire/guards/freezes.ts';
import { checkMessageRequest, type MessageRequest, type MessageResponse } from '../wire/messages.ts';
import type { SignedSnapshot } from '../wire/snapshots/host-snapshot.ts';
import type { PlanDocument } from '../wire/plan.ts';
import {
  checkApplyDeclared,
  checkRollback,
  type ApplyDeclaredRequest,
  type RollbackRequest,
  type RollbackTarget,
} from '../wire/dash/planned.ts';
import { checkDeclareReceivers, checkRemoveReceiver, checkTestReceiver } from '../wire/notify/receivers.ts';
import type { DeclareReceiversRequest, DeclareReceiversResponse } from '../wire/notify/receivers.ts';
import type { ReceiverInfo, ReceiverList, RemoveReceiverRequest } from '../wire/notify/receivers.ts';
import type { TestReceiverRequest, TestReceiverResponse } from '../wire/notify/receivers.ts';
import { checkDeleteSession, type DeleteSessionRequest, type SessionList } from '../wire/access/sessions.ts';
import { checkCreateToken, checkDeleteToken, checkLogin } from '../wire/access/tokens.ts';
import type { CreatedToken, CreateTokenRequest, DeleteTokenRequest } from '../wire/access/tokens.ts';
import type { Login, LoginRequest, TokenInfo, TokenList } from '../wire/access/tokens.ts';
import type { RevisionDetail, RevisionList } from '../wire/revisions.ts';
import { checkResetRequest, type ResetRequest, type ResetResponse } from '../wire/resets.ts';
import { checkSignalRequest, type SignalRequest, type SignalResponse } from '../wire/signals.ts';
import { checkVerbRequest, type VerbRequest, type VerbResponse } from '../wire/verbs.ts';
import {
  checkActOnSource,
  checkDeclareSources,
  checkPlanSource,
  type ActOnSourceRequest,
  type DeclaredBySource,
  type DeclareSourcesRequest,
  type DeclareSourcesResponse,
  type PlanSourceRequest,
  type SourceInfo,
  type SourceList,
} from '../wire/sources/sources.ts';
import { checkTakeSettings, type SettingsInfo, type TakeSettingsRequest } from '../wire/settings/settings.ts';
import type { WhyDocument } from '../wire/why.ts';

/** What is answered from the processes, or changes them. The rest is answered from disk. */
export const OF_PROCESSES = { needsRunner: () => true };
const CHANGES_PROCESSES = { ...OF_PROCESSES, acts: true } as const;

/**
 * Every endpoint that gives one answer. The server, the client and the refusing backends are maps over this table and STREAMS. To add an endpoint, add its line here and the method that answers it (see ApiBackend).
 *
 * The shapes (and those of `-o json`) are in wire/. They are a contract: fields are only ever added. Times are RFC 3339
 * in UTC, durations milliseconds, sizes bytes.
 */
export const CALLS = {
  /** A sign of life: it looks at nothing. */
  ping: read<Done>('/v1/ping'),
  status: read<DaemonStatus>('/v1/status'),
  /** Everything that is measured. `/metrics` has the same as OpenMetrics text. */
  metrics: read<MetricsDocument>('/v1/metrics'),
  apps: get<AppsQuery, AppList>('/v1/apps', appsQuery, OF_PROCESSES),
  /** What apps have used in the last two minutes. */
  usageHistory: get<SelectedQuery, UsageHistoryList>('/v1/usage-history', selectedQuery, OF_PROCESSES),
  /** NOT_FOUND for an app that is not desired. */
  why: get<Record<'project' | 'name', string>, WhyDocument>(
    '/v1/apps/:project/:name/why',
    inPath('project', 'name'),
    OF_PROCESSES,
  ),
  /** NOT_FOUND for an app that is not desired. */
  environment: get<Record<'project' | 'name', string>, AppEnvironment>(
    '/v1/apps/:project/:name/environment',
    inPath('project', 'name'),
    OF_PROCESSES,
  ),
  plan: post<ApplyRequest, PlanDocument>('/v1/plan', checkApplyRequest, {
    ...OF_PROCESSES,
    write: writeApplyRequest,
  }),
  /** The state of the host without its secrets, signed: what a plan elsewhere is made against. */
  snapshot: read<SignedSnapshot>('/v1/snapshot'),
  apply: post<ApplyRequest, ApplyResponse>('/v1/apply', checkApplyRequest, {
    ...CHANGES_PROCESSES,
    write: writeApplyRequest,
  }),
  /** The same two where nothing has changed, and only then: see UnchangedRequest. */
  planUnchanged: post<UnchangedRequest, UnchangedResponse>(
    '/v1/plan/unchanged',
    checkUnchangedRequest,
    OF_PROCESSES,
  ),
  applyUnchanged: post<UnchangedRequest, UnchangedResponse>(
    '/v1/apply/unchanged',
    checkUnchangedRequest,
    CHANGES_PROCESSES,
  ),
  /** What was applied on trial stays. */
  confirm: post<ConfirmRequest, ConfirmResponse>('/v1/confirmations', checkConfirmRequest, { acts: true }),
  /** What is frozen now. */
  freezes: read<FreezeList>('/v1/freezes'),
  freeze: post<FreezeRequest, FreezeList>('/v1/freezes', checkFreezeRequest, { acts: true }),
  thaw: post<ThawRequest, FreezeList>('/v1/thaws', checkThawRequest, { acts: true }),
  verb: post<VerbRequest, VerbResponse>('/v1/verbs', checkVerbRequest, CHANGES_PROCESSES),
  /** To every live process of what the selectors mean, also to one that is being replaced. */
  message: post<MessageRequest, MessageResponse>('/v1/messages', checkMessageRequest, CHANGES_PROCESSES),
  /** Answered when every process has replied, or its time is over. */
  runAction: post<ActionRequest, ActionResponse>('/v1/actions', checkActionRequest, CHANGES_PROCESSES),
  /** Like a message, to every live process. */
  signal: post<SignalRequest, SignalResponse>('/v1/signals', checkSignalRequest, CHANGES_PROCESSES),
  /** How to run a command as one instance runs; an event says who asked. */
  launch: post<LaunchRequest, LaunchResponse>('/v1/launches', checkLaunchRequest, { acts: true }),
  /** Restart counters alone: what happened stays on record, and a back-off goes on. */
  reset: post<ResetRequest, ResetResponse>('/v1/resets', checkResetRequest),
  flushLogs: post<FlushRequest, FlushResponse>('/v1/logs/flush', checkFlushRequest, CHANGES_PROCESSES),
  reopenLogs: post<ReopenRequest, Done>('/v1/logs/reopen', checkReopenRequest, CHANGES_PROCESSES),
  /** Of every project, newest first. */
  allRevisions: read<RevisionList>('/v1/revisions'),
  /** Newest first. */
  revisions: get<Record<'project', string>, RevisionList>(
    '/v1/projects/:project/revisions',
    inPath('project'),
  ),
  revision: get<{ readonly project: string; readonly revision: number }, RevisionDetail>(
    '/v1/projects/:project/revisions/:revision',
    revisionInPath,
  ),
  ...LOOKS,
  /** What the files, or the source, of a project declare now, as the daemon reads them. */
  planDeclared: get<Record<'project', string>, PlanDocument>(
    '/v1/projects/:project/plan',
    inPath('project'),
    OF_PROCESSES,
  ),
  /** That, as it was planned: PLAN_STALE where it would do something else by now. */
  applyDeclared: post<ApplyDeclaredRequest, ApplyResponse>(
    '/v1/declared/apply',
    checkApplyDeclared,
    CHANGES_PROCESSES,
  ),
  /** What going back to a revision would do. */
  planRollback: get<RollbackTarget, PlanDocument>(
    '/v1/projects/:project/revisions/:revision/plan',
    rollbackInPath,
    OF_PROCESSES,
  ),
  /** That, as it was planned. */
  rollBack: post<RollbackRequest, ApplyResponse>('/v1/rollbacks', checkRollback, CHANGES_PROCESSES),
  /** The newest lines of the audit log. */
  audit: get<LimitQuery, AuditList>('/v1/audit', limitQuery),
  /** Whether its chain is whole. */
  auditVerdict: get<HeadQuery, AuditVerdictInfo>('/v1/audit/verdict', headQuery),
  events: get<EventsQuery, EventList>('/v1/events', eventsQuery),
  sources: read<SourceList>('/v1/sources'),
  /** NOT_FOUND for one that is not declared. */
  source: get<Record<'name', string>, SourceInfo>('/v1/sources/:name', inPath('name')),
  declareSources: post<DeclareSourcesRequest, DeclareSourcesResponse>('/v1/sources', checkDeclareSources, {
    acts: true,
  }),
  /** Answered when it is known what is wanted; the work goes on after that. */
  actOnSource: post<ActOnSourceRequest, SourceInfo>('/v1/sources/act', checkActOnSource, { acts: true }),
  declaredBySource: post<PlanSourceRequest, DeclaredBySource>('/v1/sources/declared', checkPlanSource),
  planSource: post<PlanSourceRequest, PlanDocument>('/v1/sources/plan', checkPlanSource, OF_PROCESSES),
  /** Who is told what happens. */
  receivers: read<ReceiverList>('/v1/receivers'),
  /** NOT_FOUND for one that is not declared. */
  receiver: get<Record<'name', string>, ReceiverInfo>('/v1/receivers/:name', inPath('name')),
  declareReceivers: post<DeclareReceiversRequest, DeclareReceiversResponse>(
    '/v1/receivers',
    checkDeclareReceivers,
    { acts: true },
  ),
  removeReceiver: post<RemoveReceiverRequest, ReceiverInfo>('/v1/receivers/remove', checkRemoveReceiver, {
    acts: true,
  }),
  /** Answered when the receiver has, or its time is over. */
  testReceiver: post<TestReceiverRequest, TestReceiverResponse>('/v1/receivers/test', checkTestReceiver, {
    acts: true,
  }),
  /** What holds of the settings of the home, and what is wrong with them. */
  settings: read<SettingsInfo>('/v1/settings'),
  /** Looks at the file now. Answered when what it says is taken over, or known to be broken. */
  takeSettings: post<TakeSettingsRequest, SettingsInfo>('/v1/settings/take', checkTakeSettings, {
    acts: true,
  }),
  /** Who may ask over the network; never the tokens themselves. */
  tokens: read<TokenList>('/v1/tokens'),
  createToken: post<CreateTokenRequest, CreatedToken>('/v1/tokens', checkCreateToken, { acts: true }),
  deleteToken: post<DeleteTokenRequest, TokenInfo>('/v1/tokens/delete', checkDeleteToken, { acts: true }),
  /** Browsers that are logged in at the daemon's own listener. */
  sessions: read<SessionList>('/v1/sessions'),
  deleteSession: post<DeleteSessionRequest, SessionList>('/v1/sessions/delete', checkDeleteSession, {
    acts: true,
  }),
  /** A link to the dashboard that works once. */
  logIn: post<LoginRequest, Login>('/v1/logins', checkLogin, { acts: true }),
  /** Answered before the daemon ends. */
  stopDaemon: post<DaemonStopRequest, DaemonStopped>('/v1/daemon/stop', checkStopRequest, {
    needsRunner: ({ all }) => all,
    acts: true,
  }),
};
