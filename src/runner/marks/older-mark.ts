import { dirname } from 'node:path';
import { AGENTS_VARIABLE, SHARED_VARIABLE } from '../../agent/protocol.ts';
import type { LogSettings } from '../protocol/orders.ts';
import type { MarkContext } from './mark-context.ts';
import type { Mark } from './mark.ts';
import { ioOfProcess, originOf } from './origin.ts';

const NO_LOGS: LogSettings = {
  outFile: null,
  errorFile: null,
  combinedFile: null,
  dateFormat: null,
  json: false,
  rotate: null,
};

/**
 * The mark of a process that a version without marks started: its app and slot by their own variables, its home by where
 * its agent looks for a runner, or by the FIFO that it writes to. What it runs is not known, so it counts as outdated.
 */
export function olderMark(
  pid: number,
  nonce: string,
  { processes, home, fifos, now }: MarkContext,
): Mark | null {
  const [project, app, slot] = ['PROJECT', 'APP', 'SLOT'].map((name) =>
    processes.variable(pid, `STATEWARD_${name}`),
  );
  if (project == null || app == null || slot == null || !/^\d+$/.test(slot)) return null;
  const agents = processes.variable(pid, AGENTS_VARIABLE);
  const io = ioOfProcess(pid, fifos);
  if (io === null && !isOurs(pid, agents, home)) return null;
  const labels = {
    project,
    app,
    slot: Number(slot),
    generation: 0,
    restartGeneration: 0,
    revision: 0,
    templateHash: '',
  };
  const ipc = agents !== null;
  const shared = processes.variable(pid, SHARED_VARIABLE) !== null;
  return {
    home,
    intent: {
      kind: 'intent',
      nonce,
      labels,
      logs: NO_LOGS,
      io: io ?? '',
      at: now,
      ...(ipc && { ipc }),
      ...(shared && { shared }),
    },
  };
}

/** `agents`: the path of a socket, two folders below the home. */
function isOurs(pid: number, agents: string | null, home: string): boolean {
  return agents !== null && originOf(pid, dirname(dirname(agents)), home) === 'ours';
}
