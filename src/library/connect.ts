import { accepted } from '../cli/declare/applying.ts';
import type { ApiClient } from '../api/client/client.ts';
import type { App, AppList } from '../api/contract/wire/apps.ts';
import type { ActionResponse } from '../api/contract/wire/custom/custom.ts';
import type { DaemonStatus } from '../api/contract/wire/daemon.ts';
import type { EventInfo } from '../api/contract/wire/events.ts';
import type { LogLine } from '../api/contract/wire/logs.ts';
import type { MessageResponse } from '../api/contract/wire/messages.ts';
import type { PlanDocument } from '../api/contract/wire/plan.ts';
import type { VerbRequest, VerbResponse } from '../api/contract/wire/verbs.ts';
import { whoAmI } from '../cli/declare/project-files.ts';
import { connectOrStart, openApi } from '../cli/session/connect.ts';
import { resolveHome } from '../home/layout.ts';
import { requestOf, type Declaration, type DeclareOptions } from './applying.ts';
import { selectorsOf, type Selection } from './selection.ts';
import { guarded, guardedStream, StatewardError, valueOf } from './stateward-error.ts';
import { quietContext } from './surroundings.ts';
import { settled, type WaitOptions } from './waiting.ts';

export interface ConnectOptions {
  /** Folder of the daemon. Default: STATEWARD_HOME, else ~/.stateward. */
  readonly home?: string;
  /** Start the daemon when none runs. Default: false, and `connect` rejects with DAEMON_UNREACHABLE. */
  readonly start?: boolean;
  readonly signal?: AbortSignal;
}

/** What every call takes. */
export interface CallOptions {
  /** Rejects the promise with the reason of the signal; a request that was sent is not taken back. */
  readonly signal?: AbortSignal;
}

/** What every stream takes. */
export interface FollowOptions {
  /** Ends the iteration. */
  readonly signal?: AbortSignal;
}

/** One amount of instances: how many, or by how many more (`+1`) or fewer (`-1`). */
export type Scale = number | `+${number}` | `-${number}`;

/** What one app came of a verb. */
export type VerbResult = VerbResponse['results'][number];

/** A daemon, as the command line sees it. Nothing is held open between calls. */
export interface Stateward extends AsyncDisposable {
  status(options?: CallOptions): Promise<DaemonStatus>;
  /** Apps with their specs (secrets redacted) and their state. */
  list(selection?: Selection, options?: CallOptions): Promise<readonly App[]>;
  /** The one app that is meant. Rejects with SELECTOR_NOT_FOUND, or SELECTOR_AMBIGUOUS when there are several. */
  get(selection: Selection, options?: CallOptions): Promise<App>;
  plan(declaration: Declaration, options?: DeclareOptions & CallOptions): Promise<PlanDocument>;
  /**
   * Makes the host as it is declared and waits until it is. Gives the plan that was carried out. Rejects with
   * ROLLOUT_FAILED, APP_FAILED, WAIT_TIMEOUT, or the code of a guard that refuses it.
   */
  apply(declaration: Declaration, options?: DeclareOptions & WaitOptions): Promise<PlanDocument>;
  start(selection: Selection, options?: WaitOptions): Promise<readonly VerbResult[]>;
  stop(selection: Selection, options?: WaitOptions): Promise<readonly VerbResult[]>;
  /** `now`: all instances at once and without draining. */
  restart(
    selection: Selection,
    options?: WaitOptions & { readonly now?: boolean },
  ): Promise<readonly VerbResult[]>;
  reload(selection: Selection, options?: WaitOptions): Promise<readonly VerbResult[]>;
  scale(selection: Selection, instances: Scale, options?: WaitOptions): Promise<readonly VerbResult[]>;
  /** `allowWipe`: also what is protected. */
  delete(
    selection: Selection,
    options?: WaitOptions & { readonly allowWipe?: boolean },
  ): Promise<readonly VerbResult[]>;
  /** What apps get as `process.on('message')`. */
  send(selection: Selection, message: unknown, options?: CallOptions): Promise<MessageResponse['results']>;
  /** Has every instance do something that it offers; `parameter` is any JSON value. */
  trigger(
    selection: Selection,
    action: string,
    options?: CallOptions & { readonly parameter?: unknown; readonly timeoutMs?: number },
  ): Promise<ActionResponse['results']>;
  /** `SIGUSR2`, to the main process of each instance. */
  signal(selection: Selection, signal: string, options?: CallOptions): Promise<MessageResponse['results']>;
  /** Counts restarts from 0 again. */
  reset(selection: Selection, options?: CallOptions): Promise<void>;
  /** Events from now on, or those after number `after`. Goes on over a restart of the daemon: each once, in order. */
  events(
    options?: FollowOptions & { readonly selection?: Selection; readonly after?: number },
  ): AsyncIterableIterator<EventInfo>;
  /** The apps now, and again after every change. */
  watch(selection?: Selection, options?: FollowOptions): AsyncIterableIterator<readonly App[]>;
  /** The last lines of apps (15 of each file), then with `follow` those that come. */
  logs(
    options?: FollowOptions & {
      readonly selection?: Selection;
      readonly lines?: number;
      readonly since?: Date;
      readonly stream?: 'out' | 'err' | 'all';
      readonly follow?: boolean;
    },
  ): AsyncIterableIterator<LogLine>;
  /** Ends every stream of this object. */
  close(): void;
}

const DEFAULT_LINES = 15;

