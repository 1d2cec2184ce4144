import type { Clock } from '../../lib/clocks/clock.ts';
import type { HomeLayout } from '../../home/layout.ts';
import { errorMessage } from '../../lib/system-error.ts';
import { AgentServer } from './agent-server.ts';
import type { SocketHolder } from '../activation/socket-holder.ts';
import type { Handovers } from './handovers.ts';
import { failpoint } from '../../lib/failpoints/failpoint.ts';
import { giveTo, userSockets } from './user-folders.ts';

/** What the agents of processes that were taken over take to come back, where they can. */
const AGENTS_MS = 100;

/** Who is to come. */
export interface Expected {
  readonly handovers: Handovers;
  readonly holder: Pick<SocketHolder, 'begin' | 'isMissed' | 'arrived'>;
  /** Whether processes have sockets that the holder is to give back. */
  readonly isMissing: () => boolean;
}

export interface MeetingPlace {
  readonly paths: Pick<HomeLayout, 'agentSocket' | 'agentFolders'>;
  readonly clock: Clock;
  readonly log: (message: string) => void;
}

/**
 * Lets the agents of an earlier runner come back, and gives those that can the time for it: whoever asks this runner
 * for the first time is to hear of apps that have all that they had. Gives what ends it.
 */
export async function meetAgents(expected: Expected, place: MeetingPlace): Promise<() => void> {
  failpoint('adopt.done');
  const { agentSocket, agentFolders } = place.paths;
  const servers = await Promise.all([
    open(expected, place, { path: agentSocket, uid: null }),
    ...userSockets(agentFolders).map((door) => open(expected, place, door)),
  ]);
  const listens = servers.some((server) => server !== null);
  const { handovers, holder, isMissing } = expected;
  await Promise.all([
    handovers.begin(listens ? AGENTS_MS : 0),
    holder.begin(listens && isMissing() ? AGENTS_MS : 0),
  ]);
  return () => {
    for (const server of servers) server?.close();
  };
}

/** A socket where agents come: of processes of this user alone, null: those that can reach ours. */
interface Door {
  readonly path: string;
  readonly uid: number | null;
}

async function open(
  { handovers, holder }: Expected,
  { clock, log }: MeetingPlace,
  { path, uid }: Door,
): Promise<AgentServer | null> {
  const server = new AgentServer({
    clock,
    isMissed: (nonce) => (uid === null && holder.isMissed(nonce)) || handovers.isMissed(nonce, uid),
    onAgent: (nonce, channel) => {
      if (holder.isMissed(nonce)) holder.arrived(channel);
      else handovers.arrived(nonce, channel);
    },
  });
  try {
    await server.listen(path);
    if (uid !== null) giveTo(uid, path);
    return server;
  } catch (error) {
    log(`apps of an earlier runner stay without a channel at ${path}: ${errorMessage(error)}`);
    server.close();
    return null;
  }
}
