import { portsAreShared } from '../model/shared-ports.ts';
import { lost, mapped, met, refused, isDeclared, type FieldRules } from '../model/field-rules.ts';
import { error, warning, type Finding } from '../model/rendered.ts';
import type { AppSpec } from '../../spec/types.ts';
import { calendarOf } from './calendar.ts';
import { programFindings } from './command.ts';
import type { SystemdApp } from './model.ts';
import { isJob } from './service.ts';

const LATER = 'systemd 254 and newer alone wait longer each time';
const NO_PROBES = 'nothing asks the app there: a process that runs is well';

/** What becomes of each field in units of systemd. */
export const SYSTEMD_RULES: FieldRules<SystemdApp> = {
  name: mapped('`<project>-<app>.service`; with several instances `-<slot>` behind it'),
  namespace: met('nothing: it groups apps for selectors'),
  labels: lost('labels', 'a unit has none'),
  script: mapped('`ExecStart`'),
  serve: refused('serve', 'the server for files is a part of stateward', 'use a web server'),
  interpreter: mapped(
    '`ExecStart`; Node with the path that it has here, others without a path: warning',
    programFindings,
  ),
  interpreter_args: mapped('`ExecStart`'),
  args: mapped('`ExecStart`'),
  cwd: mapped('`WorkingDirectory`'),
  env: mapped(
    '`Environment`; secrets are read from `EnvironmentFile`, `<project>/<app>.env` below `--secrets`',
  ),
  env_from: mapped('names of the same file', ({ spec }) =>
    Object.entries(spec.env_from)
      .filter(([, source]) => source.default !== undefined)
      .map(([name]) => warning('env', `the default of ${name} is not known there: the file has to have it`)),
  ),
  secrets: mapped('names more variables that are read from the file'),
  ports: mapped('variables alone: the app listens by itself. `auto`: error', ({ spec }) =>
    spec.ports.flatMap(({ name, port }) =>
      port === 'auto' ? [error('ports', `${name} needs a number there`)] : [],
    ),
  ),
  sockets: mapped('a socket unit each; of several instances: error', socketFindings),
  exec_mode: mapped('several instances on one port: error', ({ spec }) =>
    portsAreShared(spec)
      ? [
          error(
            'exec_mode',
            'nothing shares a port between services',
            'exec_mode: fork gives each slot a port of its own',
          ),
        ]
      : [],
  ),
  shell: mapped('`ExecStart` with the shell'),
  uid: mapped('`User`; without it, `--user`'),
  gid: mapped('`Group`'),
  umask: mapped('`UMask`'),
  instance_var: mapped('`Environment`, in the service of each slot'),
  increment_var: mapped('`Environment`, in the service of each slot'),
  agent: met('nothing: no agent is loaded'),
  image: met('nothing: no container is run'),
  instances: mapped(
    'a service each; `max`, 0 and negative numbers mean the processors of this host: warning',
    ({ spec, perProcessor }) =>
      perProcessor.has(spec.name)
        ? [warning('instances', `is ${spec.instances}, as many as the processors of this host say`)]
        : [],
  ),
  autostart: mapped('false: nothing wants the unit'),
  autorestart: mapped('`Restart=always`; false: `Type=oneshot`, which others can wait for'),
  stop_exit_codes: mapped('`RestartPreventExitStatus`'),
  success_exit_codes: mapped('`SuccessExitStatus`; without 0: error', ({ spec }) =>
    spec.success_exit_codes.includes(0) ? [] : [error('success_exit_codes', '0 is always good there')],
  ),
  min_uptime: mapped('a part of the time in which `max_restarts` counts', ({ spec }) =>
    isDeclared(spec, 'min_uptime') && spec.max_restarts === null
      ? [warning('min_uptime', 'means nothing without max_restarts there')]
      : [],
  ),
  max_restarts: mapped('`StartLimitBurst`, of all starts; warning', ({ spec }) =>
    spec.max_restarts === null
      ? []
      : [
          warning(
            'max_restarts',
            'every start in a time counts there, whether the run before was stable or not',
          ),
        ],
  ),
  restart_delay: mapped('`RestartSec`'),
  exp_backoff_restart_delay: mapped(`\`RestartSec\`, \`RestartSteps\`; warning: ${LATER}`, ({ spec }) =>
    spec.exp_backoff_restart_delay === null ? [] : [warning('exp_backoff_restart_delay', LATER)],
  ),
  kill_timeout: mapped('`TimeoutStopSec`'),
  stop_signal: mapped('`KillSignal`'),
  shutdown: mapped('`ExecStop`'),
  reload: mapped('`ExecReload`; `on_change`: warning', ({ spec }) =>
    (spec.reload?.on_change.length ?? 0) > 0
      ? [warning('reload.on_change', 'nothing looks at files there', 'systemctl reload')]
      : [],
  ),
  treekill: mapped('`KillMode`: `control-group`, or `mixed`'),
  leftovers: mapped('`keep`: `KillMode=process`'),
  daemonize: mapped('`Type=forking`'),
  pid_file: mapped('`PIDFile`, of a program in the background', ({ spec }) =>
    spec.pid_file !== null && !spec.daemonize
      ? [warning('pid_file', 'means nothing without daemonize there')]
      : [],
  ),
  shutdown_with_message: refused('shutdown_with_message', 'nobody sends it there', 'handle the signal'),
  wait_ready: refused(
    'wait_ready',
    'nobody hears process.send there',
    'say READY=1 by sd_notify, with notify: true',
  ),
  notify: mapped('`Type=notify`'),
  watchdog: mapped('`WatchdogSec`'),
  listen_timeout: mapped('`TimeoutStartSec`, of `notify` and `daemonize`', ({ spec }) =>
    isDeclared(spec, 'listen_timeout') && !spec.notify && !spec.daemonize
      ? [warning('listen_timeout', 'means nothing there without notify')]
      : [],
  ),
  max_memory_restart: mapped('`MemoryMax`, at which the kernel kills the app; warning', ({ spec }) =>
    spec.max_memory_restart === null
      ? []
      : [
          warning(
            'max_memory_restart',
            'becomes a limit, at which the kernel kills the app without a warning',
          ),
        ],
  ),
  cron_restart: mapped('a timer that restarts the service; `L`, `#`, `H`: error', timed('cron_restart')),
  cron_timezone: mapped('the zone in `OnCalendar`'),
  cron_catch_up: mapped('`Persistent`'),
  schedule: mapped('a timer, for a service of `Type=oneshot`; `L`, `#`, `H`: error', timed('schedule')),
  concurrency: mapped('`forbid`, as systemd has it; the others: error', ({ spec }) =>
    spec.concurrency === 'forbid'
      ? []
      : [error('concurrency', 'a service that runs is not started a second time')],
  ),
  run: lost('run', 'a job runs when it is started there', 'systemctl restart it with each release'),
  watch: lost('watch', 'nothing looks at files there', 'see systemd.path(5)'),
  ignore_watch: met('see `watch`'),
  watch_delay: met('see `watch`'),
  watch_options: met('see `watch`'),
  readiness: lost('readiness', NO_PROBES, 'say READY=1 by sd_notify, with notify: true'),
  liveness: lost('liveness', NO_PROBES, 'say WATCHDOG=1 by sd_notify, with notify and watchdog'),
  startup: lost('startup', NO_PROBES),
  heartbeat: lost('heartbeat', NO_PROBES, 'say WATCHDOG=1 by sd_notify, with notify and watchdog'),
  hooks: mapped(
    '`post_start`, `pre_stop`, `post_stop`: `ExecStartPost`, `ExecStop`, `ExecStopPost`; the others: error',
    hookFindings,
  ),
  code: lost('code', 'nothing compares code there', 'systemctl restart with each release'),
  code_ignore: met('see `code`'),
  version: met('a name of the release, for people'),
  stdin: met('it reads nothing there'),
  tty: refused('tty', 'no terminal is given to it there'),
  limits: mapped('`MemoryMax`, `CPUQuota`, `TasksMax`'),
  nice: mapped('`Nice`'),
  ionice: mapped('`IOSchedulingClass`, `IOSchedulingPriority`'),
  oom_score_adj: mapped('`OOMScoreAdjust`'),
  rlimits: mapped('`Limit...`'),
  cpu_affinity: mapped('`CPUAffinity`'),
  depends_on: mapped(
    '`After`, with `Wants`, or `Requires` of a job; `ready` of an app without `notify`: warning',
    dependencyFindings,
  ),
  rollout: mapped(
    'warning where a new process would start first: a restart ends the old one first',
    ({ spec }) =>
      spec.rollout.max_surge > 0
        ? [warning('rollout', 'a restart ends the old process before the new one starts')]
        : [],
  ),
  out_file: mapped('`StandardOutput=append:`; without it, the journal'),
  error_file: mapped('`StandardError=append:`; without it, the journal'),
  log_file: lost('log_file', 'the two streams have a file each there'),
  merge_logs: mapped('without it, `-<slot>` in the name of `out_file` and `error_file`'),
  disable_logs: mapped('`StandardOutput=null`'),
  log_date_format: lost('log_date_format', 'the journal has times of its own'),
  log_type: lost('log_type', 'lines are kept as they are written'),
  log_rotate: lost('log_rotate', 'the journal bounds itself, and nothing rotates files', 'see logrotate(8)'),
  protect: lost('protect', 'systemctl asks nobody'),
};

