import {
  findDuplicate,
  isFlag,
  isName,
  isText,
  listOf,
  objectOf,
  type Check,
} from '../../../../lib/checks.ts';
import type { Failure } from '../../../../lib/failure.ts';
import type { Result } from '../../../../lib/result.ts';
import { isReceiverSpec, type ReceiverSpec, type TargetKind } from '../../../../notify/model/receiver.ts';
import { checked, withoutSecrets } from '../../endpoints/checked.ts';

/** GET /v1/receivers. */
export interface ReceiverList {
  readonly apiVersion: 'v1';
  readonly kind: 'ReceiverList';
  readonly items: readonly ReceiverInfo[];
}

/** Somebody who is told what happens, as declared and as it is. Times are RFC 3339. */
export interface ReceiverInfo {
  readonly name: string;
  readonly kind: TargetKind;
  /** Where it is, for people; without secrets. */
  readonly target: string;
  /** Without secrets. */
  readonly spec: ReceiverSpec;
  readonly declared: { readonly by: string; readonly at: string; readonly command: string };
  readonly status: {
    /** `Idle`: there is nothing to tell. `Waiting`: there is, and it is not time yet. */
    readonly state: ReceiverState;
    /** Why it is not reached; null: it is, as far as is known. */
    readonly failing: {
      readonly since: string;
      readonly attempts: number;
      readonly message: string;
      /** What to do about it. */
      readonly hint: string;
    } | null;
    /** The message that is being sent; null: none. */
    readonly sending: {
      readonly id: string;
      readonly title: string;
      readonly madeAt: string;
      readonly attempts: number;
      readonly nextAt: string;
    } | null;
    /** Things that wait to be told. */
    readonly waiting: number;
    /** Events that are only counted, and told of in the next message. */
    readonly leftOut: number;
    /** What is wrong, and it was told of. */
    readonly open: readonly OpenIssueInfo[];
    /** Since it was declared. */
    readonly counts: { readonly delivered: number; readonly givenUp: number; readonly leftOut: number };
    /** What is not kept on disk, because it cannot be written; absent: everything is. */
    readonly unwritten?: string;
  };
  /** The newest first, at most 50. */
  readonly history: readonly SentInfo[];
}

export type ReceiverState = 'Idle' | 'Waiting' | 'Sending' | 'Failing';

export interface OpenIssueInfo {
  readonly topic: string;
  readonly title: string;
  readonly message: string;
  readonly since: string;
  /** How often it has happened since it was told. */
  readonly count: number;
}

export interface SentInfo {
  readonly id: string;
  readonly title: string;
  readonly at: string;
  readonly outcome: 'delivered' | 'given-up';
  readonly attempts: number;
  readonly items: number;
  readonly leftOut: number;
  readonly message: string;
}

/** POST /v1/receivers: these are declared. With `prune` all others are removed. */
export interface DeclareReceiversRequest {
  readonly receivers: readonly ReceiverSpec[];
  readonly prune: boolean;
  readonly by: string;
  readonly command: string;
}

export interface DeclareReceiversResponse {
  readonly changes: readonly {
    readonly receiver: string;
    readonly kind: 'created' | 'changed' | 'unchanged' | 'removed';
  }[];
}

/** POST /v1/receivers/remove. The answer is the receiver as it was. */
export interface RemoveReceiverRequest {
  readonly name: string;
  readonly by: string;
}

/** POST /v1/receivers/test: a message that says that it is a test is sent now. */
export interface TestReceiverRequest {
  readonly name: string;
}

export interface TestReceiverResponse {
  readonly ok: boolean;
  readonly message: string;
  /** What was done, one after the other. */
  readonly steps: readonly string[];
}

const isDeclare: Check = (value, path) => {
  const problem = objectOf<DeclareReceiversRequest>({
    receivers: listOf(isReceiverSpec),
    prune: isFlag,
    by: isText,
    command: isText,
  })(value, path);
  return problem ?? findDuplicate((value as DeclareReceiversRequest).receivers, 'name', `${path}.receivers`);
};

const isRemove: Check = objectOf<RemoveReceiverRequest>({ name: isName, by: isText });
const isTest: Check = objectOf<TestReceiverRequest>({ name: isName });

export function checkDeclareReceivers(body: unknown): Result<DeclareReceiversRequest, Failure> {
  return withoutSecrets(checked<DeclareReceiversRequest>(isDeclare, body));
}

export function checkRemoveReceiver(body: unknown): Result<RemoveReceiverRequest, Failure> {
  return checked<RemoveReceiverRequest>(isRemove, body);
}

export function checkTestReceiver(body: unknown): Result<TestReceiverRequest, Failure> {
  return checked<TestReceiverRequest>(isTest, body);
}
