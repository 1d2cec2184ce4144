import type { Failure } from '../lib/failure.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type {
  AppSpec,
  Dependency,
  LimitsSpec,
  LogRotateSpec,
  ProbeSpec,
  ProjectSource,
  ProjectSpec,
  RolloutSpec,
} from '../spec/types.ts';
import {
  anyOf,
  isAmount,
  isFlag,
  isInteger,
  isName,
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
import type { ApplyRequest, DaemonStopRequest, MessageRequest, PlanBasis, VerbRequest } from './wire.ts';

/** More processes than any host holds: a typing error is not to become a fork bomb. */
const MAX_INSTANCES = 100_000;
const isTexts = listOf(isText);
const isInstances = isInteger(0, MAX_INSTANCES);

const isProbe = objectOf<ProbeSpec>({
  http: optional(
    objectOf<NonNullable<ProbeSpec['http']>>({
      port: isInteger(1, 65_535),
      path: isText,
      host: isText,
      status: optional(isInteger(100, 599)),
    }),
  ),
  tcp: optional(objectOf<NonNullable<ProbeSpec['tcp']>>({ port: isInteger(1, 65_535), host: isText })),
  exec: optional(objectOf<NonNullable<ProbeSpec['exec']>>({ command: isTexts })),
  log: optional(isText),
  period: isAmount,
  timeout: isAmount,
  initial_delay: isAmount,
  success_threshold: isInteger(1),
  failure_threshold: isInteger(1),
});

const isRollout = objectOf<RolloutSpec>({
  max_surge: isInteger(0),
  max_unavailable: isInteger(0),
  parallel: isInteger(1),
  min_ready: isAmount,
  deadline: nullable(isAmount),
  on_failure: isOneOf('rollback', 'pause', 'continue'),
});

const isLimits = objectOf<LimitsSpec>({
  memory: nullable(isAmount),
  cpu: nullable(isAmount),
  pids: nullable(isInteger(1)),
});

const isLogRotate = objectOf<LogRotateSpec>({
  size: isAmount,
  keep: isInteger(0),
  interval: nullable(isAmount),
  compress: isFlag,
});

const isWatchOptions = objectOf<NonNullable<AppSpec['watch_options']>>({
  usePolling: isFlag,
  interval: isAmount,
  followSymlinks: isFlag,
  depth: nullable(isInteger(0)),
});

const isCondition = isOneOf('started', 'ready', 'completed');

const isRestartingDependency = objectOf<Exclude<Dependency, string>>({
  condition: isCondition,
  restart: isOneOf(true),
});

const isAppSpec = objectOf<AppSpec>({
  name: isName,
  namespace: isText,
  labels: mapOf(isText),
  script: isText,
  interpreter: isText,
  interpreter_args: isTexts,
  args: isTexts,
  cwd: isText,
  env: mapOf(isText),
  exec_mode: isOneOf('fork', 'cluster'),
  shell: isFlag,
  uid: nullable(anyOf(isInteger(0), isText)),
  gid: nullable(anyOf(isInteger(0), isText)),
  instance_var: isText,
  increment_var: nullable(isText),
  agent: isFlag,
  limits: optional(nullable(isLimits)),
  instances: isInteger(1, MAX_INSTANCES),
  autostart: isFlag,
  autorestart: isFlag,
  stop_exit_codes: listOf(isInteger(0)),
  min_uptime: isAmount,
  max_restarts: nullable(isInteger(0)),
  restart_delay: nullable(isAmount),
  exp_backoff_restart_delay: nullable(isAmount),
  kill_timeout: isAmount,
  treekill: isFlag,
  shutdown_with_message: isFlag,
  wait_ready: isFlag,
  listen_timeout: isAmount,
  max_memory_restart: nullable(isAmount),
  cron_restart: nullable(isText),
  cron_timezone: nullable(isText),
  cron_catch_up: isFlag,
  schedule: nullable(isText),
  concurrency: isOneOf('forbid', 'replace', 'allow'),
  watch: anyOf(isFlag, isTexts),
  ignore_watch: isTexts,
  watch_delay: isAmount,
  watch_options: nullable(isWatchOptions),
  readiness: nullable(isProbe),
  liveness: nullable(isProbe),
  startup: nullable(isProbe),
  heartbeat: nullable(
    objectOf<NonNullable<AppSpec['heartbeat']>>({ interval: isAmount, misses: isInteger(1) }),
  ),
  depends_on: mapOf(anyOf(isRestartingDependency, isCondition)),
  rollout: isRollout,
  out_file: nullable(isText),
  error_file: nullable(isText),
  log_file: nullable(isText),
  merge_logs: isFlag,
  disable_logs: isFlag,
  log_date_format: nullable(isText),
  log_type: isOneOf('raw', 'json'),
  log_rotate: nullable(isLogRotate),
  protect: isFlag,
});

const isProjectSpec: Check = (value, path) => {
  const problem = objectOf<ProjectSpec>({
    project: isName,
    source: objectOf<ProjectSource>({ files: isTexts, env: nullable(isText) }),
    apps: listOf(isAppSpec),
  })(value, path);
  return problem ?? findDuplicate((value as ProjectSpec).apps, 'name', `${path}.apps`);
};

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
});

