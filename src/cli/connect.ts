import type { Result } from '../lib/result.ts';
import { FailureError } from '../lib/failure.ts';
import type { Failure } from '../lib/failure.ts';
import type { Api, OfflineApi } from './api.ts';
import { unwrap } from './failures.ts';
import type { CliContext } from './context.ts';
import { startDaemon } from './daemon-process.ts';
import { apiSocketPath } from './home.ts';

export interface ConnectOptions {
  readonly home: string;
  readonly context: CliContext;
}

/** A client of the daemon of a home. Nothing is sent yet, so it works (and then fails) without a daemon. */
export async function openApi(home: string): Promise<Api> {
  const { connectApi } = await import('../api/client.ts');
  return connectApi({ socketPath: apiSocketPath(home) });
}

export interface Connected {
  readonly api: Api;
  /** This command started it. */
  readonly started: boolean;
}

/** A client of the daemon, started first when none runs. */
export async function connectOrStart({ home, context }: ConnectOptions): Promise<Connected> {
  const api = await openApi(home);
  const status = await api.status();
  if (status.ok) return { api, started: false };
  if (!isUnreachable(status)) throw new FailureError(status.error);
  unwrap(
    await startDaemon({
      home,
      program: context.files.daemon,
      env: context.env,
      clock: context.clock,
      answers: async () => (await api.status()).ok,
    }),
  );
  return { api, started: true };
}

/** The daemon where one answers, else the state on disk, read by a daemon program that ends after one answer. */
export async function connectOrOffline(
  { home, context }: ConnectOptions,
  onOffline: () => void,
): Promise<OfflineApi> {
  const api = await openApi(home);
  const status = await api.status();
  if (status.ok) return api;
  if (!isUnreachable(status)) throw new FailureError(status.error);
  onOffline();
  const { connectProcess } = await import('../api/process-transport.ts');
  return connectProcess({ program: context.files.daemon, home });
}

function isUnreachable(result: Result<unknown, Failure>): boolean {
  return !result.ok && result.error.code === 'DAEMON_UNREACHABLE';
}
