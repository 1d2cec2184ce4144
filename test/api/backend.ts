import type { ApiBackend } from '../../src/api/contract/backend.ts';
import type { App, AppList, EventInfo, PlanDocument } from '../../src/api/contract/wire.ts';
import type { Failure } from '../../src/lib/failure.ts';
import { err, ok, type Result } from '../../src/lib/result.ts';

/** One call that reached the backend: its method and what it was given. */
export type Call = readonly [keyof ApiBackend, ...unknown[]];

export interface FakeBackend extends ApiBackend {
  readonly calls: Call[];
}

export const EMPTY_LIST: AppList = { apiVersion: 'v1', kind: 'AppList', items: [] };

/** A backend that notes what it was asked and answers emptily; single methods can be replaced. */
export function fakeBackend(methods: Partial<ApiBackend> = {}): FakeBackend {
  const calls: Call[] = [];
  const note = (...call: Call): void => void calls.push(call);
  return {
    calls,
    status() {
      note('status');
      return answer({
        controller: { pid: 1, version: '0.1.0', uptimeMs: 5 },
        runner: null,
        home: '/h',
        socket: '/h/s',
      });
    },
    apps(query) {
      note('apps', query);
      return answer(EMPTY_LIST);
    },
    why(project, name) {
      note('why', project, name);
      return refusal({ code: 'NOT_FOUND', message: `there is no app ${project}/${name}` });
    },
    plan(request) {
      note('plan', request);
      return answer({ formatVersion: 1, kind: 'Plan' } as PlanDocument);
    },
    apply(request) {
      note('apply', request);
      return answer({ plan: { formatVersion: 1, kind: 'Plan' } as PlanDocument, targets: [] });
    },
    verb(request) {
      note('verb', request);
      return answer({ results: [], targets: [] });
    },
    message(request) {
      note('message', request);
      return answer({ results: [] });
    },
    revisions(project) {
      note('revisions', project);
      return answer({ apiVersion: 'v1', kind: 'RevisionList', items: [] });
    },
    revision(project, revision) {
      note('revision', project, revision);
      return refusal({ code: 'NOT_FOUND', message: 'cannot find it', hint: 'look elsewhere' });
    },
    events(query) {
      note('events', query);
      return answer({ apiVersion: 'v1', kind: 'EventList', items: [] });
    },
    followEvents(query) {
      note('followEvents', query);
      return answer(none());
    },
    watchApps(query) {
      note('watchApps', query);
      return answer(none());
    },
    logs(query) {
      note('logs', query);
      return answer(none());
    },
    stopDaemon(request) {
      note('stopDaemon', request);
      return answer(undefined);
    },
    ...methods,
  };
}

export function eventInfo(seq: number): EventInfo {
  return {
    seq,
    at: '2026-01-01T00:00:00.000Z',
    level: 'info',
    reason: 'Created',
    message: `event ${seq}`,
    key: 'shop/api',
    slot: 0,
    pid: 1,
    generation: 1,
  };
}

export function listOf(name: string): AppList {
  return { ...EMPTY_LIST, items: [{ project: 'shop', name } as App] };
}

/** The items of a list, one by one. */
export async function* items<T>(list: readonly T[]): AsyncGenerator<T> {
  for (const item of list) yield await Promise.resolve(item);
}

function none(): AsyncGenerator<never> {
  return items([]);
}

/** Resolves when the signal fires. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve());
  });
}

export function answer<T>(value: T): Promise<Result<T, Failure>> {
  return Promise.resolve(ok(value));
}

export function refusal(failure: Failure): Promise<Result<never, Failure>> {
  return Promise.resolve(err(failure));
}
