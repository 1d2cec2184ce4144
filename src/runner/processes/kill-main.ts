import type { Cancel } from '../../lib/clocks/clock.ts';
import { failpoint } from '../../lib/failpoints/failpoint.ts';
import type { StopOptions } from '../instances/stop-options.ts';
import { KILL_TIMEOUT_MS } from './clear-leftovers.ts';
import { sendSignal } from './signals.ts';

type Killing = Pick<StopOptions, 'clock' | 'processes' | 'identity' | 'notify' | 'nonce' | 'leftovers'>;

/** Sends SIGKILL to a main process, and again, with a notice, for as long as it has not ended. Gives what calls that off. */
export function killMain({ clock, processes, identity, notify, nonce, leftovers }: Killing): Cancel {
  let cancel: Cancel = () => undefined;
  const kill = (): void => {
    sendSignal(processes, identity, { signal: 'SIGKILL', tree: leftovers !== 'keep' });
    failpoint('stop.killed');
    cancel = clock.after(KILL_TIMEOUT_MS, () => {
      const message = `process ${identity.pid} has not ended ${KILL_TIMEOUT_MS / 1000} s after SIGKILL`;
      notify({ nonce, code: 'kill-timeout', message });
      kill();
    });
  };
  kill();
  return () => cancel();
}
