import { basename, dirname, join } from 'node:path';
import { specDefault } from '../../spec/defaults.ts';
import { formatNumber } from '../../spec/format-value.ts';
import { isShell } from '../../spec/commands/shell-line.ts';
import { sameValue } from '../../lib/values/same-value.ts';
import type { AppSpec } from '../../spec/types.ts';
import type { Fields, Note } from '../model/imported.ts';
import { inFolder } from '../model/paths.ts';
import { isPlain, type Pm2Process } from './process-list.ts';

/** What is taken over as it is. `increment_var` and the like have PM2's default when they are absent. */
const SAME = [
  ...[
    'uid',
    'gid',
    'instance_var',
    'increment_var',
    'autorestart',
    'stop_exit_codes',
    'min_uptime',
    'max_restarts',
  ],
  ...[
    'restart_delay',
    'exp_backoff_restart_delay',
    'kill_timeout',
    'treekill',
    'shutdown_with_message',
    'wait_ready',
  ],
  ...[
    'listen_timeout',
    'max_memory_restart',
    'cron_restart',
    'watch',
    'ignore_watch',
    'watch_delay',
    'watch_options',
  ],
  ...['log_date_format', 'time', 'log_type', 'disable_logs'],
] as const;

/** 0 switches them off in PM2. */
const OFF_AT_ZERO = new Set<string>(['restart_delay', 'exp_backoff_restart_delay', 'cron_restart']);
/** Options of chokidar that mean something. */
const WATCH_OPTIONS = ['usePolling', 'interval', 'followSymlinks', 'depth'];

/** Commands that are found on PATH: the folder that they were found in says nothing. */
const COMMANDS = /^(?:npm|npx|pnpm|pnpx|yarn|bun|deno|tsx|ts-node)$/;
const LOG_NAME = /^(?:.*)-(?:out|error)(?:-\d+)?\.log$/;

export interface ProcessFields {
  readonly fields: Fields;
  readonly notes: readonly Note[];
}

/** What one process says of its app; without its variables and the number of instances. `folder`: of the file. */
export function processFields(process: Pm2Process, folder: string): ProcessFields {
  const cwd = text(process['pm_cwd']) ?? folder;
  const run = whatRuns(process, cwd);
  const fields: Record<string, unknown> = { ...run.fields };
  const namespace = text(process['namespace']);
  if (namespace !== null && namespace !== 'default') fields['namespace'] = namespace;
  if (cwd !== folder) fields['cwd'] = inFolder(cwd, folder);
  for (const field of SAME) {
    const value = settingOf(field, process[field]);
    if (value !== undefined && !sameValue(value, specDefault(field as keyof AppSpec))) fields[field] = value;
  }
  return { fields: { ...fields, ...logFields(process, cwd) }, notes: run.notes };
}

function settingOf(field: string, value: unknown): unknown {
  if (value === undefined || value === null || value === '') return undefined;
  if (OFF_AT_ZERO.has(field) && (value === 0 || value === '0')) return undefined;
  if (Array.isArray(value)) {
    const items = value.filter((item) => typeof item === 'string' || typeof item === 'number');
    return items.length === 0 ? undefined : items;
  }
  if (field === 'watch' && (value === 'true' || value === 'false')) return value === 'true';
  if (field === 'watch_options') return watchOptions(value);
  return typeof value === 'number' ? numberOf(field, value) : value;
}

function watchOptions(value: unknown): unknown {
  if (!isPlain(value)) return undefined;
  const known = WATCH_OPTIONS.filter((name) => value[name] !== undefined);
  return known.length === 0 ? undefined : Object.fromEntries(known.map((name) => [name, value[name]]));
}

function numberOf(field: string, value: number): unknown {
  const written = formatNumber(field, value);
  return written === String(value) ? value : written;
}

interface Run {
  readonly fields: Fields;
  readonly notes: readonly Note[];
}

function whatRuns(process: Pm2Process, cwd: string): Run {
  const path = text(process['pm_exec_path']) ?? '';
  const interpreter = text(process['exec_interpreter']) ?? 'node';
  const args = list(process['args']);
  const line = shellLine(path, args);
  if (line !== null) return { fields: { script: line, shell: true }, notes: [] };
  const isCommand = COMMANDS.test(basename(path)) && !path.startsWith(`${cwd}/`);
  const script = isCommand ? basename(path) : inFolder(path, cwd);
  const given = interpreterOf(interpreter, path);
  const node = list(process['node_args']);
  const maps = process['source_map_support'] === true && given === undefined && !isCommand;
  const interpreterArgs = [...node, ...(maps && !node.includes(SOURCE_MAPS) ? [SOURCE_MAPS] : [])];
  return {
    fields: {
      script,
      ...(given !== undefined && !isCommand && { interpreter: given }),
      ...(interpreterArgs.length > 0 && { interpreter_args: interpreterArgs }),
      ...(args.length > 0 && { args }),
    },
    notes: maps ? [differs('interpreter_args', 'source_map_support is an argument of Node here')] : [],
  };
}

const SOURCE_MAPS = '--enable-source-maps';

/** The line, where PM2 made `bash -c LINE` of a text with blanks. */
function shellLine(path: string, args: readonly string[]): string | null {
  const [flag, line, ...more] = args;
  return isShell(path) && flag === '-c' && line !== undefined && more.length === 0 ? line : null;
}

/** undefined: what the file's ending says anyway. */
function interpreterOf(interpreter: string, path: string): string | undefined {
  const usual: readonly (readonly [RegExp, RegExp])[] = [
    [/\.[cm]?js$/, /^node$/],
    [/\.py$/, /^python3?$/],
    [/\.sh$/, /^bash$/],
    [/\.rb$/, /^ruby$/],
    [/\.php$/, /^php$/],
    [/\.pl$/, /^perl$/],
  ];
  return usual.some(([ending, program]) => ending.test(path) && program.test(interpreter))
    ? undefined
    : interpreter;
}

/** Log files elsewhere than in PM2's own folder. */
function logFields(process: Pm2Process, cwd: string): Fields {
  const own = ownLogFolder(process);
  const named = (key: string): string | undefined => {
    const path = text(process[key]);
    if (path === null) return undefined;
    if (path === '/dev/null' || path === 'NULL') return '/dev/null';
    if (dirname(path) === own && LOG_NAME.test(basename(path))) return undefined;
    return inFolder(withoutId(path, process), cwd);
  };
  const fields = {
    out_file: named('pm_out_log_path'),
    error_file: named('pm_err_log_path'),
    log_file: named('pm_log_path'),
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function ownLogFolder(process: Pm2Process): string | null {
  const pid = text(process['pm_pid_path']);
  if (pid !== null && basename(dirname(pid)) === 'pids') return join(dirname(dirname(pid)), 'logs');
  const out = text(process['pm_out_log_path']);
  return out !== null && /\/\.pm2\/logs\/[^/]+$/.test(out) ? dirname(out) : null;
}

/** PM2 puts the id of the process before the ending of a file that instances do not share. */
function withoutId(path: string, process: Pm2Process): string {
  return process['merge_logs'] === true ? path : path.replace(/-\d+(?=\.[^./]+$|$)/, '');
}

export function differs(field: string | null, words: string): Note {
  return { kind: 'differs', field, text: words };
}

function list(value: unknown): readonly string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  if (!Array.isArray(value)) return [];
  return value.filter((item) => ['string', 'number', 'boolean'].includes(typeof item)).map(String);
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
