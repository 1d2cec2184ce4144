import type { Failure } from '../../../lib/failure.ts';
import type { Result } from '../../../lib/result.ts';
import { isText, listOf, objectOf, optional, type Check } from '../../../lib/checks.ts';
import { checked } from '../endpoints/checked.ts';
import type { AppKey } from '../../../lib/app-key.ts';

/** POST /v1/messages: to every instance that the selectors name and that has a channel. */
export interface MessageRequest {
  readonly selectors: readonly string[];
  /** Any JSON value; what `process.on('message')` of the app gets. */
  readonly message: unknown;
  /** For the audit log. Absent: it does not say. */
  readonly by?: string;
}

export interface MessageResponse {
  readonly results: readonly {
    readonly app: AppKey;
    readonly slot: number;
    readonly sent: boolean;
    /** Why it was not sent, else null. */
    readonly message: string | null;
  }[];
}

/** What fits into one line of the runner's protocol many times over; an app that wants more should be given a file. */
const MAX_MESSAGE_BYTES = 64 * 1024;

/** What can be said to an app over its channel. */
export const isMessage: Check = (value, path) => {
  if (value === undefined) return `${path} is missing`;
  const size = sizeOf(value);
  if (size === null) return `${path} is nested too deep`;
  return size <= MAX_MESSAGE_BYTES
    ? null
    : `${path} must be at most ${MAX_MESSAGE_BYTES} bytes of JSON, and has ${size}`;
};

/** In bytes of JSON; null: it can be read and not be written, as what is nested deep enough. */
function sizeOf(value: unknown): number | null {
  try {
    return Buffer.byteLength(JSON.stringify(value));
  } catch {
    return null;
  }
}

const isMessageRequest = objectOf<MessageRequest>({
  selectors: listOf(isText),
  message: isMessage,
  by: optional(isText),
});

export function checkMessageRequest(body: unknown): Result<MessageRequest, Failure> {
  return checked<MessageRequest>(isMessageRequest, body);
}
