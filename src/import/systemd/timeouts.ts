import { formatDuration } from '../../lib/units.ts';
import type { AppBuilder } from '../model/build-app.ts';
import { systemdDuration } from './duration.ts';
import { valueOf, type Unit } from './unit.ts';

/** systemd's own, where a unit says nothing. */
const USUAL_MS = 90_000;
/** Stands for waiting without an end. */
const FOR_EVER = '1d';

/** How long systemd waits, as a duration of a file. */
export interface SystemdTimeout {
  readonly value: string;
  /** The line of the unit that says it; null: none does. */
  readonly said: string | null;
  /** Whether systemd waits without an end. */
  readonly isEndless: boolean;
}

/** `TimeoutStartSec=` or `TimeoutStopSec=`, each of which `TimeoutSec=` may say too; null: what it says is no time. */
export function timeoutOf({ entries }: Unit, which: 'Start' | 'Stop'): SystemdTimeout | null {
  const keys = [`Timeout${which}Sec`, 'TimeoutSec'];
  const entry = entries.findLast(({ section, key }) => section === 'Service' && keys.includes(key));
  if (entry === undefined) return { value: formatDuration(USUAL_MS), said: null, isEndless: false };
  const said = `${entry.key}=${entry.value}`;
  const ms = entry.value === 'infinity' ? 0 : systemdDuration(entry.value);
  if (ms === null) return null;
  return ms === 0
    ? { value: FOR_EVER, said, isEndless: true }
    : { value: formatDuration(ms), said, isEndless: false };
}

/** How long an app may take to be ready, and to end. */
export function timeouts(app: AppBuilder, unit: Unit): void {
  for (const [which, field] of [
    ['Start', 'listen_timeout'],
    ['Stop', 'kill_timeout'],
  ] as const) {
    const timeout = timeoutOf(unit, which);
    if (timeout === null) app.unmapped(`Timeout${which}Sec`, valueOf(unit, `Timeout${which}Sec`) ?? '');
    else if (timeout.said !== null || which === 'Stop') app.set(field, timeout.value);
    if (timeout?.isEndless === true) app.differs(field, `systemd waits for ever (${timeout.said ?? ''})`);
  }
}
