import type { ApiBackend } from '../api/contract/endpoints/backend.ts';
import type { EventsQuery } from '../api/contract/endpoints/queries.ts';
import type { DaemonStatus, DaemonTrouble } from '../api/contract/wire/daemon.ts';
import type { EventInfo } from '../api/contract/wire/events.ts';
import type { ApplyRequest, ApplyResponse } from '../api/contract/wire/apply.ts';
import { appKey } from '../lib/app-key.ts';
import type { Failure } from '../lib/failure.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { followEvents } from '../state/events/follow-events.ts';
import { stateLayout } from '../state/disk/layout.ts';
import { createSerialQueue } from '../state/serial-queue.ts';
import type { EventRecord } from '../state/model/types.ts';
import { applyRequest, planRequest, portLook, readCode, snapshot, type ApplyTerms } from './apply/apply.ts';
import { keepsCode, noticeCode } from './apply/notice-code.ts';
import { unchangedRequests } from './apply/unchanged-requests.ts';
import { makeSnapshot } from './snapshots/make-snapshot.ts';
import { openFeed } from './feed/feed.ts';
import { freezeQueries, freezeRequests } from './freezes/freeze-requests.ts';
import { confirmTrials } from './confirmations/confirm.ts';
import { listApps, selectedKeys, type AppSources, usageHistory } from './views/app-queries.ts';
import { hasDrift } from './views/drift/has-drift.ts';
import { auditQueries } from './views/audit-queries.ts';
import { daemonStatus, troubleOf } from './views/daemon/daemon-status.ts';
import { firstLook } from './views/first-look.ts';
import { watchApps } from './views/watch-apps.ts';
import { toRfc3339 } from './views/wire-values.ts';
import type { ControllerContext } from './context/context.ts';
import { openCustom } from './custom/custom.ts';
import { measured } from './metrics/metrics.ts';
import { flushLogs, reopenLogs } from './verbs/log-files.ts';
import { launchBeside } from './verbs/launches.ts';
import { sendMessage } from './verbs/messages.ts';
import { resetCounters } from './verbs/resets.ts';
import { sendSignal } from './verbs/signals.ts';
import { logUsageOf } from './logs/log-usage.ts';
import { openLogs } from './logs/open-logs.ts';
import { revisionQueries } from './views/revision-queries.ts';
import { viewUnwritten } from './views/daemon/unwritten.ts';
import { explainEnvironment } from './environment/explain-environment.ts';
import { viewAppSource, withSourceHints } from './views/source-view.ts';
import { listRounds } from './views/why/rounds.ts';
import { explainApp } from './views/why/why.ts';
import { KnownPorts } from '../triggers/probes/known-ports.ts';
import { AgentFiguresTable } from '../triggers/usage/agent-figures.ts';
import { accessRequests } from './access/session-requests.ts';
import { httpPart } from './http/http.ts';
import { failingReceivers, receiverRequests, withTrouble } from './notify/receiver-requests.ts';
import type { Receivers } from './notify/receivers.ts';
import type { SourceAnswers } from './sources/open.ts';
import { settingsRequests, settingsTrouble } from './settings/settings-requests.ts';
import { withSourceNotes } from './sources/answers/verb-notes.ts';
import { verbRequest } from './verbs/verbs.ts';

