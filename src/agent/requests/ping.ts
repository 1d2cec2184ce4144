import { isCommand, PING, PONG, type Pong } from '../protocol.ts';
import type { Answer, Asked } from './answer.ts';

/** Answers from the event loop of the app, so that a loop that is blocked does not answer. */
export function answerPing({ target, send }: Asked): Answer {
  return (message) => {
    if (!isCommand(message, PING) || !target.connected) return;
    send({ cmd: PONG, id: message['id'] } satisfies Pong, () => undefined);
  };
}
