import type { AppKey } from '../../../lib/app-key.ts';
import type { Failure } from '../../../lib/failure.ts';
import type { Result } from '../../../lib/result.ts';
import {
  isFlag,
  isInteger,
  isObject,
  isOneOf,
  isText,
  listOf,
  objectOf,
  optional,
  type Check,
  type Shape,
} from '../../../lib/checks.ts';
import { checked, withoutSecrets } from '../endpoints/checked.ts';
import type { WaitTarget } from './apply.ts';
import type { UnwrittenInfo } from './daemon.ts';

/** Every verb, with what it takes beside what all of them take. */
interface Verbs {
  /** `withDependencies`: what the apps depend on as well. */
  readonly start: { readonly withDependencies?: boolean };
  /** `forMs`: after so long, what is declared holds again. Absent: until somebody says so. */
  readonly stop: { readonly forMs?: number };
  /** `now`: all instances at once and without draining. */
  readonly restart: { readonly now?: boolean };
  readonly reload: object;
  readonly delete: { readonly allowWipe: boolean };
  /** `instances` is absolute; `delta` is added to what is wanted now. */
  readonly scale: { readonly instances?: number; readonly delta?: number; readonly forMs?: number };
  readonly 'rollout-pause': object;
  readonly 'rollout-resume': object;
}

interface AnyVerb {
  readonly selectors: readonly string[];
  readonly by: string;
  readonly command: string;
}

/** POST /v1/verbs. */
export type VerbRequest = AnyVerb & { [V in keyof Verbs]: { readonly verb: V } & Verbs[V] }[keyof Verbs];

export interface VerbResponse {
  readonly results: readonly { readonly app: AppKey; readonly changed: boolean; readonly message: string }[];
  readonly targets: readonly WaitTarget[];
  /** It holds, and is not on disk yet; absent: it is. Only these apps are listed. */
  readonly unwritten?: UnwrittenInfo;
  /** What people should know of what was done, a line each; absent: nothing. */
  readonly notes?: readonly string[];
}

const OWN_FIELDS: { readonly [V in keyof Verbs]: Shape<Verbs[V]> } = {
  start: { withDependencies: optional(isFlag) },
  stop: { forMs: optional(isInteger(1)) },
  restart: { now: optional(isFlag) },
  reload: {},
  delete: { allowWipe: isFlag },
  // How many there may be in all depends on how many there are: see controller/verbs.
  scale: {
    instances: optional(isInteger(0)),
    delta: optional(isInteger(Number.MIN_SAFE_INTEGER)),
    forMs: optional(isInteger(1)),
  },
  'rollout-pause': {},
  'rollout-resume': {},
};

const isVerb = isOneOf(...Object.keys(OWN_FIELDS));

const FIELDS = { selectors: listOf(isText), by: isText, command: isText, verb: isVerb };

const CHECKS: Readonly<Record<string, Check>> = Object.fromEntries(
  Object.entries(OWN_FIELDS).map(([verb, own]) => [verb, objectOf({ ...FIELDS, ...own })]),
);

const isVerbRequest: Check = (value, path) => {
  if (!isObject(value)) return `${path} must be an object`;
  const unknown = isVerb(value.verb, `${path}.verb`);
  if (unknown !== null) return unknown;
  if (value.verb === 'scale' && (value.instances === undefined) === (value.delta === undefined)) {
    return `${path} must have either instances or delta`;
  }
  return CHECKS[String(value.verb)]?.(value, path) ?? null;
};

export function checkVerbRequest(body: unknown): Result<VerbRequest, Failure> {
  return withoutSecrets(checked<VerbRequest>(isVerbRequest, body));
}