function timed(field: 'schedule' | 'cron_restart') {
  return ({ spec }: SystemdApp): readonly Finding[] => {
    const schedule = spec[field];
    if (schedule === null || calendarOf(schedule, spec.cron_timezone) !== null) return [];
    return [error(field, 'a timer cannot say that', 'use numbers, names, ranges, lists and steps')];
  };
}

function socketFindings({ spec }: SystemdApp): readonly Finding[] {
  if (spec.sockets.length === 0) return [];
  if (spec.instances > 1)
    return [error('sockets', 'a socket is passed to one service there', 'instances: 1')];
  if (spec.sockets.length === 1) return [];
  return [warning('sockets', 'are passed in any order there: LISTEN_FDNAMES says which is which')];
}

function hookFindings({ spec }: SystemdApp): readonly Finding[] {
  const { pre_start, post_start, on_failure } = spec.hooks ?? {};
  return [
    ...(pre_start === undefined
      ? []
      : [
          error(
            'hooks.pre_start',
            'nothing runs once before a release there',
            'make it an app with autorestart: false',
          ),
        ]),
    ...(post_start !== undefined && !spec.notify && !isJob(spec)
      ? [warning('hooks.post_start', 'runs right after the start there, not once the app is ready')]
      : []),
    ...(on_failure === undefined
      ? []
      : [error('hooks.on_failure', 'no event comes to it there', 'see OnFailure=')]),
  ];
}

function dependencyFindings({ spec, others }: SystemdApp): readonly Finding[] {
  return Object.entries(spec.depends_on).flatMap(([name, dependency]) => {
    const condition = typeof dependency === 'string' ? dependency : dependency.condition;
    if (condition !== 'ready' || saysReady(others.get(name))) return [];
    return [warning('depends_on', `${name} counts as ready once it runs there`, `notify: true in ${name}`)];
  });
}

function saysReady(other: AppSpec | undefined): boolean {
  return other !== undefined && (other.notify || isJob(other));
}
