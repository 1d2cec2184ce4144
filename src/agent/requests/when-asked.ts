import { AGENT_PREFIX } from '../protocol.ts';
import { theRest } from '../the-rest.ts';
import type { Send } from './answer.ts';

/**
 * Answers what the runner and the controller ask: is the loop turning, take no new work, and the like. Until it is asked
 * an app pays for nothing but this: what does the work is loaded then.
 */
export function answerWhenAsked(target: NodeJS.Process): void {
  const send = target.send?.bind(target) as Send | undefined;
  if (send === undefined) return;
  let answer: ((message: unknown) => void) | undefined;
  const onInternal = (message: unknown): void => {
    if (!isForAgent(message)) return;
    answer ??= theRest().answerer({ target, send });
    answer(message);
  };
  (target as NodeJS.EventEmitter).on('internalMessage', onInternal);
}

function isForAgent(message: unknown): boolean {
  if (typeof message !== 'object' || message === null) return false;
  const cmd: unknown = Reflect.get(message, 'cmd');
  return typeof cmd === 'string' && cmd.startsWith(AGENT_PREFIX);
}
