import { constants } from 'node:os';
import type { Failure } from '../../../lib/failure.ts';
import type { Result } from '../../../lib/result.ts';
import { isFlag, isText, listOf, objectOf, optional, type Check } from '../../../lib/checks.ts';
import { killArgument, signalNamed } from '../../../lib/signals.ts';
import { checked } from '../endpoints/checked.ts';
import type { MessageResponse } from './messages.ts';

/** POST /v1/signals: to the main process of every live instance that the selectors name. */
export interface SignalRequest {
  readonly selectors: readonly string[];
  /** `SIGUSR2`. */
  readonly signal: string;
  /** To everything that the instance has started, too. */
  readonly tree?: boolean;
  readonly by: string;
}

/** Whom it was sent to, and why not. */
export type SignalResponse = MessageResponse;

/** Whether a signal by the name that it has in lib/signals.ts is one of this host. */
function isOfHost(name: string): boolean {
  return (
    Object.hasOwn(constants.signals, name) || (process.platform === 'linux' && killArgument(name) !== name)
  );
}

/** The signal of this host that a word means: `SIGHUP`, `hup`, its number, `SIGRTMIN+3`; undefined: there is none. */
export function signalOfHost(word: string): string | undefined {
  const byNumber = Object.entries(constants.signals).find(([, number]) => String(number) === word)?.[0];
  const name = signalNamed(byNumber ?? word);
  return name !== undefined && isOfHost(name) ? name : undefined;
}

const isSignal: Check = (value, path) =>
  typeof value === 'string' && signalOfHost(value) !== undefined
    ? null
    : `${path} must be the name of a signal`;

const isSignalRequest = objectOf<SignalRequest>({
  selectors: listOf(isText),
  signal: isSignal,
  tree: optional(isFlag),
  by: isText,
});

export function checkSignalRequest(body: unknown): Result<SignalRequest, Failure> {
  return checked<SignalRequest>(isSignalRequest, body);
}
