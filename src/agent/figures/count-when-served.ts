import type * as Channels from 'node:diagnostics_channel';
import type { Served } from './served.ts';
import { theRest } from '../the-rest.ts';

type Hear = (message: unknown) => void;

/** Node says there that a request has come, whatever framework answers it. HTTP/2 does so since Node 24. */
const STARTS = ['http.server.request.start', 'http2.server.stream.start'] as const;

/** When it is looked again whether the app has loaded what serves: most have when their script has run once. */
const LOOKS_MS = [250, 2_000];

/**
 * Counts what the app serves, from the first request on. To listen for that costs a module of Node, which every app that
 * can serve has loaded, and is done when one has; what counts is compiled at the first request. Gives what looks again.
 */
export function countWhenServed(target: NodeJS.Process): () => void {
  let listens = false;
  const look = (): void => {
    if (listens || !canServe(target)) return;
    listens = true;
    listen();
  };
  const looks = [...LOOKS_MS];
  const lookLater = (): void => {
    look();
    const ms = looks.shift();
    // None of these keeps the app from ending.
    if (ms !== undefined && !listens) setTimeout(lookLater, ms).unref();
  };
  setImmediate(lookLater).unref();
  return look;
}

/** Internal: the names of what is loaded. */
function canServe(target: NodeJS.Process): boolean {
  const loaded: unknown = Reflect.get(target, 'moduleLoadList');
  return (
    Array.isArray(loaded) &&
    loaded.some((name) => name === 'NativeModule http' || name === 'NativeModule http2')
  );
}

function listen(): void {
  // An import would load it with the preload.
  const requireNow: (name: string) => unknown = require;
  const { subscribe } = requireNow('node:diagnostics_channel') as typeof Channels;
  let served: Served | undefined;
  for (const channel of STARTS) {
    const isHttp = channel === STARTS[0];
    let start: Hear = (message) => {
      served ??= theRest().countServed(subscribe);
      start = isHttp ? served.requestStarted : served.streamStarted;
      start(message);
    };
    subscribe(channel, (message) => start(message));
  }
}
