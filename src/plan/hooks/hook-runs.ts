import { signalNamed } from '../../lib/signals.ts';
import { formatSpan } from '../../lib/units.ts';
import { hookOf, type HookName } from '../../spec/hooks/hooks.ts';
import type { AppSpec } from '../../spec/types.ts';
import type { HookRecord } from '../model/hooks.ts';
import type { InstanceExit, ObservedHook } from '../model/observed.ts';

/** What becomes of processes that run hooks. */

/** Whether it runs, or may. One whose identity cannot be proven may: a hook never runs twice at once. */
export function isGoingOn({ state }: Pick<ObservedHook, 'state'>): boolean {
  return state !== 'exited';
}

/** The run of a hook for something; undefined: there is none on the table. */
export function runOf(hooks: readonly ObservedHook[], name: HookName, of: string): ObservedHook | undefined {
  return hooks.find(({ hook }) => hook.name === name && hook.of === of);
}

/** How long the hook may take, in milliseconds. One that is not declared any more has no time left. */
export function timeoutOf(spec: Partial<Pick<AppSpec, 'hooks'>> | undefined, name: HookName): number {
  return (spec === undefined ? undefined : hookOf(spec, name)?.timeout) ?? GONE_TIMEOUT_MS;
}

/** As the default of most hooks. */
const GONE_TIMEOUT_MS = 30_000;

/** Why a run of a hook has failed, for people; null: it ended well. */
export function failureOf(exit: InstanceExit, timeoutMs: number): string | null {
  const { error, code, signal, upMs, requested } = exit;
  if (error !== null) return `could not be started: ${error}`;
  if (requested && upMs >= timeoutMs)
    return `was ended after ${formatSpan(upMs)}: it may take ${formatSpan(timeoutMs)}`;
  if (requested) return `was ended after ${formatSpan(upMs)}`;
  const after = `after ${formatSpan(upMs)}`;
  if (signal !== null) return `was ended by ${signal} ${after}`;
  if (code === null) return `ended ${after}, and nobody saw how`;
  return code === 0 ? null : `exited with code ${code}${signalIn(code)} ${after}`;
}

/** What a shell gives for a command that a signal has ended: ` (SIGSEGV)` for 139. */
function signalIn(code: number): string {
  const name = code > SIGNALLED ? signalNamed(code - SIGNALLED) : undefined;
  return name === undefined ? '' : ` (${name})`;
}

/** A shell, and so the one that notes how hooks end, adds the number of the signal to this. */
const SIGNALLED = 128;

/** Whether a run was ended before its time was over. */
export function wasEnded({ requested, upMs }: InstanceExit, timeoutMs: number): boolean {
  return requested && upMs < timeoutMs;
}

/** Runs of each hook that are kept for an app: many stops must not push the migration of a release out. */
const KEPT_OF_EACH = 10;

/**
 * The runs that stay on record, of those given, newest first. A run whose process is still on the table stays: what is not on
 * record is never dropped from there.
 */
export function keptRuns(
  records: readonly HookRecord[],
  isOnTable: (nonce: string) => boolean,
): readonly HookRecord[] {
  const counts = new Map<HookName, number>();
  return records.filter(({ name, nonce }) => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count <= KEPT_OF_EACH || isOnTable(nonce);
  });
}
