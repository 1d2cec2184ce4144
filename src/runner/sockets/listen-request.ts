import type { BindRequest } from './bind-socket.ts';
import type { SharedName } from './socket-key.ts';

/** An app that asks for a socket: the `id`-th request of the instance `nonce`. */
export interface ListenRequest extends BindRequest, SharedName {
  readonly nonce: string;
  readonly id: number;
  /** What all that share it are to have in common: the ticket keys of TLS. */
  readonly data: unknown;
}

/** Why it is not given one. */
export interface Refused {
  /** As libuv numbers it. */
  readonly errno: number;
  /** For a person: who has the address. Null: nobody that is known here. */
  readonly note: string | null;
}
