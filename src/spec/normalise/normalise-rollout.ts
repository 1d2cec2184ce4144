import type { App } from '../generated/ecosystem.ts';
import { readRollout } from '../generated/read-app.ts';
import type { SpecNote } from './normalise-context.ts';
import type { AppSpec, RolloutSpec } from '../types.ts';
import { readNumber } from './values.ts';

/** Instances that share their sockets can be replaced without a gap; others, as a rule, cannot run twice. */
const BOUNDS = {
  shared: { max_surge: 1, max_unavailable: 0 },
  alone: { max_surge: 0, max_unavailable: 1 },
} as const;

/** What says whether the processes of an app take connections from one queue. */
type SharingApp = Pick<AppSpec, 'exec_mode'> & Partial<Pick<AppSpec, 'sockets' | 'ports'>>;

/** Whether they do, so that one can start while another still serves. Ports that each binds for itself keep it from that. */
export function sharesQueue({ exec_mode, sockets = [], ports = [] }: SharingApp): boolean {
  if (exec_mode === 'cluster') return true;
  return sockets.length > 0 && ports.every(({ port, shared }) => port === 'auto' || shared === true);
}

/**
 * Where one of the two bounds is given, the other is what makes sense of it: who allows a surge wants no gap, and
 * without either nothing could be replaced.
 */
export function normaliseRollout(rollout: App['rollout'], app: SharingApp): RolloutSpec {
  const usual = BOUNDS[sharesQueue(app) ? 'shared' : 'alone'];
  const surge = readNumber(rollout?.max_surge);
  const unavailable = readNumber(rollout?.max_unavailable);
  return readRollout(rollout ?? {}, {
    max_surge: surge ?? (unavailable === 0 ? 1 : usual.max_surge),
    max_unavailable: unavailable ?? (surge === undefined ? usual.max_unavailable : surge > 0 ? 0 : 1),
  });
}

/** What the schema cannot say of the bounds. */
export function rolloutNotes({ rollout }: Pick<AppSpec, 'rollout'>): SpecNote[] {
  if (rollout.max_surge > 0 || rollout.max_unavailable > 0) return [];
  const message = 'max_surge and max_unavailable are both 0: no instance could ever be replaced';
  const hint = 'set one of them to 1';
  return [{ level: 'error', code: 'CONFIG_BAD_VALUE', path: ['rollout'], message, hint }];
}
