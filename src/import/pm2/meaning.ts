import type { Fields, Note } from '../model/imported.ts';

type Meaning = string | ((fields: Fields) => string | null);

const MODE =
  'cluster: the instances share the listen socket itself, with no process of PM2 in between; a new one starts and proves itself before an old one goes';

/** Fields that mean something else than in PM2, and what. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  exec_mode: ({ exec_mode }) => (isCluster(exec_mode) ? MODE : null),
  instances: ({ instances, exec_mode }) =>
    [
      ...(exec_mode === undefined && instances !== 1
        ? [
            'instances without exec_mode is cluster for a Node script, as in PM2: they share the listen socket',
          ]
        : []),
      ...(instances === 'max' || instances === 0 || (typeof instances === 'number' && instances < 0)
        ? ['the number of processors is that of the host that applies the file']
        : []),
    ].join('\n') || null,
  watch:
    'changes roll the app by its rollout rules, once they have been quiet for watch_delay (200ms); stop does not turn it off for good',
  ignore_watch:
    'in addition to node_modules, dot files and the log files of the app; in PM2 it takes their place',
  max_memory_restart:
    'of the process and all that it has started, in 3 samples 2 s apart; PM2 looks at the main process, every 30 s',
  cron_restart: ({ autorestart }) =>
    autorestart === false || autorestart === 'false'
      ? 'restarts what runs, and does nothing while the app is stopped; a script that ends by itself is a job: write `schedule:` in place of cron_restart and autorestart'
      : 'restarts by the rollout rules, and does nothing while the app is stopped (PM2 starts it)',
  wait_ready:
    'an instance that does not say `ready` within listen_timeout has failed; PM2 takes it for online',
  listen_timeout: 'not being ready by then is a failure; PM2 goes on as if it were',
  max_restarts: 'counted in a sliding window; then the app is Failed until somebody starts it',
  min_uptime: 'an exit before it counts as unstable; nothing waits for it',
  restart_delay: 'in place of the back-off of 100ms to 30s that is on without it',
  exp_backoff_restart_delay: 'doubles up to 30s (PM2: by half, up to 15 s)',
  stop_exit_codes: 'keep the app down; whether its work is done is for success_exit_codes (0) to say',
  kill_timeout: 'then the whole process group is killed',
  treekill:
    'only the main process gets the signal; what outlives it is ended all the same: `leftovers: keep` leaves it',
  shutdown_with_message: 'counts in every restart and reload (a reload of PM2 sends SIGINT)',
  out_file: 'rotates by itself at 10M, 5 are kept: log_rotate',
  error_file: 'rotates by itself at 10M, 5 are kept: log_rotate',
  log_file: 'rotates by itself at 10M, 5 are kept: log_rotate',
  log_date_format: 'before each line, not before each chunk of output',
  time: 'before each line, not before each chunk of output',
  log_type: 'a record a line, not a record a chunk of output',
  merge_logs: ({ merge_logs }) =>
    merge_logs === true || merge_logs === 'true'
      ? 'one file for all instances'
      : 'a file an instance, with -<slot> in its name (PM2: the id of the process)',
  namespace: 'a group that selectors can name; names of apps are unique in the whole project',
  increment_var: 'the slot is added to it, in every start and restart',
  uid: 'needs a daemon that runs as root; with the supplementary groups of the user',
  env_file: 'read here, where PM2 ignores it: env_file: wins over what the app reads by itself',
  append_env_to_name: 'the name is another one with --env: history and logs go by that name',
};

const OFF_DIFFERS = new Set(['treekill', 'merge_logs']);

/** A note at each field that does not mean what it means in PM2. */
export function meaningNotes(fields: Fields): readonly Note[] {
  return Object.keys(fields).flatMap((field): readonly Note[] => {
    // What is switched off means the same everywhere.
    if ((fields[field] === false || fields[field] === 'false') && !OFF_DIFFERS.has(field)) return [];
    const meaning = Object.hasOwn(MEANINGS, field) ? MEANINGS[field] : undefined;
    const text = typeof meaning === 'function' ? meaning(fields) : meaning;
    return text === undefined || text === null ? [] : [{ kind: 'differs', field, text }];
  });
}

export function isCluster(mode: unknown): boolean {
  return mode === 'cluster' || mode === 'cluster_mode';
}

/** What is different for every app, for the head of the file. */
export const HEAD: readonly string[] = [
  'What is different from PM2 for every app:',
  '- the environment is what stands here: nothing of a shell gets in (inherit_env names what is to)',
  '- stop: SIGINT, then SIGKILL for the whole group after 5s (PM2: 1.6 s): kill_timeout',
  '- restarts back off and go on; PM2 gives up after 16 unstable ones: max_restarts',
  '- logs rotate at 10M; those of PM2 stay where they are (~/.pm2/logs)',
  '- code counts: after git pull, stateward apply rolls what has changed',
];
