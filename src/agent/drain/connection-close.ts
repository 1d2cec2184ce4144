import type { ServerResponse } from 'node:http';

/** Internal: the parts of a response that are used here. */
interface Outgoing {
  /** The head as it will be sent, once it is known. */
  _header?: string | null;
  _headerSent?: boolean;
  /** The connection ends with this response. */
  _last?: boolean;
  _storeHeader?: (...args: unknown[]) => unknown;
}

const CONNECTION = /^connection:[^\r\n]*$/im;
const KEEP_ALIVE = /^keep-alive:[^\r\n]*\r\n/gim;
const END = /\r\n\r\n$/;

/**
 * Ends the connection with this response, and tells the client, so that it sends nothing more on it; whatever the app
 * itself says. Where the head is on its way already, it is too late to tell and the connection stays as it is.
 */
export function closeAfter(response: ServerResponse): void {
  const outgoing = response as unknown as Outgoing;
  if (typeof outgoing._header === 'string') rewriteHead(outgoing);
  else rewriteHeadWhenStored(outgoing);
}

/** In the finished text: how an app can set headers is manifold, and its own word would win over every setting. */
function rewriteHeadWhenStored(outgoing: Outgoing): void {
  const { _storeHeader: store } = outgoing;
  if (typeof store !== 'function') return;
  const value = function (this: Outgoing, ...args: unknown[]): unknown {
    const result = Reflect.apply(store, this, args);
    rewriteHead(this);
    return result;
  };
  Object.defineProperty(outgoing, '_storeHeader', {
    value,
    enumerable: false,
    configurable: true,
    writable: true,
  });
}

function rewriteHead(outgoing: Outgoing): void {
  const { _header: head } = outgoing;
  if (typeof head !== 'string' || outgoing._headerSent === true) return;
  const said = CONNECTION.exec(head)?.[0];
  // A protocol that takes over is not HTTP's to end.
  if (said !== undefined && /upgrade/i.test(said)) return;
  const bare = head.replace(KEEP_ALIVE, '');
  outgoing._header =
    said === undefined
      ? bare.replace(END, '\r\nConnection: close\r\n\r\n')
      : bare.replace(CONNECTION, 'Connection: close');
  outgoing._last = true;
}
