import type { PreStart } from '../../plan/model/hooks.ts';
import { hookOf } from '../../spec/hooks/hooks.ts';
import type { AppRecord, Fact } from '../model/types.ts';
import { failedBeforeStart } from './rollouts.ts';

/**
 * The pre_start hook of an app in its record: due with every release that begins while the app has one. A hook that is
 * declared later waits for the next release, so that no edit of a hook touches a process. `code`: what the release is of,
 * where that alone is new; the hook that has run for it, or is to, counts.
 */
export function releaseBegun(app: AppRecord, at: number, code?: string): AppRecord {
  const { preStart: before, ...rest } = app;
  if (hookOf(app.spec, 'pre_start') === undefined) return rest;
  const isKnown = code !== undefined && before?.code === code && before.state !== 'failed';
  if (isKnown) return app;
  return { ...rest, preStart: { ...due(app.generation, at), ...(code !== undefined && { code }) } };
}

/**
 * An accepted app whose template is another one. Going back by hand before the hook of the newer version has ended well
 * changes nothing, so nothing is to be done before it.
 */
export function releaseAccepted(before: AppRecord, next: AppRecord, at: number): AppRecord {
  if (next.templateHash === before.templateHash) return triedAgain(next, at);
  const isWayBack = before.rollout?.previous?.templateHash === next.templateHash;
  const isUnchanged = before.preStart !== undefined && before.preStart.state !== 'passed';
  return isWayBack && isUnchanged ? withoutPreStart(next) : releaseBegun(next, at);
}

/** Somebody asks for the app again: a hook that has failed runs once more. */
export function triedAgain(app: AppRecord, at: number): AppRecord {
  return app.preStart?.state === 'failed' ? releaseBegun(app, at, app.preStart.code) : app;
}

export function withoutPreStart(app: AppRecord): AppRecord {
  const { preStart: _, ...rest } = app;
  return rest;
}

/** The hook has ended. What it says of a release that is over, or is known already, changes nothing. */
export function endPreStart(
  app: AppRecord,
  { release, failure, at }: Extract<Fact, { kind: 'pre-start-ended' }>,
): AppRecord {
  const { preStart } = app;
  if (preStart?.release !== release || preStart.state !== 'due') return app;
  if (failure === null) return { ...app, preStart: { ...preStart, state: 'passed', at } };
  const failed: PreStart = { ...preStart, state: 'failed', at, message: failure.message };
  return failedBeforeStart({ ...app, preStart: failed }, failure, at);
}

function due(release: number, at: number): PreStart {
  return { release, state: 'due', at };
}
