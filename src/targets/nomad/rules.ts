import { isAbsolute } from 'node:path';
import { isNode } from '../../spec/node-app.ts';
import { commandFindings } from '../container/command.ts';
import { lost, mapped, met, refused, type FieldRules } from '../model/field-rules.ts';
import { error, warning, type Finding } from '../model/rendered.ts';
import { plainVariables } from '../model/variables.ts';
import { checkFindings } from './checks.ts';
import { imageOf, isBatch, type NomadApp } from './model.ts';

const LOG_FILE = 'nomad alloc logs has the output';
const NO_HOOKS = 'nothing runs beside a task there but other tasks';
/** What Nomad puts in at run time, and nothing escapes in a job of JSON. */
const REFERENCE = /\$\{[A-Za-z0-9_.\- ]+\}/;

/** What becomes of each field in jobs of Nomad. */
export const NOMAD_RULES: FieldRules<NomadApp> = {
  name: mapped('`ID`: `<project>-<app>`, other characters than letters, digits, `.`, `_`, `-` as dashes'),
  namespace: met('nothing: it groups apps for selectors. The namespace of Nomad is said when the job is run'),
  labels: mapped('`Meta`'),
  script: mapped(
    '`Config`: of a process with its path on the node, of a container moved below `--folder`',
    programFindings,
  ),
  serve: refused('serve', 'the server for files is a part of stateward', 'use a web server'),
  interpreter: mapped('`Config`'),
  interpreter_args: mapped('`Config`; `${NAME}` in it: warning', referencesIn('interpreter_args')),
  args: mapped('`Config`; `${NAME}` in it: warning', referencesIn('args')),
  cwd: mapped('of a container `work_dir`; of a process a shell that goes there first'),
  env: mapped('`Env`; of secrets a template that reads `nomad/jobs/<ID>`', ({ spec }) =>
    Object.entries(plainVariables(spec))
      .filter(([, value]) => REFERENCE.test(value))
      .map(([name]) => warning('env', `Nomad puts its own values into the \${...} of ${name}`)),
  ),
  env_from: mapped('keys of the same variable', ({ spec }) =>
    Object.entries(spec.env_from)
      .filter(([, source]) => source.default !== undefined)
      .map(([name]) => warning('env', `the default of ${name} is not known there`)),
  ),
  secrets: mapped('names more keys of the same variable'),
  ports: mapped(
    '`ReservedPorts`, or `DynamicPorts` of `auto`, and a service each. Several instances on one number need a node each: warning',
    portFindings,
  ),
  sockets: refused('sockets', 'nobody passes sockets to a task', 'have the app listen by itself'),
  exec_mode: met('nothing: an instance is a task'),
  shell: mapped('`Config`, with the shell'),
  uid: mapped('`User`'),
  gid: refused('gid', 'a task has a user alone', 'uid: "user:group" does for Docker'),
  umask: refused('umask', 'cannot be set there', 'set it in the program'),
  instance_var: mapped('`Env`, as `${NOMAD_ALLOC_INDEX}`'),
  increment_var: refused('increment_var', 'nothing adds numbers there', 'port: auto'),
  agent: met('nothing: no agent is loaded'),
  image: mapped('the driver `docker`; without one, `raw_exec`, which a node has to allow'),
  instances: mapped('`Count`; `max`, 0 and negative numbers: error', ({ spec, perProcessor }) =>
    perProcessor.has(spec.name)
      ? [error('instances', 'depends on the processors of a host', 'give a number')]
      : [],
  ),
  autostart: mapped('false: `Count` 0'),
  autorestart: mapped('false: a job of type `batch`'),
  stop_exit_codes: refused('stop_exit_codes', 'a task is started again whatever it ends with'),
  success_exit_codes: refused('success_exit_codes', '0 alone is good there', 'have the program end with 0'),
  min_uptime: mapped('a part of the time in which `max_restarts` counts', ({ spec }) =>
    spec.min_uptime !== 1000 && spec.max_restarts === null
      ? [warning('min_uptime', 'means nothing without max_restarts there')]
      : [],
  ),
  max_restarts: mapped('`RestartPolicy`, of all starts; warning', ({ spec }) =>
    spec.max_restarts === null
      ? []
      : [
          warning(
            'max_restarts',
            'every start in a time counts there, whether the run before was stable or not',
          ),
        ],
  ),
  restart_delay: mapped('`RestartPolicy.Delay`'),
  exp_backoff_restart_delay: mapped('`RestartPolicy.Delay`; warning: it does not grow', ({ spec }) =>
    spec.exp_backoff_restart_delay === null
      ? []
      : [warning('exp_backoff_restart_delay', 'does not grow there')],
  ),
  kill_timeout: mapped('`KillTimeout`'),
  stop_signal: mapped('`KillSignal`'),
  shutdown: refused('shutdown', 'a signal alone ends a task'),
  reload: lost('reload', 'new settings make new allocations', 'nomad alloc signal'),
  treekill: mapped('of a shell line a warning: the signal comes to the shell alone', ({ spec }) =>
    spec.treekill && spec.shell
      ? [warning('treekill', 'the signal comes to the shell alone', 'begin the last command with exec')]
      : [],
  ),
  leftovers: refused('leftovers', 'everything in a task ends with its program'),
  daemonize: refused('daemonize', 'a task ends when its program goes into the background'),
  pid_file: lost('pid_file', 'has no effect there'),
  shutdown_with_message: refused('shutdown_with_message', 'nobody sends it there', 'handle the signal'),
  wait_ready: lost('wait_ready', 'nobody hears it there', 'give it a readiness probe'),
  notify: lost('notify', 'nobody hears it there', 'give it a readiness probe'),
  watchdog: lost('watchdog', 'nobody looks at it there', 'give it a liveness probe'),
  listen_timeout: mapped('a part of `HealthyDeadline`, and the grace of `CheckRestart`'),
  max_memory_restart: mapped('`MemoryMB`; warning', memoryFindings('max_memory_restart')),
  cron_restart: refused('cron_restart', 'nothing restarts a task at times', 'nomad job restart from a cron'),
  cron_timezone: mapped('`Periodic.TimeZone`'),
  cron_catch_up: met('Nomad makes up for the last launch that it has missed'),
  schedule: mapped('`Periodic`; `H`: error', ({ spec }) =>
    /(?:^|\s)H(?:\s|$)/.test(spec.schedule ?? '')
      ? [error('schedule', 'H is not known there', 'give a number')]
      : [],
  ),
  concurrency: mapped('`ProhibitOverlap`; `replace`: error', ({ spec }) =>
    spec.concurrency === 'replace' ? [error('concurrency', 'nothing ends the run before there')] : [],
  ),
  run: lost('run', 'a job runs when it is run there'),
  watch: lost('watch', 'nothing looks at files there'),
  ignore_watch: met('see `watch`'),
  watch_delay: met('see `watch`'),
  watch_options: met('see `watch`'),
  readiness: mapped(
    'a check of the service; `exec`, `grpc`, `log`, `status`: error',
    checkFindings('readiness'),
  ),
  liveness: mapped('a check with `CheckRestart`', checkFindings('liveness')),
  startup: lost('startup', 'no check waits for another there', 'listen_timeout is the grace of checks'),
  heartbeat: lost('heartbeat', 'nobody looks at it there', 'give it a liveness probe'),
  hooks: mapped('error', ({ spec }) =>
    Object.keys(spec.hooks ?? {}).map((name) => error(`hooks.${name}`, NO_HOOKS, 'see lifecycle of Nomad')),
  ),
  code: met('a job is what is run: another image or another job'),
  code_ignore: met('see `code`'),
  version: mapped('`Meta`'),
  stdin: mapped('of a container `interactive`'),
  tty: mapped('of a container `tty`; else error', containerOnly('tty')),
  limits: mapped(
    '`Cores` (rounded up), `MemoryMB`, of a container `pids_limit`; of a process a warning',
    memoryFindings('limits'),
  ),
  nice: lost('nice', 'has no effect there'),
  ionice: lost('ionice', 'has no effect there'),
  oom_score_adj: lost('oom_score_adj', 'has no effect there'),
  rlimits: mapped('of a container `ulimit`; else error', containerOnly('rlimits')),
  cpu_affinity: lost('cpu_affinity', 'has no effect there', 'limits.cpu reserves processors'),
  depends_on: mapped('the order of the jobs; warning: nothing waits there', ({ spec }) =>
    Object.keys(spec.depends_on)
      .sort()
      .map((name) =>
        warning('depends_on', `nothing waits there for ${name}`, 'run the jobs one by one, in this order'),
      ),
  ),
  rollout: mapped(
    '`Update`: `MaxParallel`, `MinHealthyTime`, `AutoRevert` of `on_failure: rollback`, deadlines. `max_surge`: warning',
    ({ spec }) =>
      spec.rollout.max_surge > 0 && !isBatch(spec)
        ? [warning('rollout', 'the old allocation ends before the new one starts', 'see canary of Nomad')]
        : [],
  ),
  out_file: lost('out_file', LOG_FILE),
  error_file: lost('error_file', LOG_FILE),
  log_file: lost('log_file', LOG_FILE),
  merge_logs: met('the output is kept by allocation'),
  disable_logs: mapped('`LogConfig.Disabled`'),
  log_date_format: lost('log_date_format', 'the output is kept as it is written'),
  log_type: lost('log_type', 'the output is kept as it is written'),
  log_rotate: mapped('`LogConfig`: size and number of files'),
  protect: lost('protect', 'nomad job stop asks nobody'),
};

