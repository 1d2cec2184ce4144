import { join } from 'node:path';
import { refusingBackend, type ApiBackend } from '../../../src/api/contract/endpoints/backend.ts';
import type { AppsQuery } from '../../../src/api/contract/endpoints/queries.ts';
import type { ApplyRequest, WaitTarget } from '../../../src/api/contract/wire/apply.ts';
import type { App, AppList } from '../../../src/api/contract/wire/apps.ts';
import type { DaemonStopRequest } from '../../../src/api/contract/wire/daemon.ts';
import type { EventInfo } from '../../../src/api/contract/wire/events.ts';
import type { LogLine } from '../../../src/api/contract/wire/logs.ts';
import type { MessageResponse } from '../../../src/api/contract/wire/messages.ts';
import type { PlanDocument } from '../../../src/api/contract/wire/plan.ts';
import type { RevisionDetail, RevisionInfo } from '../../../src/api/contract/wire/revisions.ts';
import type { VerbRequest, VerbResponse } from '../../../src/api/contract/wire/verbs.ts';
import type { WhyDocument } from '../../../src/api/contract/wire/why.ts';
import { appKey } from '../../../src/lib/app-key.ts';
import type { Failure } from '../../../src/lib/failure.ts';
import { err, ok } from '../../../src/lib/result.ts';
import type { PlanSummary } from '../../../src/plan/model/plan.ts';
import { NO_CHANGES } from '../../../src/plan/summary.ts';
import { whereToGoBack } from '../../../src/state/revisions/going-back.ts';

/** More than a pid can be. */
const NOBODY = 2 ** 22 + 1;

/** What a fake daemon answers. */
export interface Canned {
  readonly apps: readonly App[];
  /** Lists that a watch gives, one after the other, before it stays silent; default: the apps, once. */
  readonly watch: readonly AppList[];
  readonly events: readonly EventInfo[];
  readonly logs: readonly LogLine[];
  /** Newest first; those with a spec can be asked for one by one. */
  readonly revisions: readonly (RevisionInfo & Partial<RevisionDetail>)[];
  readonly targets: readonly WaitTarget[];
  readonly verbResults: VerbResponse['results'];
  readonly plan: PlanDocument;
  /** Answered to plan, apply and verbs in place of a result. */
  readonly failure: Failure;
  readonly messageResults: MessageResponse['results'];
  /** Told of every message, as it came in. */
  readonly onMessage: (message: unknown) => void;
  /** Told of every request that changes something. */
  readonly onRequest: (request: ApplyRequest | VerbRequest | DaemonStopRequest) => void;
}

export const NO_CHANGE: PlanSummary = { ...NO_CHANGES, unchanged: 1, processesUntouched: 1 };

export function planDocument(overrides: Partial<PlanDocument> = {}): PlanDocument {
  return {
    formatVersion: 1,
    kind: 'Plan',
    projects: [
      {
        project: 'shop',
        revisionBefore: 41,
        revisionAfter: 41,
        source: { files: ['/srv/shop/ecosystem.yaml'], env: null },
      },
    ],
    options: { prune: true, only: null },
    changes: [],
    holds: [],
    summary: NO_CHANGE,
    fingerprint: 'f1',
    basis: { fingerprint: 'f1', apps: [], desiredHash: 'd1' },
    guard: null,
    ...overrides,
  };
}

function whyOf({ project, name, status }: App): WhyDocument {
  const { sync, health, readyInstances, desiredInstances } = status;
  return {
    ...{ apiVersion: 'v1', kind: 'Why', app: appKey(project, name) },
    ...{ sync, health, readyInstances, desiredInstances },
    ...{ since: null, cause: null, lastRestart: null, lastExit: null, waits: [], next: [] },
  };
}

