import { constants } from 'node:os';
import type { Failure } from '../../../lib/failure.ts';
import type { Result } from '../../../lib/result.ts';
import { isFlag, isOneOf, isText, listOf, objectOf, optional } from '../../../lib/checks.ts';
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

/** The signal that a word means: `SIGHUP`, `hup` and its number; undefined: there is none on this host. */
export function signalNamed(word: string): string | undefined {
  const name = word.toUpperCase();
  const full = name.startsWith('SIG') ? name : `SIG${name}`;
  if (Object.hasOwn(constants.signals, full)) return full;
  return Object.entries(constants.signals).find(([, number]) => String(number) === word)?.[0];
}

const isSignalRequest = objectOf<SignalRequest>({
  selectors: listOf(isText),
  signal: isOneOf(...Object.keys(constants.signals)),
  tree: optional(isFlag),
  by: isText,
});

export function checkSignalRequest(body: unknown): Result<SignalRequest, Failure> {
  return checked<SignalRequest>(isSignalRequest, body);
}