/** What is known to a container is said where it is one; what a node has is asked for as it is here. */
function programFindings(app: NomadApp): readonly Finding[] {
  const { spec } = app;
  if (imageOf(app) !== null) return commandFindings(app).filter(({ field }) => field !== 'serve');
  const program = spec.interpreter === 'none' && !spec.shell ? spec.script : spec.interpreter;
  const found = isAbsolute(program) || spec.shell || isNode(spec);
  return [
    warning('script', `the nodes have to have ${spec.cwd} as this host has it`, 'image, or --image'),
    ...(found
      ? []
      : [warning('interpreter', `${program} is looked for on the PATH of Nomad`, 'give its path')]),
    ...(spec.shell && REFERENCE.test(spec.script)
      ? [warning('script', 'Nomad puts its own values into ${...}', 'write $NAME')]
      : []),
  ];
}

function referencesIn(field: 'args' | 'interpreter_args') {
  return ({ spec }: NomadApp): readonly Finding[] =>
    spec[field].some((text) => REFERENCE.test(text))
      ? [warning(field, 'Nomad puts its own values into ${...}')]
      : [];
}

function portFindings({ spec }: NomadApp): readonly Finding[] {
  const isFixed = spec.ports.some(({ port }) => port !== 'auto');
  const hosts = spec.ports.filter(({ host }) => host !== null);
  return [
    ...(spec.instances > 1 && isFixed
      ? [warning('ports', 'one instance a node: all have the same number', 'port: auto')]
      : []),
    ...hosts.map(({ name }) => warning('ports', `${name} is a port of every address of the node`)),
  ];
}

function memoryFindings(field: 'limits' | 'max_memory_restart') {
  return (app: NomadApp): readonly Finding[] => {
    if (app.spec[field] === null) return [];
    if (imageOf(app) === null)
      return [warning(field, 'places the task, and bounds nothing: raw_exec isolates nothing')];
    return field === 'limits'
      ? []
      : [warning(field, 'becomes a limit, at which the kernel kills the app without a warning')];
  };
}

function containerOnly(field: 'tty' | 'rlimits') {
  return (app: NomadApp): readonly Finding[] => {
    const isGiven = field === 'tty' ? app.spec.tty : app.spec.rlimits !== null;
    return isGiven && imageOf(app) === null
      ? [error(field, 'a process of the node has none there', 'image')]
      : [];
  };
}
