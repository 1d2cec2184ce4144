import type { AppSpec } from '../../spec/types.ts';

/** A longer command is known by its program. */
const SHOWN = 30;

/** How an app is reloaded, for people: `HUP`, `nginx -s reload`. */
export function describeHow({ reload }: Pick<AppSpec, 'reload'>): string {
  if (reload === null) return 'a reload';
  if (reload.signal !== null) return reload.signal.replace(/^SIG/, '');
  const [program = '', ...args] = reload.command ?? [];
  const whole = [program, ...args].join(' ');
  return whole.length <= SHOWN ? whole : `${program} …`;
}
