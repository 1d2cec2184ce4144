import { isBaseName } from '../../spec/environment/base-env-names.ts';
import { isSessionVariable } from '../../spec/environment/session-variables.ts';
import { isPlain, type Pm2Process } from './process-list.ts';

type Variables = Readonly<Record<string, string>>;

/** The variables of a process of PM2, by where they come from. */
export interface ProcessEnv {
  /** What the app was declared with, as far as PM2's memory tells. */
  readonly declared: Variables;
  /** What the shell had that started it. */
  readonly shell: Variables;
  /** Names of what PM2 itself, a session or the system sets: no app is declared with them. */
  readonly leaked: readonly string[];
}

/**
 * What PM2's command line adds to the environment of the shell, before it adds that of the app: it keeps the order, so
 * that what stands before them came from the shell.
 */
const MARKS = new Set(['PM2_USAGE', 'PM2_INTERACTOR_PROCESSING', 'PM2_JSON_PROCESSING', 'PM2_PROGRAMMATIC']);

/** Settings of PM2 that it writes into the environment of each process. */
const OF_PM2 = new Set([
  ...[
    'name',
    'namespace',
    'status',
    'exec_mode',
    'instances',
    'instance_var',
    'username',
    'watch',
    'autorestart',
  ],
  ...[
    'autostart',
    'treekill',
    'merge_logs',
    'restart_time',
    'unstable_restarts',
    'created_at',
    'exec_interpreter',
  ],
  ...[
    'unique_id',
    'vizion',
    'vizion_running',
    'pmx',
    'automation',
    'windowsHide',
    'km_link',
    'kill_retry_time',
  ],
  ...[
    'NODE_APP_INSTANCE',
    'NODE_CHANNEL_FD',
    'NODE_CHANNEL_SERIALIZATION_MODE',
    'NODE_UNIQUE_ID',
    'node_version',
  ],
  ...[
    'prev_restart_delay',
    'exit_code',
    'version',
    'versioning',
    'axm_actions',
    'axm_monitor',
    'axm_options',
  ],
  ...['axm_dynamic', 'node_args', 'filter_env', 'env', 'args', 'source_map_support', 'cron_restart'],
]);
const OF_PM2_PREFIX = /^(?:pm_|PM2_|_pm2_|npm_|NVM_)/;

/** What says how a program runs: kept, even where it comes from the shell (`PORT=3000 pm2 start api.js`). */
const MEANT = new Set(['NODE_ENV', 'PORT', 'HOST', 'NODE_OPTIONS', 'DEBUG', 'TZ']);

export function readProcessEnv(process: Pm2Process): ProcessEnv {
  const given = isPlain(process['env']) ? process['env'] : {};
  const names = Object.keys(given);
  const lastMark = names.findLastIndex((name) => MARKS.has(name));
  const declared: Record<string, string> = {};
  const shell: Record<string, string> = {};
  const leaked: string[] = [];
  for (const [at, name] of names.entries()) {
    const value = text(given[name]);
    if (value === null || /[\0=]/.test(name) || name === '') continue;
    if (isLeaked(name, value, process)) leaked.push(name);
    else if (at < lastMark && !MEANT.has(name)) shell[name] = value;
    else declared[name] = value;
  }
  return { declared, shell, leaked };
}

function isLeaked(name: string, value: string, process: Pm2Process): boolean {
  if (name === 'TZ') return false;
  if (OF_PM2.has(name) || OF_PM2_PREFIX.test(name) || isSessionVariable(name) || isBaseName(name))
    return true;
  if (name === process['instance_var']) return true;
  // The configuration that PM2 hands a process is under its name.
  return name === process['name'] && value.startsWith('{');
}

/** As PM2 passes it on; null: it is no variable. */
function text(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : null;
}

/**
 * What the shell had and an app may need: `kept` is its own, `left` is the same in the shell of this command or in
 * another app, so that it was the surroundings of whoever started PM2.
 */
export function divideShell(
  shell: Variables,
  others: readonly Variables[],
  environment: Readonly<Record<string, string | undefined>>,
): { readonly kept: Variables; readonly left: readonly string[] } {
  const isLeft = ([name, value]: readonly [string, string]): boolean =>
    environment[name] === value || others.some((other) => other[name] === value);
  const entries = Object.entries(shell);
  return {
    kept: Object.fromEntries(entries.filter((entry) => !isLeft(entry))),
    left: entries.filter(isLeft).map(([name]) => name),
  };
}
