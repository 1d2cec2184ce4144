import {
  callTable,
  everyCall,
  everyStream,
  streamTable,
  type ApiBackend,
  type ApiCalls,
  type ApiStreams,
} from '../../api/contract/endpoints/backend.ts';
import type { HostDriver } from '../../driver/driver.ts';
import type { Failure } from '../../lib/failure.ts';
import { err } from '../../lib/result.ts';

/**
 * The backend; while the runner refuses this controller, requests that need the runner get the reason as their answer.
 * So do those that act, while the runner is silent: what it would not hear is not begun. It is asked each time, since a
 * runner that hung a moment ago is not known to.
 */
export function withoutRunner(
  backend: ApiBackend,
  driver: Pick<HostDriver, 'refusal' | 'confirm'>,
): ApiBackend {
  const calls: ApiCalls = backend;
  const streams: ApiStreams = backend;
  return {
    ...everyCall((name) => async (request, wanted) => {
      const endpoint = callTable[name];
      if (endpoint.needsRunner?.(request) !== true) return calls[name](request, wanted);
      // Asking has taken time.
      const failure =
        endpoint.acts === true ? ((await driver.confirm()) ?? (await wanted?.()) ?? null) : driver.refusal;
      return failure === null ? calls[name](request, wanted) : err(failure);
    }),
    ...everyStream((name) => (request, signal) => {
      const failure = streamTable[name].needsRunner?.(request) === true ? driver.refusal : null;
      return failure === null ? streams[name](request, signal) : Promise.resolve(err(failure));
    }),
  };
}

/** For the daemon's log. */
export function describeRefusal({ message, hint }: Failure): string {
  return `runner: ${message}${hint === undefined ? '' : ` (${hint})`}`;
}
