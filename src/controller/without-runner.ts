import type { ApiBackend } from '../api/contract/endpoints/backend.ts';
import type { Failure } from '../lib/failure.ts';
import { err, type Result } from '../lib/result.ts';

/**
 * The backend; while the runner refuses this controller, requests that need the runner get the reason as their answer.
 * Logs, events, revisions, the status and the end of the daemon do not need it.
 */
export function withoutRunner(backend: ApiBackend, refusal: () => Failure | null): ApiBackend {
  type Refused = Promise<Result<never, Failure>>;
  const unlessRefused =
    <A extends readonly unknown[], R>(answer: (...args: A) => R) =>
    (...args: A): R | Refused => {
      const failure = refusal();
      return failure === null ? answer(...args) : Promise.resolve(err(failure));
    };
  return {
    ...backend,
    apps: unlessRefused(backend.apps),
    watchApps: unlessRefused(backend.watchApps),
    why: unlessRefused(backend.why),
    plan: unlessRefused(backend.plan),
    apply: unlessRefused(backend.apply),
    verb: unlessRefused(backend.verb),
    message: unlessRefused(backend.message),
    stopDaemon: (request) => (request.all ? unlessRefused(backend.stopDaemon) : backend.stopDaemon)(request),
  };
}

/** For the daemon's log. */
export function describeRefusal({ message, hint }: Failure): string {
  return `runner: ${message}${hint === undefined ? '' : ` (${hint})`}`;
}
