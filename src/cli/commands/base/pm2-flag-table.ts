/** Commands whose flags PM2 users know. */
export type Pm2Group = 'start' | 'renew' | 'verb' | 'get' | 'run' | 'serve' | 'dev' | 'deploy';

export interface Pm2Flag {
  /** As they are typed, long ones first. */
  readonly names: readonly string[];
  readonly groups: readonly Pm2Group[];
  readonly takesValue?: true;
  /** What it means here, in one line. */
  readonly says: string;
  /** Ignoring the flag would do something other than what was asked for. */
  readonly refused?: true;
}

export const VERBS: readonly Pm2Group[] = ['start', 'renew', 'verb'];

/** Flags of PM2 that are not flags here. */
export const PM2_FLAGS: readonly Pm2Flag[] = [
  {
    names: ['--force', '-f'],
    groups: VERBS,
    says: 'not needed: nothing here has to be forced (a second copy of an app gets a --name of its own)',
  },
  {
    names: ['--update-env', '-a'],
    groups: VERBS,
    says: 'the environment is what is declared (env, env_file, inherit_env); stateward reload FILE takes up what has changed of it',
  },
  {
    names: ['--parallel'],
    groups: VERBS,
    takesValue: true,
    says: 'how many at a time is declared: rollout: { parallel: N }',
  },
  { names: ['--attach'], groups: VERBS, says: 'what an app writes is followed by: stateward logs APP -f' },
  {
    names: ['--mini-list', '-m'],
    groups: [...VERBS, 'get'],
    says: 'names alone are printed by: stateward get -o name',
  },
  {
    names: ['--write'],
    groups: VERBS,
    says: 'not needed: what was applied is kept, and comes back with the daemon',
  },
  {
    names: ['--no-daemon'],
    groups: VERBS,
    refused: true,
    says: 'in the foreground a file is run by: stateward run FILE',
  },
  {
    names: ['--ext'],
    groups: ['start'],
    takesValue: true,
    refused: true,
    says: 'what is watched is declared: watch: ["**/*.ts"] in an ecosystem file',
  },
  {
    names: ['--container', '--dist', '--image-name'],
    groups: ['start'],
    refused: true,
    says: 'no Dockerfile is written; in a container: stateward run FILE',
  },
  {
    names: ['--json', '--raw', '--formatted', '--machine-readable'],
    groups: ['run'],
    refused: true,
    says: 'one object a line is printed by: --format json',
  },
  {
    names: ['--no-auto-exit'],
    groups: ['run'],
    says: 'not needed: it ends when an app is given up, or when every app has completed',
  },
  {
    names: ['--no-daemon', '--no-autostart'],
    groups: ['run'],
    says: 'not needed: this is the foreground, and the file says what starts (autostart)',
  },
  {
    names: ['--user', '-u'],
    groups: ['start'],
    takesValue: true,
    refused: true,
    says: 'the user that an app runs as is given by: --uid USER',
  },
  {
    names: ['--hp', '--service-name'],
    groups: ['start'],
    takesValue: true,
    refused: true,
    says: 'the init system keeps the daemon, and the daemon the apps: have a unit run stateward daemon run',
  },
  {
    names: ['--basic-auth-username', '--basic-auth-password'],
    groups: ['serve'],
    takesValue: true,
    refused: true,
    says: 'whoever lists processes would see it; name a file that holds it with --basic-auth USER:FILE',
  },
  {
    names: ['--ftp'],
    groups: ['serve'],
    refused: true,
    says: 'what is in a folder is not listed: a folder is served by its index.html',
  },
  {
    names: ['--monitor'],
    groups: ['serve'],
    takesValue: true,
    says: 'stateward needs no service to be watched by',
  },
  {
    names: ['--force', '-f'],
    groups: ['serve'],
    says: 'not needed: the app of this name is brought to what is asked',
  },
  { names: ['--auto-exit'], groups: ['dev'], says: 'not needed: it ends when every app has completed' },
  {
    names: ['--raw', '--timestamp', '--test-mode'],
    groups: ['dev'],
    refused: true,
    says: 'one object a line, with its time, is printed by: --format json',
  },
  { names: ['--watch'], groups: ['dev'], says: 'not needed: what dev runs is watched' },
  {
    names: ['--force'],
    groups: ['deploy'],
    says: 'not needed: what is committed there counts, whatever lies here',
  },
];

/** What PM2 lets change with a restart: flags of `start` and keys of the file. */
export const DECLARED: readonly string[] = [
  'name',
  'namespace',
  'instances',
  'interpreter',
  'interpreter-args',
  'node-args',
  'cwd',
  'uid',
  'gid',
  'watch',
  'ignore-watch',
  'max-memory-restart',
  'max-restarts',
  'min-uptime',
  'restart-delay',
  'exp-backoff-restart-delay',
  'stop-exit-codes',
  'kill-timeout',
  'listen-timeout',
  'wait-ready',
  'shutdown-with-message',
  'cron-restart',
  'log-type',
  'log-date-format',
  'merge-logs',
  'time',
];
