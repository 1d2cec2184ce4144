import { connect } from 'node:net';
import type { ApiCalls } from '../../api/contract/endpoints/backend.ts';
import type { DaemonStatus } from '../../api/contract/wire/daemon.ts';
import type { HomeLayout } from '../../home/layout.ts';
import { untilEnded } from '../../home/until-ended.ts';
import type { Clock } from '../../lib/clocks/clock.ts';

export interface LeftoverOptions {
  /** The controller said that it has stopped everything: a runner that is gone too bears it out. */
  readonly isSaidEmpty: boolean;
  readonly layout: HomeLayout;
  readonly clock: Clock;
  /** The daemon program for one answer, without a controller. */
  readonly offline: () => Promise<Pick<ApiCalls, 'status' | 'stopDaemon'>>;
  readonly note: (text: string) => void;
}

/**
 * Ends what a controller that has ended has left running: it was killed while it stopped the apps, or somebody has
 * stopped the daemon alone. Resolves with false when something is still there.
 */
export async function stopLeftovers(options: LeftoverOptions): Promise<boolean> {
  const { isSaidEmpty, layout, clock, offline, note } = options;
  if (isSaidEmpty && !(await isAnswered(layout.runnerSocket))) return true;
  const api = await offline();
  const before = await api.status();
  if (before.ok && countOf(before.value) === 0 && before.value.runner === null) return true;
  if (before.ok && countOf(before.value) > 0) note('no controller runs any more: stopping the apps');
  const stopped = await api.stopDaemon({ all: true });
  if (before.ok) await untilEnded([before.value.runner?.pid], clock);
  const after = await api.status();
  const isEmpty = stopped.ok && after.ok && countOf(after.value) === 0;
  if (!isEmpty) note('not every app could be stopped: stateward daemon status shows what runs');
  return isEmpty;
}

function countOf({ apps }: DaemonStatus): number {
  return apps?.processes ?? 0;
}

/** Whether a process listens on a Unix socket. */
export function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const give = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => give(true));
    socket.once('error', () => give(false));
  });
}
