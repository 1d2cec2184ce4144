import type { Send } from './requests/answer.ts';

/** Messages with which an app offers an action; the second is that of @pm2/io. */
const TYPES: readonly unknown[] = ['stateward:action', 'axm:action'];
/** As many as the controller keeps. */
const MOST = 64;

const offered: unknown[] = [];

/** Keeps what an app offers as it says so, because a controller forgets it when it ends. */
export function noteOffer(message: unknown): void {
  if (typeof message !== 'object' || message === null || offered.length >= MOST) return;
  if (TYPES.includes(Reflect.get(message, 'type'))) offered.push(message);
}

/** Says it once more. */
export function sayOffers(send: Send): void {
  for (const message of offered) send(message, () => undefined);
}
