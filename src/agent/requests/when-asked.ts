import { sayOffers } from '../offers.ts';
import { AGENT_PREFIX, OFFERS } from '../protocol.ts';
import { theRest } from '../the-rest.ts';
import type { Send } from './answer.ts';

/**
 * Answers what the runner and the controller ask: is the loop turning, take no new work, and the like. Until it is asked
 * an app pays for nothing but this: what does the work is loaded then. `lookAgain`: to be called first.
 */
export function answerWhenAsked(target: NodeJS.Process, lookAgain: () => void): void {
  const send = target.send?.bind(target) as Send | undefined;
  if (send === undefined) return;
  let answer: ((message: unknown) => void) | undefined;
  const onInternal = (message: unknown): void => {
    if (!isForAgent(message)) return;
    // Every process is asked for that when a controller comes, and few have offered anything.
    if (message.cmd === OFFERS) {
      sayOffers(send);
      return;
    }
    lookAgain();
    answer ??= theRest().answerer({ target, send });
    answer(message);
  };
  (target as NodeJS.EventEmitter).on('internalMessage', onInternal);
}

function isForAgent(message: unknown): message is { readonly cmd: string } {
  if (typeof message !== 'object' || message === null) return false;
  const cmd: unknown = Reflect.get(message, 'cmd');
  return typeof cmd === 'string' && cmd.startsWith(AGENT_PREFIX);
}
