import { defaultBoolean, defaultNumber, defaultText } from '../defaults.ts';
import type { App } from '../generated/ecosystem.ts';
import type { NormaliseContext, SpecNote } from './normalise-context.ts';
import { normaliseDependencies } from '../dependencies.ts';
import { backgroundNotes, normaliseBackground } from './normalise-background.ts';
import { envNotes, normaliseEnv } from './normalise-env.ts';
import { normaliseLimits } from './normalise-limits.ts';
import { logNotes, normaliseLogs } from './normalise-logs.ts';
import { agentNotes, resolveInstances, resolveMode } from './normalise-mode.ts';
import { resolvePath } from './normalise-path.ts';
import { normaliseHeartbeat, normaliseProbe, probeNotes } from './normalise-probes.ts';
import { normaliseRollout, rolloutNotes } from './normalise-rollout.ts';
import { normaliseWatchOptions, readWatch, watchNotes } from './normalise-watch.ts';
import { nameOfScript, normaliseScript } from './normalise-script.ts';
import { lineNotes } from './normalise-shell.ts';
import type { AppSpec } from '../types.ts';
import { readBoolean, readBytes, readDuration, readInteger, readList } from './values.ts';

export interface Normalised {
  readonly spec: AppSpec;
  readonly notes: readonly SpecNote[];
}

/**
 * One app as the schema accepts it, with canonical keys, becomes a spec: every default filled in, paths absolute,
 * units resolved, environment merged. Errors among the notes mean that the spec must not be used.
 */
export function normalise(app: App, context: NormaliseContext): Normalised {
  const cwd = resolvePath(app.cwd ?? '.', context.fileDir, context.home);
  const run = normaliseScript(app, cwd, context);
  const instances = resolveInstances(app.instances, context.cpus);
  const agent = readBoolean(app.agent) ?? defaultBoolean('agent');
  const { mode, notes } = resolveMode(
    app,
    { ...run.fields, agent },
    { instances, scripts: () => context.packageScripts?.(cwd) ?? {} },
  );
  const spec: AppSpec = {
    name: nameOf(app, run.fields, context),
    namespace: app.namespace ?? defaultText('namespace'),
    labels: Object.fromEntries(Object.entries(app.labels ?? {}).map(([key, value]) => [key, String(value)])),
    ...run.fields,
    cwd,
    env: normaliseEnv(app, context),
    ...(app.secrets !== undefined && app.secrets.length > 0 && { secrets: [...new Set(app.secrets)] }),
    exec_mode: mode,
    uid: readOwner(app.uid),
    gid: readOwner(app.gid),
    instance_var: app.instance_var ?? defaultText('instance_var'),
    increment_var: app.increment_var ?? null,
    agent,
    limits: normaliseLimits(app.limits),
    ...codeFields(app),
    stdin: app.stdin ?? 'open',
    instances,
    ...restartFields(app),
    ...stopFields(app),
    ...normaliseBackground(app, { cwd, home: context.home }),
    ...triggerFields(app),
    ...probeFields(app),
    depends_on: normaliseDependencies(app.depends_on),
    rollout: normaliseRollout(app.rollout, mode),
    ...normaliseLogs(app, { cwd, home: context.home, mode }),
    protect: readBoolean(app.protect) ?? defaultBoolean('protect'),
  };
  return {
    spec,
    notes: [
      ...run.notes,
      ...notes,
      ...(spec.shell ? lineNotes(spec, context.environment) : []),
      ...envNotes(app),
      ...agentNotes(spec),
      ...logNotes(app),
      ...watchNotes(app),
      ...rolloutNotes(spec),
      ...probeNotes(spec),
      ...backgroundNotes(spec),
      ...scheduleNotes(app, spec),
    ],
  };
}

function nameOf(app: App, run: Pick<AppSpec, 'script' | 'shell'>, context: NormaliseContext): string {
  const name = app.name ?? nameOfScript(run);
  return readBoolean(app.append_env_to_name) === true && context.envName !== null
    ? `${name}-${context.envName}`
    : name;
}

/** A number that is written as text is a number: `uid: "1000"`. */
function readOwner(value: string | number | undefined): string | number | null {
  if (value === undefined) return null;
  return typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
}

/** Fields that are not declared are absent, as in specs of before they were there. */
function codeFields({ code, code_ignore, version }: App): Pick<AppSpec, 'code' | 'code_ignore' | 'version'> {
  const ignored = readList(code_ignore);
  return {
    ...(code === 'off' && { code }),
    ...(Array.isArray(code) && { code }),
    ...(ignored.length > 0 && { code_ignore: ignored }),
    ...(version !== undefined && { version: String(version) }),
  };
}

function restartFields(
  app: App,
): Pick<
  AppSpec,
  | 'autostart'
  | 'autorestart'
  | 'stop_exit_codes'
  | 'success_exit_codes'
  | 'min_uptime'
  | 'max_restarts'
  | 'restart_delay'
  | 'exp_backoff_restart_delay'
