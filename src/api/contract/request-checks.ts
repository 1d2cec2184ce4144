import { isCommitHash } from '../../lib/commit-hash.ts';
import type { Failure } from '../../lib/failure.ts';
import { ok, type Result } from '../../lib/result.ts';
import { redactLine } from '../../spec/redact.ts';
import { checked } from './bad-request.ts';
import {
  findDuplicate,
  isFlag,
  isInteger,
  isObject,
  isOneOf,
  isText,
  listOf,
  mapOf,
  nullable,
  objectOf,
  optional,
  type Check,
} from './checks.ts';
import { isProjectSpec } from './spec-checks.ts';
import type { ApplyRequest, DaemonStopRequest, MessageRequest, PlanBasis, VerbRequest } from './wire.ts';

const isTexts = listOf(isText);

const isBasis = objectOf<PlanBasis>({
  fingerprint: isText,
  apps: listOf(
    objectOf<PlanBasis['apps'][number]>({
      app: isText,
      generation: isInteger(0),
      restartGeneration: isInteger(0),
      processes: isTexts,
    }),
  ),
  desiredHash: isText,
  code: optional(mapOf(isText)),
  shown: optional(isText),
});

const isCommit: Check = (value, path) =>
  typeof value === 'string' && isCommitHash(value) ? null : `${path} must be 40 or 64 hexadecimal digits`;

const isApplyRequest: Check = (value, path) => {
  const problem = objectOf<ApplyRequest>({
    projects: listOf(isProjectSpec),
    prune: isFlag,
    only: nullable(isTexts),
    allowWipe: isFlag,
    takeOver: optional(isFlag),
    keepOrigin: optional(isFlag),
    withDependencies: optional(isFlag),
    basis: nullable(isBasis),
    by: isText,
    command: isText,
    commits: optional(mapOf(isCommit)),
    code: optional(isOneOf('compare', 'leave')),
    restart: optional(
      objectOf<NonNullable<ApplyRequest['restart']>>({
        verb: isOneOf('reload', 'restart'),
        now: optional(isFlag),
      }),
    ),
    begins: optional(isOneOf(true)),
  })(value, path);
  return problem ?? findDuplicate((value as ApplyRequest).projects, 'project', `${path}.projects`);
};

const VERB_FIELDS = { selectors: isTexts, by: isText, command: isText };

const VERBS = [
  'start',
  'stop',
  'restart',
  'reload',
  'delete',
  'scale',
  'rollout-pause',
  'rollout-resume',
] as const;

const isVerbRequest: Check = (value, path) => {
  if (!isObject(value)) return `${path} must be an object`;
  switch (value.verb) {
    case 'start':
      return objectOf({ ...VERB_FIELDS, verb: isText, withDependencies: optional(isFlag) })(value, path);
    case 'stop':
    case 'reload':
    case 'rollout-pause':
    case 'rollout-resume':
      return objectOf({ ...VERB_FIELDS, verb: isText })(value, path);
    case 'restart':
      return objectOf({ ...VERB_FIELDS, verb: isText, now: optional(isFlag) })(value, path);
    case 'delete':
      return objectOf({ ...VERB_FIELDS, verb: isText, allowWipe: isFlag })(value, path);
    case 'scale':
      if ((value.instances === undefined) === (value.delta === undefined)) {
        return `${path} must have either instances or delta`;
      }
      return objectOf({
        ...VERB_FIELDS,
        verb: isText,
        // How many there may be in all depends on how many there are: see daemon/verb-effects.ts.
        instances: optional(isInteger(0)),
        delta: optional(isInteger(Number.MIN_SAFE_INTEGER)),
      })(value, path);
    default:
      return `${path}.verb must be one of ${VERBS.map((verb) => JSON.stringify(verb)).join(', ')}`;
  }
};

/** What fits into one line of the runner's protocol many times over; an app that wants more should be given a file. */
const MAX_MESSAGE_BYTES = 64 * 1024;

const isMessage: Check = (value, path) => {
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

const isMessageRequest = objectOf<MessageRequest>({ selectors: isTexts, message: isMessage });

const isStopRequest = objectOf<DaemonStopRequest>({ all: isFlag });

export function checkApplyRequest(body: unknown): Result<ApplyRequest, Failure> {
  return withoutSecrets(checked<ApplyRequest>(isApplyRequest, body));
}

export function checkVerbRequest(body: unknown): Result<VerbRequest, Failure> {
  return withoutSecrets(checked<VerbRequest>(isVerbRequest, body));
}

export function checkMessageRequest(body: unknown): Result<MessageRequest, Failure> {
  return checked<MessageRequest>(isMessageRequest, body);
}

export function checkStopRequest(body: unknown): Result<DaemonStopRequest, Failure> {
  return checked<DaemonStopRequest>(isStopRequest, body);
}

/** The command is kept with the revision, for everybody to read. */
function withoutSecrets<T extends { readonly command: string }>(
  request: Result<T, Failure>,
): Result<T, Failure> {
  return request.ok ? ok({ ...request.value, command: redactLine(request.value.command) }) : request;
}
