import { createHash } from 'node:crypto';

/** Where an instance says how it is, and what it has to say. Goes into the ledger. */
export interface NotifyPlace {
  /** Absolute path of its socket. */
  readonly path: string;
  /** Whom the socket belongs to; null: us. */
  readonly uid: number | null;
  /** It says something at least so often once it is ready; null: it need not. */
  readonly watchdogMs: number | null;
}

/** Names are short: a path of a socket has little room. */
const NAME_LENGTH = 9;

/** Of the socket of an instance. */
export function nameOf(nonce: string): string {
  return createHash('sha256').update(nonce).digest('hex').slice(0, NAME_LENGTH);
}
