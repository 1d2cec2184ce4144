import type { Clock } from '../../lib/clock.ts';
import { errorMessage } from '../../lib/system-error.ts';
import { AgentServer } from './agent-server.ts';
import type { Handovers } from './handovers.ts';
import { failpoint } from '../../lib/failpoints/failpoint.ts';

/** What the agents of processes that were taken over take to come back, where they can. */
const AGENTS_MS = 100;

export interface MeetingPlace {
  /** Of the socket where agents look for a runner. */
  readonly path: string;
  readonly clock: Clock;
  readonly log: (message: string) => void;
}

/**
 * Lets the agents of an earlier runner come back, and gives those that can the time for it: whoever asks this runner
 * for the first time is to hear of apps that have all that they had. Gives what ends it.
 */
export async function meetAgents(
  handovers: Handovers,
  { path, clock, log }: MeetingPlace,
): Promise<() => void> {
  failpoint('adopt.done');
  const server = new AgentServer({
    clock,
    isMissed: (nonce) => handovers.isMissed(nonce),
    onAgent: (nonce, open) => handovers.arrived(nonce, open),
  });
  const listens = await server.listen(path).then(
    () => true,
    (error: unknown) => {
      log(`apps of an earlier runner stay without a channel: ${errorMessage(error)}`);
      return false;
    },
  );
  await handovers.begin(listens ? AGENTS_MS : 0);
  return () => server.close();
}
