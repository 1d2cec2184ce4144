import type { AppSpec } from '../spec/types.ts';
import type { NotReady, ObservedInstance } from './types.ts';

/** A process that may be signalled and that is not on its way out. */
export function isActive(instance: Pick<ObservedInstance, 'state'>): boolean {
  return instance.state === 'running' || instance.state === 'starting';
}

/** A process that exists, whatever we know about it. */
export function isLive(instance: Pick<ObservedInstance, 'state'>): boolean {
  return instance.state !== 'exited';
}

/** The instance with what its probes and messages say of it; null: it has no readiness of its own. */
export function withReadiness(
  instance: ObservedInstance,
  probed: boolean | NotReady | null,
): ObservedInstance {
  if (probed === null) return instance;
  return typeof probed === 'boolean'
    ? { ...instance, probedReady: probed }
    : { ...instance, probedReady: false, notReady: probed };
}

/**
 * Milliseconds until `listen_timeout` makes a failure of being not ready, 0 or less when it has; undefined when the
 * instance is ready, or nothing counts.
 */
export function readyDeadlineInMs(
  { state, probedReady, notReady }: ObservedInstance,
  spec: Pick<AppSpec, 'listen_timeout'>,
): number | undefined {
  if (state !== 'running' || probedReady !== false || notReady?.isDue !== true) return undefined;
  return Math.ceil(spec.listen_timeout - notReady.forMs);
}

/** Ready: what its probes say, and without probes having been up for `min_uptime`. */
export function isReady(instance: ObservedInstance, spec: Pick<AppSpec, 'min_uptime'>): boolean {
  if (instance.state !== 'running') return false;
  return instance.probedReady ?? instance.upMs >= spec.min_uptime;
}

/** Whole milliseconds after which time alone makes the instance ready; null: time alone does not, or it is ready. */
export function readyInMs(instance: ObservedInstance, spec: Pick<AppSpec, 'min_uptime'>): number | null {
  if (instance.state !== 'running' || instance.probedReady !== null) return null;
  return instance.upMs >= spec.min_uptime ? null : Math.ceil(spec.min_uptime - instance.upMs);
}
