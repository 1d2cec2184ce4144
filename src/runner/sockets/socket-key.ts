import type { BindRequest } from './bind-socket.ts';

/** What makes the socket that an app asks for the one that its other instances have. */
export interface SharedName extends Pick<BindRequest, 'address' | 'port' | 'addressType'> {
  /** `project/name`. */
  readonly app: string;
  /** How many such sockets the instance had already: the second of one kind is not the first. */
  readonly index: number;
}

/** `more` tells it apart from the one that has the name. */
export function socketKey(
  { app, address, port, addressType, index }: SharedName,
  ...more: readonly string[]
): string {
  return JSON.stringify([app, address, port, addressType, index, ...more]);
}

/** The key of the same socket under another name of its app. */
export function keyOf(app: string, key: string): string {
  const [, ...rest] = JSON.parse(key) as unknown[];
  return JSON.stringify([app, ...rest]);
}

/** Of what one instance has of a socket: it is given under the number of the request. */
export function shareKey({ nonce, id }: { readonly nonce: string; readonly id: number }): string {
  return `${nonce} ${id}`;
}
