import {
  everyCall,
  refusingBackend,
  streamNames,
  type ApiBackend,
  type ApiCalls,
} from '../../src/api/contract/endpoints/backend.ts';
import type { App, AppList } from '../../src/api/contract/wire/apps.ts';
import type { EventInfo } from '../../src/api/contract/wire/events.ts';
import type { PlanDocument } from '../../src/api/contract/wire/plan.ts';
import type { RevisionList } from '../../src/api/contract/wire/revisions.ts';
import type { Failure } from '../../src/lib/failure.ts';
import { err, ok, type Result } from '../../src/lib/result.ts';

/** One call that reached the backend: its method and what it was given. */
export type Call = readonly [keyof ApiBackend, ...unknown[]];

export type FakeBackend = { -readonly [K in keyof ApiBackend]: ApiBackend[K] } & { readonly calls: Call[] };

export const EMPTY_LIST: AppList = { apiVersion: 'v1', kind: 'AppList', items: [] };

/** What each endpoint answers where a test does not care; nothing of an app or a revision: there is none. */
const ANSWERS: Partial<ApiCalls> = {
  status: () =>
    answer({
      controller: { pid: 1, version: '0.1.0', uptimeMs: 5 },
      runner: null,
      home: '/h',
      socket: '/h/s',
    }),
  apps: () => answer(EMPTY_LIST),
  plan: () => answer({ formatVersion: 1, kind: 'Plan' } as PlanDocument),
  apply: () => answer({ plan: { formatVersion: 1, kind: 'Plan' } as PlanDocument, targets: [] }),
  verb: () => answer({ results: [], targets: [] }),
  message: () => answer({ results: [] }),
  allRevisions: () => answer(NO_REVISIONS),
  revisions: () => answer(NO_REVISIONS),
  events: () => answer({ apiVersion: 'v1', kind: 'EventList', items: [] }),
  stopDaemon: () => answer({}),
};

const NO_REVISIONS: RevisionList = { apiVersion: 'v1', kind: 'RevisionList', items: [] };
const NOT_FOUND: Failure = { code: 'NOT_FOUND', message: 'cannot find it', hint: 'look elsewhere' };

/** A backend that notes what it was asked and answers emptily; single methods can be replaced. */
export function fakeBackend(methods: Partial<ApiBackend> = {}): FakeBackend {
  const calls: Call[] = [];
  const streams = Object.fromEntries(
    streamNames.map((name) => [
      name,
      (request: unknown) => {
        calls.push([name, request]);
        return answer(items([]));
      },
    ]),
  );
  return {
    ...refusingBackend(NOT_FOUND),
    ...everyCall((name) => (request) => {
      calls.push(request === undefined ? [name] : [name, request]);
      return ANSWERS[name]?.(request) ?? refusal(NOT_FOUND);
    }),
    ...streams,
    ...methods,
    calls,
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
