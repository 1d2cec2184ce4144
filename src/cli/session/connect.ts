import { connectApi, type ConnectApiOptions } from '../../api/client/client.ts';
import { everyCall, type ApiCalls } from '../../api/contract/endpoints/backend.ts';
import { ok } from '../../lib/result.ts';
import type { Api, OfflineApi } from './api.ts';
import type { CliContext } from './context.ts';
import { unsafeHome } from '../../home/check.ts';
import { namedHolder, silentDaemon } from '../../home/silent.ts';
import { homeLayout } from '../../home/layout.ts';

export interface ConnectOptions {
  readonly home: string;
  readonly context: CliContext;
}

/**
 * A client of the daemon of a home. Nothing is sent yet, so it works (and then fails) without a daemon. `answerMs`: how
 * long an answer may take at most.
 */
export function openApi(options: ConnectOptions, answerMs?: number): Api {
  return connectApi({ ...socketOf(options), ...(answerMs !== undefined && { answerMs }) });
}

function socketOf({ home, context }: ConnectOptions): ConnectApiOptions {
  return {
    socketPath: homeLayout(home).apiSocket,
    refusal: () => unsafeHome(home),
    describeSilent: () => silentDaemon(namedHolder(homeLayout(home).controllerLock)),
    onOlder: (note) => tellOlder(context, note),
    onActed: () => context.onActed?.(),
  };
}

const told = new WeakSet<CliContext>();

/** Of a command that is about to change it: that the daemon is older need not be said. */
export function keepQuietOfOlder(context: CliContext): void {
  told.add(context);
}

/** Prints the note once a command, however many answers it gets. */
function tellOlder(context: CliContext, note: string): void {
  if (told.has(context)) return;
  told.add(context);
  context.streams.stderr.write(`${note}\n`);
}

/**
 * A client of the daemon. The first request that finds none starts it: asking first would cost every command a round trip.
 * `onStarted` is called when this command was the one that started it.
 */
export function connectOrStart(
  options: ConnectOptions,
  onStarted: (api: Api, since: number) => void | Promise<void>,
): Api {
  const { home, context } = options;
  const plain = openApi(options);
  let hasStarted = false;
  const api = connectApi({
    ...socketOf(options),
    onAbsent: async () => {
      const since = context.clock.now();
      const { startDaemon } = await import('./daemon-process.ts');
      const started = await startDaemon({
        home,
        program: context.files.daemon,
        env: context.env,
        clock: context.clock,
        answers: async () => (await plain.status()).ok,
      });
      if (!started.ok) return started;
      hasStarted = true;
      await onStarted(plain, since);
      return ok(undefined);
    },
  });
  return {
    ...api,
    // Read when the request is sent, which is once more when nobody was there the first time.
    apply: (request) =>
      api.apply({
        ...request,
        get begins() {
          return hasStarted ? true : undefined;
        },
      }),
  };
}

/** The daemon program, which answers one request from what is on disk and what still runs, and ends. */
export async function openOffline({ home, context }: ConnectOptions, answerMs?: number): Promise<ApiCalls> {
  const { connectProcess } = await import('../../api/client/process-transport.ts');
  const limit = answerMs === undefined ? {} : { answerMs };
  return connectProcess({ program: context.files.daemon, home, ...limit });
}

/** The daemon where one answers, else the state on disk, read by a daemon program that ends after one answer. */
export function connectOrOffline(options: ConnectOptions, onOffline: () => void): OfflineApi {
  const api: ApiCalls = openApi(options);
  let offline: ApiCalls | undefined;
  return everyCall((name) => async (request) => {
    if (offline === undefined) {
      const answer = await api[name](request);
      if (answer.ok || answer.error.code !== 'DAEMON_UNREACHABLE') return answer;
      onOffline();
      offline = await openOffline(options);
    }
    return offline[name](request);
  });
}