const isApplyRequest: Check = (value, path) => {
  const problem = objectOf<ApplyRequest>({
    projects: listOf(isProjectSpec),
    prune: isFlag,
    only: nullable(isTexts),
    allowWipe: isFlag,
    basis: nullable(isBasis),
    by: isText,
    command: isText,
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
        instances: optional(isInstances),
        delta: optional(isInteger(-MAX_INSTANCES, MAX_INSTANCES)),
      })(value, path);
    default:
      return `${path}.verb must be one of ${VERBS.map((verb) => JSON.stringify(verb)).join(', ')}`;
  }
};

/** What fits into one line of the runner's protocol many times over; an app that wants more should be given a file. */
const MAX_MESSAGE_BYTES = 64 * 1024;

const isMessage: Check = (value, path) => {
  if (value === undefined) return `${path} is missing`;
  const size = Buffer.byteLength(JSON.stringify(value));
  return size <= MAX_MESSAGE_BYTES
    ? null
    : `${path} must be at most ${MAX_MESSAGE_BYTES} bytes of JSON, and has ${size}`;
};

const isMessageRequest = objectOf<MessageRequest>({ selectors: isTexts, message: isMessage });

const isStopRequest = objectOf<DaemonStopRequest>({ all: isFlag });

export function checkApplyRequest(body: unknown): Result<ApplyRequest, Failure> {
  return checked<ApplyRequest>(isApplyRequest, body);
}

export function checkVerbRequest(body: unknown): Result<VerbRequest, Failure> {
  return checked<VerbRequest>(isVerbRequest, body);
}

export function checkMessageRequest(body: unknown): Result<MessageRequest, Failure> {
  return checked<MessageRequest>(isMessageRequest, body);
}

export function checkStopRequest(body: unknown): Result<DaemonStopRequest, Failure> {
  return checked<DaemonStopRequest>(isStopRequest, body);
}

/** BAD_REQUEST naming the first thing that is wrong, or the body as what it was found to be. */
function checked<T>(check: Check, body: unknown): Result<T, Failure> {
  const problem = check(body, 'body');
  return problem === null ? ok(body as T) : err(badRequest(problem));
}

export function badRequest(problem: string): Failure {
  return {
    code: 'BAD_REQUEST',
    message: `cannot take the request: ${problem}`,
    hint: 'the command and the daemon may be of different versions: compare stateward version and stateward daemon status',
  };
}

function findDuplicate<K extends string>(
  items: readonly Readonly<Record<K, string>>[],
  key: K,
  path: string,
): string | null {
  const seen = new Set<string>();
  for (const item of items) {
    if (seen.has(item[key])) return `${path} has ${JSON.stringify(item[key])} twice`;
    seen.add(item[key]);
  }
  return null;
}
