import type { AppKey } from '../../../../lib/app-key.ts';
import { isInteger, isText, listOf, objectOf, optional } from '../../../../lib/checks.ts';
import type { Failure } from '../../../../lib/failure.ts';
import type { Result } from '../../../../lib/result.ts';
import { checked } from '../../endpoints/checked.ts';
import { isMessage } from '../messages.ts';

/** Something that an app measures itself, as it has reported it last. */
export interface CustomMetric {
  readonly name: string;
  readonly value: number | string | boolean;
  /** Absent: it has none. */
  readonly unit?: string;
}

/** Something that an app can be asked to do: `stateward trigger APP ACTION`. */
export interface CustomAction {
  readonly name: string;
  /** Whether it takes a parameter; absent: it does not say. */
  readonly parameter?: boolean;
  readonly description?: string;
}

/** What one process reports and offers by its messages; what is absent it does not. */
export interface CustomFields {
  readonly metrics?: readonly CustomMetric[];
  readonly actions?: readonly CustomAction[];
}

/** POST /v1/actions: to every live process of what the selectors mean. Answered when all have replied, or their time is over. */
export interface ActionRequest {
  readonly selectors: readonly string[];
  readonly action: string;
  /** Any JSON value; absent: the action gets none. */
  readonly parameter?: unknown;
  /** How long a process has to reply. Absent: 10 s. */
  readonly timeoutMs?: number;
  readonly by: string;
}

export interface ActionResponse {
  readonly results: readonly ActionResult[];
}

/** What came of an action in one process. */
export interface ActionResult extends ActionOutcome {
  readonly app: AppKey;
  readonly slot: number;
}

export interface ActionOutcome {
  /** `failed`: it has replied that it could not. `notSent`: it was not asked. */
  readonly state: 'replied' | 'failed' | 'timedOut' | 'notOffered' | 'notSent';
  /** Its reply; absent: there is none. */
  readonly reply?: unknown;
  /** Why there is no reply, else null. */
  readonly message: string | null;
  /** With `notOffered`: the names of the actions that it offers. */
  readonly offered?: readonly string[];
}

export const DEFAULT_ACTION_MS = 10_000;
/** A client gives up an answer after a minute. */
export const MAX_ACTION_MS = 50_000;

const isActionRequest = objectOf<ActionRequest>({
  selectors: listOf(isText),
  action: isText,
  parameter: optional(isMessage),
  timeoutMs: optional(isInteger(1, MAX_ACTION_MS)),
  by: isText,
});

export function checkActionRequest(body: unknown): Result<ActionRequest, Failure> {
  return checked<ActionRequest>(isActionRequest, body);
}
