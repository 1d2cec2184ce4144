import type { App } from '../generated/ecosystem.ts';
import { readApp } from '../generated/read-app.ts';
import { SPEC_DEFAULTS } from '../generated/spec-defaults.ts';
import type { AppSpec } from '../types.ts';
import { terminalNotes } from './run/terminal-notes.ts';
import { backgroundNotes, readPidFile } from './normalise-background.ts';
import type { NormaliseContext, SpecNote } from './normalise-context.ts';
import { normaliseDependencies } from './normalise-dependencies.ts';
import { envNotes, normaliseEnv } from './normalise-env.ts';
import { hookNotes, normaliseHooks } from '../hooks/normalise-hooks.ts';
import { normaliseLimits } from './kernel/normalise-limits.ts';
import { logNotes, normaliseLogs } from './normalise-logs.ts';
import { agentNotes, resolveInstances, resolveMode } from './run/normalise-mode.ts';
import { normaliseSockets, socketNotes } from '../sockets/normalise-sockets.ts';
import { resolvePath } from './normalise-path.ts';
import { sourceNotes } from './normalise-sources.ts';
import { normalisePorts, portNotes, withPortNames } from '../ports/normalise-ports.ts';
import { probeNotes, withProbeFiles } from '../probes/normalise-probes.ts';
import { normaliseReload, reloadNotes } from './normalise-reload.ts';
import { normaliseRollout, rolloutNotes } from './normalise-rollout.ts';
import { readCron, scheduleNotes } from './normalise-schedule.ts';
import { normaliseServe } from './normalise-serve.ts';
import { nameOfScript, normaliseScript } from './run/normalise-script.ts';
import { lineNotes } from './run/normalise-shell.ts';
import { readStopSignal, stopSignalNotes } from './kernel/normalise-signals.ts';
import { notifyNotes, saysReady } from './normalise-notify.ts';
import { normaliseTuning } from './kernel/normalise-tuning.ts';
import { readWatch, watchNotes } from './normalise-watch.ts';
import { readBoolean, readBytes } from './values.ts';

export interface Normalised {
  readonly spec: AppSpec;
  readonly notes: readonly SpecNote[];
}

/**
 * Makes the spec of one app, which is as the schema accepts it, with canonical keys. Fields that depend on no other are
 * read as the schema says (`readApp`); here are those that follow from other fields or from the host. With an error
 * among the notes the spec must not be used.
 */
export function normalise(app: App, context: NormaliseContext): Normalised {
  const { home } = context;
  const cwd = resolvePath(app.cwd ?? '.', context.fileDir, home);
  const { env: given, sources } = normaliseEnv(app, context);
  const { ports, env: variables, notes: toldNotes } = normalisePorts(app, given);
  const sockets = normaliseSockets(app, context);
  const server = normaliseServe(app, variables, { cwd, context });
  const run = server ?? normaliseScript(app, cwd, context);
  const instances = resolveInstances(app.instances, context.cpus);
  const { mode, notes } = resolveMode(
    server === null ? app : asServer(app),
    { ...run.fields, agent: readBoolean(app.agent) ?? SPEC_DEFAULTS.agent },
    { instances, scripts: () => context.packageScripts?.(cwd) ?? {} },
  );
  const schedule = readCron(app.schedule);
  const read = readApp(withProbeFiles(withPortNames(app), { cwd, home }), {
    name: nameOf(app, run.fields, context),
    labels: Object.fromEntries(Object.entries(app.labels ?? {}).map(([key, value]) => [key, String(value)])),
    ...run.fields,
    cwd,
    serve: server?.serve ?? null,
    env: server?.env ?? variables,
    env_from: sources,
    ports,
    sockets,
    secrets: [...new Set(app.secrets)],
    exec_mode: mode,
    uid: readOwner(app.uid),
    gid: readOwner(app.gid),
    limits: normaliseLimits(app.limits),
    ...normaliseTuning(app),
    hooks: normaliseHooks(app.hooks),
    code: codeOf(app, server !== null),
    // `${RELEASE:-}` where there is none names no release.
    version: String(app.version ?? '') || null,
    instances,
    autorestart: schedule === null && (readBoolean(app.autorestart) ?? SPEC_DEFAULTS.autorestart),
    stop_signal: readStopSignal(app),
    reload: normaliseReload(app),
    pid_file: readPidFile(app, { cwd, home }),
    // 0 turns it off, as in PM2: no process lives in 0 bytes.
    max_memory_restart: readBytes(app.max_memory_restart) || null,
    cron_restart: readCron(app.cron_restart),
    schedule,
    watch: readWatch(app.watch),
    depends_on: normaliseDependencies(app.depends_on),
    rollout: normaliseRollout(app.rollout, { exec_mode: mode, sockets, ports }),
    ...normaliseLogs(app, { cwd, home, mode }),
  });
  const isReadyBySaying = app.wait_ready === undefined && saysReady(read);
  const spec = isReadyBySaying ? { ...read, wait_ready: true } : read;
  return {
    spec,
    notes: [
      ...run.notes,
      ...notes,
      ...(spec.shell ? lineNotes(spec, context.environment) : []),
      ...envNotes(app),
      ...sourceNotes(app, spec, context),
      ...toldNotes,
      ...portNotes(app, spec),
      ...agentNotes(spec),
      ...notifyNotes(spec),
      ...logNotes(app),
      ...watchNotes(app),
      ...rolloutNotes(spec),
      ...socketNotes(app, spec),
      ...probeNotes(spec, context),
      ...backgroundNotes(spec),
      ...terminalNotes(app),
      ...stopSignalNotes(app, spec),
      ...reloadNotes(app, spec, context),
      ...scheduleNotes(app, spec),
      ...hookNotes(spec),
    ],
  };
}

/** Nothing of the folder is read before it is asked for: a server can always share its port, and has no code to compare. */
function asServer(app: App): App {
  return { ...app, exec_mode: app.exec_mode ?? 'cluster' };
}

function codeOf({ code }: App, isServer: boolean): AppSpec['code'] {
  if (code === 'off' || Array.isArray(code)) return code;
  return isServer ? 'off' : 'auto';
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
