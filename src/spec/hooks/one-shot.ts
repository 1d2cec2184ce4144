import type { AppSpec } from '../types.ts';

/** Whether an app does its work and ends: nothing starts it again after a good end. */
export function isOneShot({
  autorestart,
  stop_exit_codes: stops,
  success_exit_codes: good,
}: Pick<AppSpec, 'autorestart' | 'stop_exit_codes' | 'success_exit_codes'>): boolean {
  return !autorestart || good.some((code) => stops.includes(code));
}
