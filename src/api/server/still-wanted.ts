import type { IncomingMessage } from 'node:http';
import type { Failure } from '../../lib/failure.ts';
import type { StillWanted } from '../contract/endpoints/backend.ts';
import { DEADLINE_HEADER, isOver } from '../contract/deadline.ts';

/** What nobody waits for is answered with; it is read by nobody, as a rule. */
const GIVEN_UP: Failure = {
  code: 'WAIT_TIMEOUT',
  message: 'not begun: whoever asked for it had given up before the daemon came to it; nothing was changed',
};

/**
 * Whether somebody still waits for the answer of a request: its time limit is not over, and its connection is there. A
 * daemon that was stopped, or very busy, finds requests of commands that have long told their user that they failed.
 */
export function stillWanted(request: IncomingMessage, onGivenUp: (what: string) => void): StillWanted {
  return async () => {
    // The end of a connection may have come while this process stood still: it is known after a whole turn of the loop.
    await nextTurn();
    await nextTurn();
    const { socket, headers, method, url } = request;
    const limit = headers[DEADLINE_HEADER];
    const isGone = socket.destroyed || socket.readableEnded;
    if (!isGone && !isOver(typeof limit === 'string' ? limit : undefined)) return null;
    onGivenUp(`${method ?? ''} ${url ?? ''} was not carried out: whoever sent it had given up`);
    return GIVEN_UP;
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
