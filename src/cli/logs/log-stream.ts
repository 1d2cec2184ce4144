import type { LogsOptions } from '../../api/client/client.ts';
import { connectProcess } from '../../api/client/process-transport.ts';
import type { LogsQuery } from '../../api/contract/endpoints/logs-query.ts';
import type { LogLine } from '../../api/contract/wire/logs.ts';
import { FailureError, type Failure } from '../../lib/failure.ts';
import type { Api } from '../session/api.ts';

export interface LogStreamOptions extends LogsOptions {
  readonly api: Pick<Api, 'logs'>;
  readonly home: string;
  /** The daemon program, which answers from what is on disk. */
  readonly program: string;
  /** Nobody answers: what follows is what the files hold. */
  readonly onOffline: () => void;
}

/**
 * The lines of logs: from the daemon, or where none runs from the files that apps are known to write to. What is to be
 * followed ends there, with the failure that the daemon is not reached.
 */
export async function* logStream(query: LogsQuery, options: LogStreamOptions): AsyncGenerator<LogLine> {
  const { api, home, program, onOffline } = options;
  let hasBegun = false;
  try {
    for await (const line of api.logs(query, options)) {
      hasBegun = true;
      yield line;
    }
    return;
  } catch (error) {
    if (hasBegun || !isUnreachable(error)) throw error;
    const offline = connectProcess({ program, home }).logs({ ...query, follow: false }, options);
    const lines = offline[Symbol.asyncIterator]();
    const first = await lines.next().catch((cause: unknown) => {
      // Nothing is known there either: that no daemon runs is what there is to say.
      throw isUnreachable(cause) ? error : cause;
    });
    onOffline();
    for (let next = first; next.done !== true; next = await lines.next()) yield next.value;
    if (query.follow) throw error;
  }
}

function isUnreachable(error: unknown): boolean {
  const failures: readonly Failure[] = error instanceof FailureError ? error.failures : [];
  return failures.some(({ code }) => code === 'DAEMON_UNREACHABLE');
}
