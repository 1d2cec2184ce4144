import {
  callTable,
  everyCall,
  everyStream,
  streamTable,
  type ApiBackend,
  type ApiCalls,
  type ApiStreams,
} from '../api/contract/endpoints/backend.ts';
import type { Failure } from '../lib/failure.ts';
import { err } from '../lib/result.ts';

/**
 * The backend; while the runner refuses this controller, requests that need the runner get the reason as their answer.
 */
export function withoutRunner(backend: ApiBackend, refusal: () => Failure | null): ApiBackend {
  const calls: ApiCalls = backend;
  const streams: ApiStreams = backend;
  return {
    ...everyCall((name) => (request) => {
      const failure = callTable[name].needsRunner?.(request) === true ? refusal() : null;
      return failure === null ? calls[name](request) : Promise.resolve(err(failure));
    }),
    ...everyStream((name) => (request, signal) => {
      const failure = streamTable[name].needsRunner?.(request) === true ? refusal() : null;
      return failure === null ? streams[name](request, signal) : Promise.resolve(err(failure));
    }),
  };
}

/** For the daemon's log. */
export function describeRefusal({ message, hint }: Failure): string {
  return `runner: ${message}${hint === undefined ? '' : ` (${hint})`}`;
}
