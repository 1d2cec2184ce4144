import { DRAIN, DRAINED, DRAINING, isCommand, type Drained, type Draining } from '../protocol.ts';
import type { Answer, Asked } from '../requests/answer.ts';

/** Signals that an app may listen to in order to end well; the runner means the first unless told otherwise. */
const STOP_SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Until it is asked to drain an app pays for nothing: what does the work is loaded then. */
export function answerDrain({ target, send }: Asked): Answer {
  const answer = (message: Draining | Drained): void => {
    if (target.connected) send(message, () => undefined);
  };
  let drained: Promise<void> | undefined;
  return (message) => {
    const ms = isCommand(message, DRAIN) ? message['ms'] : undefined;
    if (typeof ms !== 'number') return;
    const signal = STOP_SIGNALS.find((name) => target.listenerCount(name) > 0) ?? null;
    answer({ cmd: DRAINING, signal });
    // Asked again, by the next runner: it is at it, or has done it.
    drained ??= import('./drain.ts').then(({ drain }) => drain(ms)).catch(() => undefined);
    void drained.then(() => answer({ cmd: DRAINED }));
  };
}