/** Answers the routes of the API from a running controller. */
export function createBackend(
  context: ControllerContext,
  { sources: declared, planSource, declaredBySource, ofProjects }: SourceAnswers,
  receivers: Receivers,
): ApiBackend {
  const { store, observer, loop, clock, usage, settings } = context;
  const agents = new AgentFiguresTable(context);
  const ports = new KnownPorts({ now: () => clock.monotonic() });
  const custom = openCustom({
    ...context,
    show: (key, type, condition) => {
      if (loop.status.report(key, type, condition)) loop.submit(key, 'condition');
    },
  });
  // One change at a time: an apply is committed on the very state that it was previewed against.
  const oneAtATime = createSerialQueue();
  const sources = {
    ...appSources(context),
    stateOfSource: (source: string) => declared.stateOf(source),
    figuresOf: (nonce: string) => agents.of(nonce),
    customOf: custom.fieldsOf,
  };
  const trouble = (onlyProblems: boolean): DaemonTrouble => ({
    ...troubleOf(context),
    ...failingReceivers(receivers),
    ...settingsTrouble(settings.book),
    ...httpPart(context.http, onlyProblems),
  });
  const status = async (): Promise<DaemonStatus> => ({ ...(await daemonStatus(context)), ...trouble(false) });
  const plan: ApiBackend['plan'] = async (request) => {
    const code = await readCode(request, context.code);
    const planned = await planRequest(request, snapshot(context, code), portLook(context));
    // From now on `get` and `why` show what the plan has found.
    if (planned.ok) noticeCode(planned.value, context);
    return planned;
  };
  const apply = async (request: ApplyRequest, terms: ApplyTerms): Promise<Result<ApplyResponse, Failure>> => {
    const applied = await oneAtATime(() => applyRequest(request, context, terms));
    // What is rolled out is read when it starts; of the others, what was shown before may be over.
    if (applied.ok) noticeCode({ changes: applied.value.plan.changes.filter(keepsCode) }, context);
    return applied;
  };
  const answers: ApiBackend = {
    ping: () => Promise.resolve(ok({})),
    status: async () => ok(await status()),
    async metrics() {
      const [figures, now, logUsage] = await Promise.all([
        agents.measureNow(),
        status(),
        logUsageOf(context.driver),
      ]);
      return measured({ ...sources, logUsage, figuresOf: (nonce) => figures.get(nonce) }, context, {
        status: now,
        declared: declared.list(),
        receivers: receivers.list(),
      });
    },
    async apps(query) {
      const listed = await listApps(query, await firstLook(query, { ...context, ports }, sources));
      return withTrouble(listed, query, () => trouble(true));
    },
    usageHistory: ({ selectors }) => Promise.resolve(usageHistory(selectors, { store, usage })),
    async why({ project, name }) {
      const key = appKey(project, name);
      const app = store.desiredApp(key);
      if (app === undefined) return err({ code: 'NOT_FOUND', message: `there is no app ${key}` });
      await context.lookForDrift();
      const revision = await store.revision(project, app.revision);
      const why = explainApp({
        app,
        status: loop.status.get(key),
        instances: observer.instancesOf(key),
        history: store.history(key).slots,
        nextRun: context.nextRun(key),
        revision: revision.ok ? revision.value : undefined,
      });
      const { source } = viewAppSource(store.project(project), app.spec, (of) => declared.stateOf(of));
      return ok(source === undefined ? why : { ...why, ...withSourceHints(why.drift, source), source });
    },
    environment: (request) => explainEnvironment(request, context),
    plan,
    snapshot: () =>
      Promise.resolve(
        makeSnapshot({
          host: snapshot(context),
          freezes: context.freezes.list(),
          version: context.version,
          stateDir: context.paths.state,
        }),
      ),
    apply: (request, wanted) => apply(request, { wanted }),
    ...unchangedRequests({
      records: () => store.records(),
      plan,
      apply,
      hasDrift: (apps) => hasDrift(apps, context, sources),
    }),
    ...auditQueries(stateLayout(context.paths.state).audit),
    ...freezeQueries(context.freezes),
    ...freezeRequests(context),
    confirm: (request) => oneAtATime(() => confirmTrials(request, context)),
    verb: (request, wanted) =>
      withSourceNotes(request, sources, () => oneAtATime(() => verbRequest(request, context, wanted))),
    message: (request) => sendMessage(request, context),
    runAction: custom.act,
    signal: (request) => sendSignal(request, context),
    launch: (request) => launchBeside(request, context),
    reset: (request) => Promise.resolve(resetCounters(request, context)),
    flushLogs: (request) => flushLogs(request, context),
    reopenLogs: (request) => reopenLogs(request, context),
    ...revisionQueries({ store, instancesOf: (key) => context.driver.instancesOf(key) }),
    async events(query) {
      const accept = eventFilter(query, context);
      if (!accept.ok) return accept;
      const { after, limit = DEFAULT_EVENTS } = query;
      const events = await store.events({
        ...(after !== undefined && { after }),
        limit,
        accept: accept.value,
      });
      return ok({ apiVersion: 'v1', kind: 'EventList', items: events.map(eventInfo) });
    },
    rounds: (query) => Promise.resolve(listRounds(query, context)),
    followEvents(query, signal) {
      const accept = eventFilter(query, context);
      if (!accept.ok) return Promise.resolve(accept);
      const { after } = query;
      const options = { ...(after !== undefined && { after }), accept: accept.value, signal };
      return Promise.resolve(ok(mapEach(followEvents(store, options), eventInfo)));
    },
    watchApps: (query, signal) =>
      Promise.resolve(
        watchApps(query, sources, { status: loop.status, usage, agents, custom, clock, signal }),
      ),
    logs: (query, signal) =>
      openLogs(query, { ...context, signal, uncover: (line, app) => context.secrets.uncover(line, app) }),
    feed: (query, signal) => openFeed(query, answers, signal),
    ...ofProjects,
    sources: () => Promise.resolve(ok(declared.list())),
    source: ({ name }) => Promise.resolve(declared.get(name)),
    declareSources: (request) => declared.declare(request),
    actOnSource: (request) => declared.act(request),
    planSource,
    declaredBySource,
    ...receiverRequests(receivers),
    ...settingsRequests(settings, context.paths.settings),
    ...accessRequests(context),
    async stopDaemon({ all }) {
      const left = await store.settle();
      // After the answer is out: the server closes with the controller.
      setImmediate(() => context.ending.ask(all));
      return ok(left === null ? {} : { unwritten: viewUnwritten(left) });
    },
  };
  return answers;
}

const DEFAULT_EVENTS = 100;

function appSources(context: ControllerContext): AppSources {
  const { store, observer, loop, driver, probes, usage, nextRun } = context;
  return {
    store,
    statusOf: (key) => loop.status.get(key),
    published: () => loop.status.keys(),
    instancesOf: (key) => observer.instancesOf(key),
    hooksOf: (key) => driver.hooksOf(key),
    probes,
    usage: () => usage.samples,
    nextRun,
    logFilesOf: (app, slot) => driver.logFiles(app, slot),
  };
}

function eventFilter(
  { selectors }: EventsQuery,
  { store }: ControllerContext,
): Result<(event: EventRecord) => boolean, Failure> {
  const keys = selectedKeys(selectors, store);
  if (!keys.ok) return keys;
  const selected = keys.value;
  return ok(({ key }) => selected === null || (key !== null && selected.has(key)));
}

function eventInfo(event: EventRecord): EventInfo {
  return { ...event, at: toRfc3339(event.at) };
}

async function* mapEach<T, R>(items: AsyncIterable<T>, map: (item: T) => R): AsyncGenerator<R> {
  for await (const item of items) yield map(item);
}
