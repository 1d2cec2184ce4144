import type { AppSpec } from '../../spec/types.ts';
import { specFor } from './effective.ts';
import type { DesiredApp } from '../model/desired.ts';
import type { NotReady, ObservedInstance } from '../model/observed.ts';

/** A process that may be signalled and that is not on its way out. */
export function isActive(instance: Pick<ObservedInstance, 'state'>): boolean {
  return instance.state === 'running' || instance.state === 'starting';
}

/** What is left of it is its exit. Until then it exists, whatever is known about it. */
export function hasEnded(instance: Pick<ObservedInstance, 'state'>): boolean {
  return instance.state === 'exited';
}

/**
 * The instance with what its probes and messages say of it; null: it has no readiness of its own. A program that goes into
 * the background is not ready before it is there, as with `Type=forking` of systemd.service(5): until then it has the pid
 * of what starts it, and signals would go there.
 */
export function withReadiness(
  instance: ObservedInstance,
  probed: boolean | NotReady | null,
): ObservedInstance {
  if (instance.launching === true) {
    const notReady = { forMs: instance.upMs, because: LAUNCHING, isDue: true };
    return { ...instance, probedReady: false, notReady };
  }
  if (probed === null) return instance;
  return typeof probed === 'boolean'
    ? { ...instance, probedReady: probed }
    : { ...instance, probedReady: false, notReady: probed };
}

/**
 * Milliseconds until being not ready is a failure by `listen_timeout`, 0 or less once it is; null when the instance is
 * ready, or no time limit applies.
 */
export function readyDeadlineInMs(
  { state, probedReady, notReady }: ObservedInstance,
  spec: Pick<AppSpec, 'listen_timeout'>,
): number | null {
  if (state !== 'running' || probedReady !== false || notReady?.isDue !== true) return null;
  return Math.ceil(Math.max(spec.listen_timeout, notReady.asksForMs ?? 0) - notReady.forMs);
}

/**
 * Adds to the instances of an app what their shared sockets say, where nothing else says whether they are ready. One
 * that listens is ready at once; while any listens, one that does not is not ready. A rollout keeps to what the version
 * before did, even when its last process is gone, so a release that forgets to listen never replaces one that serves.
 */
export function withListening(
  instances: readonly ObservedInstance[],
  app: Pick<DesiredApp, 'spec' | 'templateHash' | 'rollout' | 'listens'>,
): readonly ObservedInstance[] {
  const isToListen = app.listens === true && app.rollout !== undefined;
  if (!isToListen && !instances.some((instance) => !hasEnded(instance) && listens(instance)))
    return instances;
  return instances.map((instance) => {
    const hasOwn = instance.probedReady !== null || specFor(instance, app).exec_mode !== 'cluster';
    if (hasOwn || hasEnded(instance)) return instance;
    if (listens(instance)) return { ...instance, probedReady: true };
    const notReady = { forMs: instance.upMs, because: NOT_LISTENING, isDue: true };
    return { ...instance, probedReady: false, notReady };
  });
}

/** What an instance lacks whose program has not gone into the background yet. */
const LAUNCHING =
  'has not gone into the background yet (`daemonize`; leave it out if it stays in the foreground)';

/** What an instance lacks that shares no socket while others of its app do so. */
export const NOT_LISTENING = 'does not listen yet';

/** Whether it has shared sockets that it listens on. */
export function listens({ listening }: ObservedInstance): boolean {
  return (listening?.length ?? 0) > 0;
}

type AvailabilitySpec = Pick<AppSpec, 'min_uptime'> & {
  readonly rollout: Pick<AppSpec['rollout'], 'min_ready'>;
};

/** Available: ready for `min_ready` without a break. */
export function isAvailable(instance: ObservedInstance, spec: AvailabilitySpec): boolean {
  return isReady(instance, spec) && readyForMs(instance, spec) >= spec.rollout.min_ready;
}

/** Whole milliseconds after which time alone makes the instance available; null: time alone does not, or it is. */
export function availableInMs(instance: ObservedInstance, spec: AvailabilitySpec): number | null {
  const { min_ready } = spec.rollout;
  if (!isReady(instance, spec)) {
    const inMs = readyInMs(instance, spec);
    return inMs === null ? null : Math.ceil(inMs + min_ready);
  }
  const left = min_ready - readyForMs(instance, spec);
  return left <= 0 ? null : Math.ceil(left);
}

/** Of an instance that is ready: for how long, as far as it is known. */
export function readyForMs(instance: ObservedInstance, spec: Pick<AppSpec, 'min_uptime'>): number {
  const { probedReady, upMs } = instance;
  if (probedReady !== null) return instance.readyForMs ?? upMs;
  // A controller that has just started does not know readyForMs, but it knows for how long the process has been up.
  return Math.max(instance.readyForMs ?? 0, upMs - readyAfterMs(spec));
}

/** `min_uptime` says when an exit is unstable, and 60 s of it are common: nobody waits so long for each instance. */
const LONGEST_MIN_UPTIME_MS = 3_000;

/** Milliseconds up after which an instance is ready of which nothing else says whether it is. */
export function readyAfterMs({ min_uptime }: Pick<AppSpec, 'min_uptime'>): number {
  return Math.min(min_uptime, LONGEST_MIN_UPTIME_MS);
}

/** Ready: what its probes say, and without probes having been up for `min_uptime`, of which 3 s count at most. */
export function isReady(instance: ObservedInstance, spec: Pick<AppSpec, 'min_uptime'>): boolean {
  if (instance.state !== 'running') return false;
  return instance.probedReady ?? instance.upMs >= readyAfterMs(spec);
}

/** Whole milliseconds after which time alone makes the instance ready; null: time alone does not, or it is ready. */
export function readyInMs(instance: ObservedInstance, spec: Pick<AppSpec, 'min_uptime'>): number | null {
  if (instance.state !== 'running' || instance.probedReady !== null) return null;
  const leftMs = readyAfterMs(spec) - instance.upMs;
  return leftMs <= 0 ? null : Math.ceil(leftMs);
}
