import type { Target } from '../model/receiver.ts';
import type { StatusItem } from '../model/record.ts';
import type { Notification } from '../render/notification.ts';

/** What is to be sent: one line of JSON on the standard input of the sending program. */
export interface SendJob {
  readonly job: number;
  readonly target: Target;
  readonly message: Message;
}

export type Message =
  | { readonly kind: 'notification'; readonly notification: Notification }
  | { readonly kind: 'status'; readonly id: string; readonly host: string; readonly status: StatusItem }
  /** Whether a commit status could be told of these. */
  | {
      readonly kind: 'try-status';
      readonly remotes: readonly { readonly source: string; readonly remote: string }[];
    };

/** What came of it: one line on its standard output. Without secrets. */
export interface SendAnswer extends SendResult {
  readonly job: number;
}

export interface SendResult {
  readonly ok: boolean;
  /** What the receiver answered, or why it was not reached; one line. */
  readonly message: string;
  /** How long the receiver asks to be left alone. */
  readonly retryAfterMs?: number;
  /** What was done, step by step, for `notify test`. */
  readonly steps: readonly string[];
}

/** All of one job; a receiver that takes longer has not taken it. */
export const SEND_LIMIT_MS = 30_000;