> {
  return {
    autostart: readBoolean(app.autostart) ?? defaultBoolean('autostart'),
    autorestart:
      readCron(app.schedule) === null && (readBoolean(app.autorestart) ?? defaultBoolean('autorestart')),
    stop_exit_codes: readList(app.stop_exit_codes),
    // Left out it is not kept, so that no spec that was stored before it was there differs by it.
    ...(app.success_exit_codes !== undefined && { success_exit_codes: readList(app.success_exit_codes) }),
    min_uptime: readDuration(app.min_uptime) ?? defaultNumber('min_uptime'),
    max_restarts: readInteger(app.max_restarts) ?? null,
    restart_delay: readDuration(app.restart_delay) ?? null,
    exp_backoff_restart_delay: readDuration(app.exp_backoff_restart_delay) ?? null,
  };
}

function stopFields(
  app: App,
): Pick<
  AppSpec,
  'kill_timeout' | 'treekill' | 'leftovers' | 'shutdown_with_message' | 'wait_ready' | 'listen_timeout'
> {
  return {
    kill_timeout: readDuration(app.kill_timeout) ?? defaultNumber('kill_timeout'),
    treekill: readBoolean(app.treekill) ?? defaultBoolean('treekill'),
    leftovers: app.leftovers ?? 'end',
    shutdown_with_message: readBoolean(app.shutdown_with_message) ?? defaultBoolean('shutdown_with_message'),
    wait_ready: readBoolean(app.wait_ready) ?? defaultBoolean('wait_ready'),
    listen_timeout: readDuration(app.listen_timeout) ?? defaultNumber('listen_timeout'),
  };
}

function triggerFields(
  app: App,
): Pick<
  AppSpec,
  | 'max_memory_restart'
  | 'cron_restart'
  | 'cron_timezone'
  | 'cron_catch_up'
  | 'schedule'
  | 'concurrency'
  | 'watch'
  | 'ignore_watch'
  | 'watch_delay'
  | 'watch_options'
> {
  return {
    // 0 turns it off, as in PM2: no process lives in 0 bytes.
    max_memory_restart: readBytes(app.max_memory_restart) || null,
    cron_restart: readCron(app.cron_restart),
    cron_timezone: app.cron_timezone ?? null,
    cron_catch_up: readBoolean(app.cron_catch_up) ?? defaultBoolean('cron_catch_up'),
    schedule: readCron(app.schedule),
    concurrency: app.concurrency ?? 'forbid',
    watch: readWatch(app.watch),
    ignore_watch: readList(app.ignore_watch),
    watch_delay: readDuration(app.watch_delay) ?? defaultNumber('watch_delay'),
    watch_options: normaliseWatchOptions(app.watch_options),
  };
}

/** 0 turns it off, as in PM2. */
function readCron(value: string | number | undefined): string | null {
  const cron = value === undefined ? '' : String(value).trim();
  return cron === '' || cron === '0' ? null : cron;
}

function probeFields(app: App): Pick<AppSpec, 'readiness' | 'liveness' | 'startup' | 'heartbeat'> {
  return {
    readiness: normaliseProbe(app.readiness),
    liveness: normaliseProbe(app.liveness),
    startup: normaliseProbe(app.startup),
    heartbeat: normaliseHeartbeat(app.heartbeat),
  };
}

function scheduleNotes(app: App, { schedule, instances, cron_restart }: AppSpec): SpecNote[] {
  if (schedule === null) return cronRestartNotes(app, cron_restart);
  const wrong = (field: string, message: string, hint: string): SpecNote => ({
    level: 'error',
    code: 'CONFIG_BAD_VALUE',
    path: [field],
    message,
    hint,
  });
  return [
    ...(readBoolean(app.autorestart) === true
      ? [wrong('autorestart', 'a scheduled job is not restarted when it ends', 'leave `autorestart` out')]
      : []),
    ...(instances === 1
      ? []
      : [
          wrong('instances', 'a scheduled job has 1 instance', 'for runs side by side: `concurrency: allow`'),
        ]),
    ...(cron_restart === null
      ? []
      : [wrong('cron_restart', 'a scheduled job is not restarted on a schedule', 'keep one of the two')]),
  ];
}

/** PM2's way to run a job is cron_restart: here it restarts what keeps running, and starts at once what has ended. */
function cronRestartNotes(app: App, cron: string | null): SpecNote[] {
  if (cron === null) return [];
  const [first = '', second = ''] = cron.split(/\s+/);
  const minutes = cron.split(/\s+/).length > 5 ? second : first;
  const looksLikeJob = readBoolean(app.autorestart) === false || /[*/,-]/.test(minutes);
  if (!looksLikeJob) return [];
  return [
    {
      level: 'warning',
      code: 'CONFIG_ADVICE',
      path: ['cron_restart'],
      message: 'cron_restart is for a program that keeps running',
      hint: `for a script that ends by itself: \`schedule: ${JSON.stringify(cron)}\` in its place runs it at these times`,
    },
  ];
}
