import { commandFindings } from '../container/command.ts';
import { isDeclared, lost, mapped, met, refused, type FieldRules } from '../model/field-rules.ts';
import { error, warning, type Finding } from '../model/rendered.ts';
import { portsAreShared } from '../model/shared-ports.ts';
import { probeFindings, saysReady } from './healthcheck.ts';
import { serviceName, type ComposeApp } from './model.ts';

const LOG_FILE = 'docker compose logs has the output';
const ONE_PROCESS = 'a process is a container there, and each has a port of its own';

/** What becomes of each field in a Compose file. */
export const COMPOSE_RULES: FieldRules<ComposeApp> = {
  name: mapped(
    'the name of the service; other characters than letters, digits, `.`, `_`, `-` as dashes',
    ({ spec }) =>
      serviceName(spec.name) === ''
        ? [error('name', 'no letter or digit of it can be part of a name there')]
        : [],
  ),
  namespace: met('nothing: it groups apps for selectors'),
  labels: mapped('`labels`'),
  script: mapped(
    '`entrypoint`, with a file below the folder of the ecosystem file at the same place below `--folder`; one elsewhere: error',
    commandFindings,
  ),
  serve: mapped('error: the server is a part of stateward'),
  interpreter: mapped('`entrypoint`; a Node or shell with a path by its name, from the PATH of the image'),
  interpreter_args: mapped('`entrypoint`'),
  args: mapped('`entrypoint`'),
  cwd: mapped('`working_dir`, moved like `script`'),
  env: mapped(
    '`environment`; a secret is `${NAME:?}`, which Compose takes from its own environment or `.env`',
  ),
  env_from: mapped('`${NAME:?}`, and `${NAME:-}` of an optional one', defaultsLost),
  secrets: mapped('names more variables that are `${NAME:?}`'),
  ports: mapped('`ports`, with the ports of all slots published', portFindings),
  sockets: refused('sockets', 'nobody passes sockets to a container', 'have the app listen by itself'),
  exec_mode: mapped('`cluster` with one port and several instances: error', sharedPorts),
  shell: mapped('`entrypoint` with `sh -c`'),
  uid: mapped('`user`'),
  gid: mapped('`user`', ({ spec }) =>
    spec.gid !== null && spec.uid === null
      ? [error('gid', 'a group needs a user there', 'give uid too')]
      : [],
  ),
  umask: refused('umask', 'cannot be set there', 'set it in the program'),
  instance_var: mapped('error where it has a name of its own: no container knows its number', ({ spec }) =>
    isDeclared(spec, 'instance_var') ? [error('instance_var', 'no container knows its number')] : [],
  ),
  increment_var: refused('increment_var', 'nothing adds numbers there', 'use port'),
  agent: met('nothing: no agent is in the image'),
  image: mapped('`image`; else that of `--image`, else `build` from the folder of the file'),
  instances: mapped('`deploy.replicas`; `max`, 0 and negative numbers: error', ({ spec, perProcessor }) =>
    perProcessor.has(spec.name)
      ? [error('instances', 'depends on the processors of a host', 'give a number')]
      : [],
  ),
  autostart: mapped('false: no replicas', ({ spec }) =>
    spec.autostart
      ? []
      : [warning('autostart', 'docker compose up --scale starts it, and the next up ends it')],
  ),
  autorestart: mapped('`restart`: `unless-stopped` or `no`'),
  stop_exit_codes: mapped('with 0: `restart: on-failure`; others: error', ({ spec }) =>
    spec.stop_exit_codes.some((code) => code !== 0)
      ? [error('stop_exit_codes', '0 alone can keep a container down there')]
      : [],
  ),
  success_exit_codes: refused('success_exit_codes', '0 alone is good there', 'have the program end with 0'),
  min_uptime: lost('min_uptime', 'a container counts as stable after 10 s'),
  max_restarts: mapped(
    'of `restart: on-failure`; else a warning: a container is always started again',
    ({ spec }) =>
      spec.max_restarts === null || spec.stop_exit_codes.includes(0)
        ? []
        : [
            warning(
              'max_restarts',
              'a container is always started again',
              'stop_exit_codes: [0] makes it on-failure',
            ),
          ],
  ),
  restart_delay: lost('restart_delay', 'Docker waits 100 ms, and twice as long each time'),
  exp_backoff_restart_delay: lost(
    'exp_backoff_restart_delay',
    'Docker waits 100 ms, and twice as long each time',
  ),
  kill_timeout: mapped('`stop_grace_period`'),
  stop_signal: mapped('`stop_signal`'),
  shutdown: refused('shutdown', 'a signal alone ends a container', 'hooks.pre_stop runs a command before it'),
  reload: lost('reload', 'new settings make new containers'),
  treekill: mapped('of a shell line a warning: the signal comes to the shell alone', ({ spec }) =>
    spec.treekill && spec.shell
      ? [warning('treekill', 'the signal comes to the shell alone', 'begin the last command with exec')]
      : [],
  ),
  leftovers: refused('leftovers', 'everything in a container ends with its program'),
  daemonize: refused('daemonize', 'a container ends when its program goes into the background'),
  pid_file: lost('pid_file', 'has no effect there'),
  shutdown_with_message: refused('shutdown_with_message', 'nobody sends it there', 'handle the signal'),
  wait_ready: mapped('without a readiness probe: error; with one: warning', saysReady('wait_ready')),
  notify: mapped('without a readiness probe: error; with one: warning', saysReady('notify')),
  watchdog: lost('watchdog', 'nobody looks at it there'),
  listen_timeout: mapped('`start_period` of the check'),
  max_memory_restart: mapped('the limit of memory, at which the kernel kills the app; warning', ({ spec }) =>
    spec.max_memory_restart === null
      ? []
      : [
          warning(
            'max_memory_restart',
            'becomes a limit, at which the kernel kills the app without a warning',
          ),
        ],
  ),
  cron_restart: refused(
    'cron_restart',
    'nothing restarts a container at times',
    'restart it from the cron of the host',
  ),
  cron_timezone: met('see `schedule`'),
  cron_catch_up: met('see `schedule`'),
  schedule: refused(
    'schedule',
    'nothing starts a container at times',
    'run docker compose run from the cron of the host',
  ),
  concurrency: met('see `schedule`'),
  run: met('a job runs with each `up`'),
  watch: lost('watch', 'no file of an image changes', 'see develop.watch of Compose'),
  ignore_watch: met('see `watch`'),
  watch_delay: met('see `watch`'),
  watch_options: met('see `watch`'),
  readiness: mapped(
    '`healthcheck`: in Node apps Node asks, else `wget` or `nc` of the image',
    probeFindings('readiness'),
  ),
  liveness: mapped(
    '`healthcheck`, where no readiness is; warning: nothing is restarted',
    probeFindings('liveness'),
  ),
  startup: mapped('`healthcheck`, where neither of them is', probeFindings('startup')),
  heartbeat: lost('heartbeat', 'nobody looks at it there'),
  hooks: mapped('`post_start`, `pre_stop` (Compose 2.30 and newer); the others: error', hookFindings),
  code: met('the image is the code'),
  code_ignore: met('the image is the code'),
  version: met('a name of the release, for people'),
  stdin: mapped('`stdin_open`'),
  tty: mapped('`tty`'),
  limits: mapped('`deploy.resources.limits`, `pids_limit`'),
  nice: lost('nice', 'has no effect there', 'limits.cpu'),
  ionice: lost('ionice', 'has no effect there'),
  oom_score_adj: mapped('`oom_score_adj`'),
  rlimits: mapped('`ulimits`'),
  cpu_affinity: mapped('`cpuset`'),
  depends_on: mapped('`depends_on`; `ready` of an app without a check: error', dependencyFindings),
  rollout: mapped('warning where something is declared: `up` ends the old container first', ({ spec }) =>
    spec.rollout.max_surge > 0
      ? [warning('rollout', 'docker compose up ends the old container before the new one starts')]
      : [],
  ),
  out_file: lost('out_file', LOG_FILE),
  error_file: lost('error_file', LOG_FILE),
  log_file: lost('log_file', LOG_FILE),
  merge_logs: met('the output is kept by container'),
  disable_logs: mapped('`logging.driver: none`'),
  log_date_format: lost('log_date_format', 'docker compose logs --timestamps has them'),
  log_type: lost('log_type', 'the output is kept as it is written'),
  log_rotate: mapped('`logging.options`: size and number of files', ({ spec }) => {
    const { interval, max_age, max_total } = spec.log_rotate ?? {};
    return [interval, max_age, max_total].every((value) => value == null)
      ? []
      : [warning('log_rotate', 'size and number of files alone are kept there')];
  }),
  protect: lost('protect', 'docker compose down asks nobody'),
};

