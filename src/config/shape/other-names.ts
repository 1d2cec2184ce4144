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

/** Made when it is asked first: most files have no such name. */
let meant: ReadonlyMap<string, string> | undefined;

/** The setting that is called otherwise elsewhere; however it is spelt (`workingDir`, `working-dir`). */
export function otherName(key: string): string | undefined {
  meant ??= new Map(
    Object.entries(NAMES).flatMap(([name, others]) =>
      others.split(' ').map((other): [string, string] => [plain(other), name]),
    ),
  );
  return meant.get(plain(key));
}

function plain(key: string): string {
  return key.replaceAll(/[_-]/g, '').toLowerCase();
}
