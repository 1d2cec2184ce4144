import { MAX_INSTANCES } from '../../../spec/max-instances.ts';
import type {
  AppSpec,
  Dependency,
  LimitsSpec,
  LogRotateSpec,
  ProbeSpec,
  ProjectSource,
  ProjectSpec,
  RolloutSpec,
  Moved,
} from '../../../spec/types.ts';
import {
  anyOf,
  findDuplicate,
  isAmount,
  isFlag,
  isInteger,
  isName,
  isOneOf,
  isText,
  listOf,
  mapOf,
  nullable,
  objectOf,
  optional,
  type Check,
} from '../checks.ts';

const isTexts = listOf(isText);

const isProbe = objectOf<ProbeSpec>({
  http: optional(
    objectOf<NonNullable<ProbeSpec['http']>>({
      port: isInteger(1, 65_535),
      path: isText,
      host: isText,
      status: optional(isInteger(100, 599)),
      listener: optional(isOneOf('any')),
    }),
  ),
  tcp: optional(
    objectOf<NonNullable<ProbeSpec['tcp']>>({
      port: isInteger(1, 65_535),
      host: isText,
      listener: optional(isOneOf('any')),
    }),
  ),
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
  secrets: optional(isTexts),
  exec_mode: isOneOf('fork', 'cluster'),
  shell: isFlag,
  uid: nullable(anyOf(isInteger(0), isText)),
  gid: nullable(anyOf(isInteger(0), isText)),
  instance_var: isText,
  increment_var: nullable(isText),
  agent: isFlag,
  limits: optional(nullable(isLimits)),
  code: optional(anyOf(isOneOf('off'), isTexts)),
  code_ignore: optional(isTexts),
  version: optional(isText),
  stdin: optional(isOneOf('open', 'null')),
  instances: isInteger(1, MAX_INSTANCES),
  autostart: isFlag,
  autorestart: isFlag,
  stop_exit_codes: listOf(isInteger(0)),
  success_exit_codes: optional(listOf(isInteger(0))),
  min_uptime: isAmount,
  max_restarts: nullable(isInteger(0)),
  restart_delay: nullable(isAmount),
  exp_backoff_restart_delay: nullable(isAmount),
  kill_timeout: isAmount,
  treekill: isFlag,
  leftovers: optional(isOneOf('end', 'keep')),
  daemonize: optional(isFlag),
  pid_file: optional(nullable(isText)),
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

/** A project as the command sends it, whole and normalised. */
export const isProjectSpec: Check = (value, path) => {
  const problem = objectOf<ProjectSpec>({
    project: isName,
    moved: optional(objectOf<Moved>({ from: optional(isName), apps: optional(mapOf(isName)) })),
    source: objectOf<ProjectSource>({
      files: isTexts,
      env: nullable(isText),
      realFiles: optional(isTexts),
      named: optional(isOneOf(true)),
    }),
    apps: listOf(isAppSpec),
  })(value, path);
  return problem ?? findDuplicate((value as ProjectSpec).apps, 'name', `${path}.apps`);
};
