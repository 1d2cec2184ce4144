import { isCommand, TRAFFIC, type TrafficAnswer } from '../protocol.ts';

type Send = (message: unknown, ...rest: unknown[]) => boolean;

/** What takes connections, or leaves them to others. */
export interface Accepting {
  /** `settled` is called with what it does in the end: one that can get no second handle goes on. */
  readonly accept: (accept: boolean, settled: (accepts: boolean) => void) => void;
}

/** Leaves connections to other instances while the controller says so, and no longer. */
export function heedTraffic(target: NodeJS.Process, shared: Accepting): void {
  const send = target.send?.bind(target) as Send | undefined;
  if (send === undefined) return;
  let end: NodeJS.Timeout | undefined;
  const answer = (accept: boolean): void => {
    const said: TrafficAnswer = { cmd: TRAFFIC, accept };
    if (target.connected) send(said, () => undefined);
  };
  const onInternal = (message: unknown): void => {
    if (!isCommand(message, TRAFFIC)) return;
    const { accept, forMs } = message;
    clearTimeout(end);
    const rests = accept === false && typeof forMs === 'number';
    if (rests) end = setTimeout(() => shared.accept(true, answer), forMs).unref();
    shared.accept(!rests, answer);
  };
  (target as NodeJS.EventEmitter).on('internalMessage', onInternal);
}