function defaultsLost({ spec }: ComposeApp): readonly Finding[] {
  return Object.entries(spec.env_from)
    .filter(([, { default: fallback }]) => fallback !== undefined)
    .map(([name]) => warning('env', `the default of ${name} is not known there`));
}

function portFindings({ spec }: ComposeApp): readonly Finding[] {
  return spec.ports.flatMap(({ name, port, host }) => [
    ...(port === 'auto' ? [error('ports', `${name} needs a number there`)] : []),
    ...(host !== null && ['127.0.0.1', '::1', 'localhost'].includes(host)
      ? [warning('ports', `${name} listens at ${host} of the container, where no published port comes in`)]
      : []),
  ]);
}

function sharedPorts({ spec }: ComposeApp): readonly Finding[] {
  if (!portsAreShared(spec)) return [];
  return [error('exec_mode', ONE_PROCESS, 'exec_mode: fork gives each slot a port; put a proxy in front')];
}

function hookFindings({ spec }: ComposeApp): readonly Finding[] {
  const { pre_start, post_start, post_stop, on_failure } = spec.hooks ?? {};
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
    ...(post_start === undefined ? [] : [warning('hooks.post_start', 'runs right after the start there')]),
    ...(post_stop === undefined ? [] : [error('hooks.post_stop', 'nothing runs after a container')]),
    ...(on_failure === undefined ? [] : [error('hooks.on_failure', 'nothing runs there when an app fails')]),
  ];
}

function dependencyFindings({ spec, others }: ComposeApp): readonly Finding[] {
  return Object.entries(spec.depends_on).flatMap(([name, dependency]) => {
    const condition = typeof dependency === 'string' ? dependency : dependency.condition;
    const other = others.get(name);
    const isChecked = other?.readiness ?? other?.liveness ?? other?.startup ?? null;
    if (condition !== 'ready' || isChecked !== null) return [];
    return [
      error(
        'depends_on',
        `nothing says there that ${name} is ready`,
        `give ${name} a readiness probe, or wait for started`,
      ),
    ];
  });
}
