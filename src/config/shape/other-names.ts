import { PROBE_KINDS } from '../../spec/probes/network-probe.ts';

/** Names that other tools and people have for settings, each with the one that is meant. */
const NAMES: Readonly<Record<string, string>> = {
  name: 'app_name id label title',
  script: 'bin entry entrypoint entry_point file filename main path program run start',
  args: 'argument arguments argv params parameters script_args',
  interpreter: 'binary interpreter_path node node_path runtime',
  interpreter_args: 'exec_args exec_argv node_arguments node_flags node_options runtime_args',
  cwd: 'base_dir dir directory folder home pwd root work_dir workdir working_dir working_directory',
  env: 'env_vars environment environments envs variables vars',
  env_file: 'dotenv dotenv_path env_files env_path envfile',
  instances: 'count num_instances numprocs processes replicas workers',
  exec_mode: 'mode',
  uid: 'run_as run_as_user runas',
  gid: 'group groups run_as_group',
  autorestart: 'keep_alive keepalive respawn restart restart_policy',
  max_restarts: 'max_retries restart_limit restart_tries restarts retries start_retries startretries',
  min_uptime: 'start_seconds startsecs uptime',
  restart_delay: 'delay restart_interval restart_sec restart_wait',
  exp_backoff_restart_delay: 'backoff backoff_delay backoff_restart_delay exp_backoff exponential_backoff',
  kill_timeout: 'graceful_timeout grace_period shutdown_timeout stop_grace_period stop_timeout stopwaitsecs',
  max_memory_restart: 'max_mem max_memory max_ram mem_limit memory memory_limit',
  stop_exit_codes: 'exit_codes exitcodes',
  cron_restart: 'cron_expression cron_pattern restart_at restart_cron',
  cron_timezone: 'timezone tz',
  schedule: 'cron_job',
  ignore_watch: 'exclude ignore ignored ignored_watch watch_exclude watch_ignore',
  watch_delay: 'debounce watch_interval',
  readiness: 'health healthcheck health_check ready_check',
  depends_on: 'after depends dependencies needs requires wait_for',
  wait_ready: 'ready wait_for_ready',
  listen_timeout: 'ready_timeout start_timeout startup_timeout',
  out_file: 'out_path stdout stdout_file stdout_logfile stdout_path',
  error_file: 'error_path err_path stderr stderr_file stderr_logfile stderr_path',
  log_file: 'combined_log log_path logfile logs',
  log_date_format: 'date_format log_format log_time_format',
  time: 'timestamp timestamps',
  log_rotate: 'log_rotation rotate',
  stdin: 'input',
  tty: 'is_tty pseudo_terminal pty terminal',
};

/** The same for what is below a probe, whose forms have their names from Kubernetes, too. */
const PROBE_NAMES: Readonly<Record<string, string>> = {
  http: 'http_get httpget',
  'http: {scheme: https}': 'https',
  tcp: 'tcp_socket',
  exec: 'command cmd test',
  period: 'period_seconds interval',
  timeout: 'timeout_seconds',
  initial_delay: 'initial_delay_seconds start_period delay',
  failure_threshold: 'retries',
  headers: 'http_headers header metadata',
  'scheme: https': 'tls ssl protocol',
  server_name: 'servername sni tls_server_name',
  ca: 'ca_file cacert ca_cert ca_path',
  insecure: 'insecure_skip_verify skip_verify skip_tls_verify no_verify reject_unauthorized verify',
  path: 'url uri',
};

/** Made when it is asked first: most files have no such name. */
let meant: ReadonlyMap<string, string> | undefined;
let meantInProbe: ReadonlyMap<string, string> | undefined;

/** The setting that is called otherwise elsewhere; however it is spelt (`workingDir`, `working-dir`). */
export function otherName(key: string): string | undefined {
  meant ??= byOthers(NAMES);
  return meant.get(plain(key));
}

/** The same for a key that stands at this path of an app. */
export function nameElsewhere([top]: readonly unknown[], key: string): string | undefined {
  if (top === undefined) return otherName(key);
  return (PROBE_KINDS as readonly unknown[]).includes(top) ? otherProbeName(key) : undefined;
}

/** A key of a probe, or of what it looks at. */
function otherProbeName(key: string): string | undefined {
  meantInProbe ??= byOthers(PROBE_NAMES);
  return meantInProbe.get(plain(key));
}

function byOthers(names: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(names).flatMap(([name, others]) =>
      others.split(' ').map((other): [string, string] => [plain(other), name]),
    ),
  );
}

function plain(key: string): string {
  return key.replaceAll(/[_-]/g, '').toLowerCase();
}
