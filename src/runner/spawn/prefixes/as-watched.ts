import type { NotifySettings } from '../../protocol/orders.ts';
import type { Prefix } from './prefix.ts';

/** Whoever is to give signs of life does so only if this is its own pid, which nobody knows before there is a process. */
const LINE = 'WATCHDOG_PID=$$; export WATCHDOG_PID; exec "$@"';

/** Tells what follows that it is the one to say that it is alive. */
export function asWatched(notify: NotifySettings | undefined): readonly Prefix[] {
  if (notify === undefined || notify.watchdogMs === null) return [];
  const need = 'a shell (/bin/sh) is needed to tell a process that it is watched';
  return [{ key: 'watchdog', program: 'sh', args: ['-c', LINE, 'sh'], need }];
}
