import type { ProcessEntry } from '../processes/processes.ts';
import type { RunnerProblem } from '../protocol/reports.ts';
import { isForeign } from '../processes/signals.ts';

/** What to say of processes that an instance has left behind and that cannot be ended; null: there are none. */
export function remainsProblem(remains: readonly ProcessEntry[]): RunnerProblem | null {
  if (remains.length === 0) return null;
  const pids = remains.map(({ pid }) => pid);
  const named = pids.length === 1 ? `process ${pids[0]}` : `processes ${pids.join(', ')}`;
  const foreign = pids.filter(isForeign);
  const why =
    foreign.length > 0
      ? `run by another user: as root, kill -9 ${foreign.join(' ')}`
      : 'SIGKILL has not ended it: it waits in the kernel for a disk or a network file system, and ends with that wait or the next boot';
  return { code: 'leftovers', message: `${named} of an earlier run live on: ${why}` };
}