/** Finds the daemon of a home, and rejects where none answers. */
export async function connect({ home, start = false, signal }: ConnectOptions = {}): Promise<Stateward> {
  const options = { home: resolveHome(home, process.env), context: quietContext() };
  const api = openApi(options);
  // What starts the daemon counts what ran before that, so it is not for what follows.
  const first = start ? connectOrStart(options, () => undefined) : api;
  await guarded(signal, async () => valueOf(await first.status()));
  return clientOf(api);
}

function clientOf(api: ApiClient): Stateward {
  const closing = new AbortController();
  const until = (signal: AbortSignal | undefined): AbortSignal =>
    signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal]);
  const verb = (selection: Selection, own: OwnOfVerb, options: WaitOptions = {}) =>
    guarded(options.signal, async () => {
      const selectors = named(selection);
      const command = [own.verb, ...selectors].join(' ');
      const request: VerbRequest = { ...own, selectors, by: whoAmI(), command };
      const { results, targets } = valueOf(await api.verb(request));
      await settled(api, targets, options);
      return results;
    });
  const list = (selection: Selection | undefined, { signal }: CallOptions = {}) =>
    guarded(signal, async () => {
      const query = { selectors: selectorsOf(selection), spec: 'redacted', ports: true } as const;
      return valueOf(await api.apps(query)).items;
    });
  return {
    status: ({ signal } = {}) => guarded(signal, async () => valueOf(await api.status())),
    list,
    get: async (selection, options) => onlyOf(await list(selection, options)),
    plan: (declaration, options = {}) =>
      guarded(options.signal, async () =>
        valueOf(await api.plan(await requestOf(declaration, 'plan', options))),
      ),
    apply: (declaration, options = {}) =>
      guarded(options.signal, async () => {
        const request = await requestOf(declaration, 'apply', options);
        const { plan, targets } = valueOf(await accepted(request, api));
        await settled(api, targets, options);
        return plan;
      }),
    start: (selection, options) => verb(selection, { verb: 'start' }, options),
    stop: (selection, options) => verb(selection, { verb: 'stop' }, options),
    restart: (selection, options) =>
      verb(selection, { verb: 'restart', ...(options?.now === true && { now: true }) }, options),
    reload: (selection, options) => verb(selection, { verb: 'reload' }, options),
    scale: (selection, instances, options) =>
      verb(selection, { verb: 'scale', ...amountOf(instances) }, options),
    delete: (selection, options) =>
      verb(selection, { verb: 'delete', allowWipe: options?.allowWipe ?? false }, options),
    send: (selection, message, { signal } = {}) =>
      guarded(
        signal,
        async () => valueOf(await api.message({ selectors: named(selection), message })).results,
      ),
    trigger: (selection, action, { signal, ...given } = {}) =>
      guarded(
        signal,
        async () =>
          valueOf(await api.runAction({ selectors: named(selection), action, by: whoAmI(), ...given }))
            .results,
      ),
    signal: (selection, name, { signal } = {}) =>
      guarded(
        signal,
        async () =>
          valueOf(await api.signal({ selectors: named(selection), signal: name, by: whoAmI() })).results,
      ),
    reset: (selection, { signal } = {}) =>
      guarded(signal, async () => {
        valueOf(await api.reset({ selectors: named(selection), by: whoAmI() }));
      }),
    events: ({ selection, after, signal } = {}) =>
      guardedStream(
        api.followEvents(
          { selectors: selectorsOf(selection), ...(after !== undefined && { after }) },
          { signal: until(signal) },
        ),
      ),
    watch: (selection, { signal } = {}) =>
      guardedStream(
        itemsOf(
          api.watchApps({ selectors: selectorsOf(selection), spec: 'redacted' }, { signal: until(signal) }),
        ),
      ),
    logs: ({ selection, lines = DEFAULT_LINES, since, stream = 'all', follow = false, signal } = {}) =>
      guardedStream(
        api.logs(
          {
            selectors: selectorsOf(selection),
            ...{ lines, stream, follow },
            ...(since !== undefined && { since: since.toISOString() }),
          },
          { signal: until(signal) },
        ),
      ),
    close: () => closing.abort(),
    [Symbol.asyncDispose]() {
      closing.abort();
      return Promise.resolve();
    },
  };
}

type OwnOfVerb = VerbRequest extends infer R
  ? R extends VerbRequest
    ? Omit<R, 'selectors' | 'by' | 'command'>
    : never
  : never;

/** Of what changes something: a selection that is empty by mistake must not mean everything. */
function named(selection: Selection): readonly string[] {
  const selectors = selectorsOf(selection);
  if (selectors.length > 0) return selectors;
  throw new StatewardError([{ code: 'USAGE', message: 'name an app, or all', hint: "every app is 'all'" }]);
}

function onlyOf(apps: readonly App[]): App {
  const [app, ...others] = apps;
  if (app !== undefined && others.length === 0) return app;
  throw new StatewardError([
    {
      code: app === undefined ? 'SELECTOR_NOT_FOUND' : 'SELECTOR_AMBIGUOUS',
      message:
        app === undefined ? 'there is no app' : `cannot tell which app is meant: there are ${apps.length}`,
      details: apps.map(({ project, name }) => `${project}/${name}`),
    },
  ]);
}

function amountOf(instances: Scale): { readonly instances: number } | { readonly delta: number } {
  return typeof instances === 'number' ? { instances } : { delta: Number(instances) };
}

async function* itemsOf(lists: AsyncIterable<AppList>): AsyncGenerator<readonly App[], void, undefined> {
  for await (const { items } of lists) yield items;
}
