import { err, ok } from '../../../lib/result.ts';
import { badRequest } from './checked.ts';
import type { Form } from './endpoint.ts';
import type { RollbackTarget } from '../wire/dash/planned.ts';
import { all, given, readSelectors, readWhole } from './query-parts.ts';

const DEFAULT_EVENTS = 100;
const MAX_EVENTS = 50_000;

/** Which apps, and how much of each spec. No selector: all. */
export interface AppsQuery {
  readonly selectors: readonly string[];
  readonly spec: 'none' | 'redacted' | 'full';
  /** `brief` leaves out what a table does not show: conditions and log files. Left out: everything. */
  readonly detail?: 'brief' | 'full';
  /** Look up what the processes listen on. */
  readonly ports?: boolean;
  /** Of a watch: a list also after every round of samples of what processes use. A daemon that is older does not send it. */
  readonly usage?: boolean;
  /** Of a watch: have the agents measure what they can, while somebody watches. */
  readonly agents?: boolean;
  /**
   * Of a watch: after the first list only what has changed (see AppList). A daemon that is older sends everything each
   * time, and says so by leaving `partial` out.
   */
  readonly partial?: boolean;
}

export interface EventsQuery {
  readonly selectors: readonly string[];
  /** Only events with a higher number. */
  readonly after?: number;
  /** At most this many: the oldest after `after`, or, without it, the newest. */
  readonly limit?: number;
}

const APPS_FLAGS = ['ports', 'usage', 'agents', 'partial'] as const;

/** `selector=S&selector=…&spec=none|redacted|full&detail=brief|full&ports=true&usage=true&agents=true&partial=true` */
export const appsQuery: Form<AppsQuery> = {
  write: ({ selectors, spec, detail, ...flags }) => ({
    query: [
      ...all('selector', selectors),
      ['spec', spec],
      ...given('detail', detail),
      ...APPS_FLAGS.flatMap((name) => all(name, flags[name] === true ? ['true'] : [])),
    ],
  }),
  read({ query }) {
    const selectors = readSelectors(query);
    if (!selectors.ok) return selectors;
    const spec = query.get('spec') ?? 'redacted';
    if (spec !== 'none' && spec !== 'redacted' && spec !== 'full') {
      return err(badRequest('spec must be one of none, redacted, full'));
    }
    const detail = query.get('detail');
    if (detail !== null && detail !== 'brief' && detail !== 'full') {
      return err(badRequest('detail must be one of brief, full'));
    }
    return ok({
      selectors: selectors.value,
      spec,
      ...(detail !== null && { detail }),
      ...Object.fromEntries(
        APPS_FLAGS.flatMap((name) => (query.get(name) === 'true' ? [[name, true] as const] : [])),
      ),
    });
  },
};

export interface SelectedQuery {
  readonly selectors: readonly string[];
}

/** `selector=S&selector=…`; none: all. */
export const selectedQuery: Form<SelectedQuery> = {
  write: ({ selectors }) => ({ query: all('selector', selectors) }),
  read({ query }) {
    const selectors = readSelectors(query);
    return selectors.ok ? ok({ selectors: selectors.value }) : selectors;
  },
};

/** `after=SEQ&limit=N&selector=S` */
export const eventsQuery: Form<EventsQuery> = {
  write: ({ selectors, after, limit }) => ({
    query: [...all('selector', selectors), ...given('after', after), ...given('limit', limit)],
  }),
  read({ query }) {
    const selectors = readSelectors(query);
    if (!selectors.ok) return selectors;
    const after = readWhole(query.get('after'), 'after', Number.MAX_SAFE_INTEGER);
    if (!after.ok) return after;
    const limit = readWhole(query.get('limit'), 'limit', MAX_EVENTS);
    if (!limit.ok) return limit;
    return ok({
      selectors: selectors.value,
      limit: limit.value ?? DEFAULT_EVENTS,
      ...(after.value === null ? {} : { after: after.value }),
    });
  },
};

export type RoundsQuery = Omit<EventsQuery, 'after'>;

/** `limit=N&selector=S` */
export const roundsQuery: Form<RoundsQuery> = {
  write: (request) => eventsQuery.write(request),
  read(sent) {
    const query = eventsQuery.read(sent);
    if (!query.ok) return query;
    const { selectors, limit = DEFAULT_EVENTS } = query.value;
    return ok({ selectors, limit });
  },
};

/** The same; a `Last-Event-ID` (of a client that comes back) wins over `after`. */
export const followedEventsQuery: Form<EventsQuery> = {
  write: (request) => eventsQuery.write(request),
  read(sent) {
    const query = new URLSearchParams(sent.query);
    if (sent.lastEventId !== null) query.set('after', sent.lastEventId);
    return eventsQuery.read({ ...sent, query });
  },
};

/** A request that is nothing but parts of the path. */
export function inPath<N extends string>(...names: readonly N[]): Form<Readonly<Record<N, string>>> {
  return {
    write: (params) => ({ params }),
    // The path has matched, so every part is there.
    read: ({ params }) =>
      ok(Object.fromEntries(names.map((name) => [name, params[name]])) as Record<N, string>),
  };
}

export const revisionInPath: Form<{ readonly project: string; readonly revision: number }> = {
  write: ({ project, revision }) => ({ params: { project, revision: String(revision) } }),
  read({ params: { project = '', revision = '' } }) {
    const number = readWhole(revision, 'revision', Number.MAX_SAFE_INTEGER);
    if (!number.ok || number.value === null) return err(badRequest('the revision must be a number'));
    return ok({ project, revision: number.value });
  },
};

/** `…/:project/revisions/:revision/plan?app=NAME`; without `app` the whole project. */
export const rollbackInPath: Form<RollbackTarget> = {
  write: ({ project, revision, app }) => ({
    ...revisionInPath.write({ project, revision }),
    query: given('app', app ?? undefined),
  }),
  read(sent) {
    const target = revisionInPath.read(sent);
    return target.ok ? ok({ ...target.value, app: sent.query.get('app') }) : target;
  },
};

/** `…/:project/going-back?app=NAME`; without `app` the whole project. */
export const subjectInPath: Form<Omit<RollbackTarget, 'revision'>> = {
  write: ({ project, app }) => ({ params: { project }, query: given('app', app ?? undefined) }),
  read: ({ params: { project = '' }, query }) => ok({ project, app: query.get('app') }),
};
