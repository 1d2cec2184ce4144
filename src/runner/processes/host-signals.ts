import { constants } from 'node:os';
import { killArgument, signalNamed } from '../../lib/signals.ts';

/** One that this host has; real-time signals are `SIGRTMIN+3`. */
export type Signal = NodeJS.Signals | `SIGRTMIN+${number}`;

export function isSignal(name: string): name is Signal {
  if (Object.hasOwn(constants.signals, name)) return true;
  return process.platform === 'linux' && signalNamed(name) === name && killArgument(name) !== name;
}

/** The number of a signal on this host. */
export function signalNumber(signal: Signal): number {
  const how = killArgument(signal);
  return typeof how === 'number' ? how : constants.signals[how as NodeJS.Signals];
}

/**
 * The signal of this host that is meant by one of the file: an app that listens to SIGTERM alone, as containers teach, would
 * die of SIGINT without a word, and SIGTERM takes the place of one that only other hosts have.
 */
export function signalToSend(asked: string, wantsSigterm: () => boolean): Signal {
  const signal = isSignal(asked) ? asked : 'SIGTERM';
  return signal === 'SIGINT' && wantsSigterm() ? 'SIGTERM' : signal;
}