/** A backend that knows its lines. Unknown selectors are SELECTOR_NOT_FOUND, as with a real one. */
export function cannedBackend(canned: Partial<Canned>, home: string): ApiBackend {
  const { apps = [], events = [], plan = planDocument(), targets = [] } = canned;
  const select = (selectors: readonly string[]) => {
    const items = apps.filter(
      ({ project, name }) =>
        selectors.length === 0 ||
        selectors.some((s) => s === name || s === `${project}/${name}` || s === 'all'),
    );
    const missing = selectors.some((one) => one !== 'all') && items.length === 0;
    return missing
      ? err({ code: 'SELECTOR_NOT_FOUND', message: `no app matches ${selectors.join(' ')}` } as const)
      : ok<AppList>({ apiVersion: 'v1', kind: 'AppList', items });
  };
  const answer = <T>(request: Parameters<Canned['onRequest']>[0], value: T) => {
    canned.onRequest?.(request);
    return Promise.resolve(canned.failure === undefined ? ok(value) : err(canned.failure));
  };
  const listOf = (revisions: Canned['revisions']) => {
    const items = revisions.map(({ spec: _, ...info }) => info);
    return Promise.resolve(ok({ apiVersion: 'v1', kind: 'RevisionList', items } as const));
  };
  return {
    ...refusingBackend({ code: 'NOT_FOUND', message: 'nothing is canned for this' }),
    status: () =>
      Promise.resolve(
        ok({
          controller: { pid: NOBODY, version: '1.2.3', uptimeMs: 61_000 },
          runner: { pid: NOBODY, version: '1.2.3', epoch: 'e1' },
          home,
          socket: join(home, 'run', 'api.sock'),
        }),
      ),
    apps: ({ selectors, detail }) => {
      const selected = select(selectors);
      return Promise.resolve(selected.ok ? ok(inDetail(selected.value, detail)) : selected);
    },
    why({ project, name }) {
      const selected = select([`${project}/${name}`]);
      const [app] = selected.ok ? selected.value.items : [];
      if (!selected.ok) return Promise.resolve(selected);
      if (app === undefined)
        return Promise.resolve(err({ code: 'NOT_FOUND', message: 'no such app' } as const));
      return Promise.resolve(ok(whyOf(app)));
    },
    plan: (request) => answer(request, plan),
    apply: (request) => answer(request, { plan, targets }),
    verb(request) {
      const selected = select(request.selectors);
      if (!selected.ok) return Promise.resolve(selected);
      return answer(request, { results: canned.verbResults ?? [], targets });
    },
    message: ({ selectors, message }) => {
      const selected = select(selectors);
      if (!selected.ok) return Promise.resolve(selected);
      canned.onMessage?.(message);
      return Promise.resolve(ok({ results: canned.messageResults ?? [] }));
    },
    allRevisions: () => listOf(canned.revisions ?? []),
    revisions: ({ project }) => listOf((canned.revisions ?? []).filter((it) => it.project === project)),
    revision: ({ project, revision: number }) => {
      const found = canned.revisions?.find((it) => it.project === project && it.revision === number);
      return Promise.resolve(
        found?.spec === undefined
          ? err({ code: 'NOT_FOUND', message: 'no such revision' } as const)
          : ok({ ...found, spec: found.spec }),
      );
    },
    goingBack: (subject) => {
      const kept = (canned.revisions ?? []).flatMap(({ project, revision, spec, outcome }) =>
        project === subject.project && spec !== undefined
          ? [{ revision, spec, outcome: outcome ?? null }]
          : [],
      );
      const found = whereToGoBack(subject, kept);
      return Promise.resolve(
        found.ok ? ok({ apiVersion: 'v1', kind: 'GoingBack', ...subject, ...found.value } as const) : found,
      );
    },
    events: () => Promise.resolve(ok({ apiVersion: 'v1', kind: 'EventList', items: events })),
    followEvents: () => Promise.resolve(ok(each(events))),
    watchApps: ({ detail }, signal) => {
      const lists = canned.watch ?? [{ apiVersion: 'v1', kind: 'AppList', items: apps } as const];
      return Promise.resolve(
        ok(
          thenSilence(
            lists.map((list) => inDetail(list, detail)),
            signal,
          ),
        ),
      );
    },
    logs: ({ selectors, stream }) => {
      const [, slot] = /:(\d+)$/.exec(selectors[0] ?? '') ?? [];
      const selected = select(selectors.map((selector) => selector.replace(/:\d+$/, '')));
      const lines = (canned.logs ?? []).filter(
        (line) =>
          (slot === undefined || line.slot === Number(slot)) && (stream === 'all' || line.stream === stream),
      );
      return Promise.resolve(selected.ok ? ok(each(lines)) : selected);
    },
    stopDaemon: (request) => answer(request, {}),
  };
}

/** Conditions are left out of what is for tables, as the daemon does it. */
function inDetail(list: AppList, detail: AppsQuery['detail']): AppList {
  if (detail !== 'brief') return list;
  const items = list.items.map((app) => ({ ...app, status: { ...app.status, conditions: [] } }));
  return { ...list, items };
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) yield await Promise.resolve(item);
}

async function* thenSilence<T>(items: readonly T[], signal: AbortSignal): AsyncGenerator<T> {
  yield* each(items);
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
}
