import type { ObservedHook } from '../model/observed.ts';
import { formatSpan } from '../../lib/units.ts';
import type { HookRun, PreStart, PreStartVerdict } from '../model/hooks.ts';
import type { DesiredApp } from '../model/desired.ts';
import type { Hold } from '../model/actions.ts';
import { awaitsPreStart } from '../slots/effective.ts';
import { failureOf, isGoingOn, timeoutOf, wasEnded } from './hook-runs.ts';

/**
 * What the pre_start hook says to a start of the version that is declared:
 * - `open`: there is none, or it has ended well.
 * - `begin`: it is to run now, because a process is about to start.
 * - `wait`: it runs, or an older one does.
 * - `closed`: it has failed, and waits for a person.
 */
export type Gate =
  | { readonly kind: 'open' }
  | { readonly kind: 'begin'; readonly run: HookRun }
  | { readonly kind: 'wait'; readonly hook: ObservedHook }
  | { readonly kind: 'closed'; readonly preStart: PreStart };

export function gateOf(app: DesiredApp, hooks: readonly ObservedHook[]): Gate {
  const { preStart } = app;
  if (preStart === undefined || !awaitsPreStart(app)) return { kind: 'open' };
  // Whichever release it is of: it never runs twice at once. An ended one is waited for until that is on record.
  const going = hooks.find((hook) => hook.hook.name === 'pre_start' && isGoingOn(hook));
  const hook = going ?? runForRelease(preStart, app, hooks);
  if (preStart.state === 'failed') return { kind: 'closed', preStart };
  if (hook !== undefined) return { kind: 'wait', hook };
  const of = String(preStart.release);
  return { kind: 'begin', run: { name: 'pre_start', of, slot: null, reason: 'NewRelease' } };
}

/** How the hook of the present release has ended; null: it has not, or that is on record. */
export function preStartVerdict(app: DesiredApp, hooks: readonly ObservedHook[]): PreStartVerdict | null {
  const { preStart } = app;
  if (preStart?.state !== 'due' || !awaitsPreStart(app)) return null;
  const ended = runForRelease(preStart, app, hooks);
  if (ended === undefined || ended.exit === null) return null;
  const failure = failureOf(ended.exit, timeoutOf(app.spec, 'pre_start'));
  return { release: preStart.release, failure, nonce: ended.nonce };
}

/** The run that counts for a release. */
function runForRelease(
  { release }: PreStart,
  app: DesiredApp,
  hooks: readonly ObservedHook[],
): ObservedHook | undefined {
  return hooks.find(
    (hook) => hook.hook.name === 'pre_start' && hook.hook.of === String(release) && !wasCalledOff(hook, app),
  );
}

/** It was ended because somebody stopped the app, or was never begun: that says nothing of the release. */
export function wasCalledOff({ exit }: ObservedHook, app: DesiredApp): boolean {
  if (exit === null) return false;
  return wasEnded(exit, timeoutOf(app.spec, 'pre_start')) || exit.neverStarted === true;
}

/** What the start of a version waits for. */
export function gateHold({ key, spec }: DesiredApp, gate: Gate, now: number): Hold | null {
  switch (gate.kind) {
    case 'open':
      return null;
    case 'begin':
      return {
        key,
        slot: null,
        reason: 'HookRunning',
        message: 'pre_start hook is about to run',
        until: null,
      };
    case 'wait': {
      const { hook } = gate;
      if (hook.state === 'unverified') {
        const message = `pre_start hook: process ${hook.pid ?? 'without a pid'} cannot be proven to be ours and is left alone`;
        return { key, slot: null, reason: 'Unverified', message, until: null };
      }
      const leftMs = Math.max(0, timeoutOf(spec, 'pre_start') - hook.upMs);
      const message = `pre_start hook running, ${formatSpan(hook.upMs)}, ${formatSpan(leftMs)} left`;
      return { key, slot: null, reason: 'HookRunning', message, until: now + leftMs };
    }
    case 'closed': {
      const message = `${gate.preStart.message ?? 'the pre_start hook failed'}; it runs again with the next apply or restart`;
      return { key, slot: null, reason: 'PreStartFailed', message, until: null, isFinal: true };
    }
  }
}
