import { basename, isAbsolute } from 'node:path';
import { restartGenerationOf } from '../plan/slots/effective.ts';
import type { CodeIdentity } from '../plan/model/code.ts';
import type { DesiredApp } from '../plan/model/types.ts';
import type { InstanceLabels, SpawnSpec } from '../runner/protocol/messages.ts';
import { hasAgent } from '../spec/node-app.ts';
import type { AppSpec } from '../spec/types.ts';
import { logSettings } from './log-settings.ts';

/** What an instance needs to know of the host it is started on. */
export interface LaunchContext {
  /** The base that every app gets (DESIGN §5), taken once at daemon start. */
  readonly baseEnv: Readonly<Record<string, string>>;
  /** Folder below which each project has a folder of log files. */
  readonly logsDir: string;
  /** The preload for Node apps. */
  readonly agentPath: string;
  /** Full path of the program for `interpreter: node`, given the PATH of the app. */
  readonly findNode: (path: string | undefined) => string;
}

export interface LaunchTarget {
  readonly app: DesiredApp;
  readonly slot: number;
  readonly nonce: string;
  /** What it is started from; absent: not known. */
  readonly code?: CodeIdentity | undefined;
}

/** Turns the spec of an app into one process to start: program, arguments, environment, log files. */
export function launchSpec({ app, slot, nonce, code }: LaunchTarget, context: LaunchContext): SpawnSpec {
  const { spec } = app;
  const env = instanceEnv({ app, slot, nonce }, context.baseEnv);
  return {
    nonce,
    labels: instanceLabels(app, slot, code),
    ...commandLine(spec, env, context),
    ipc: hasAgent(spec),
    ...(spec.exec_mode === 'cluster' && hasAgent(spec) && { shared: true }),
    cwd: spec.cwd,
    ...(hasScriptFile(spec) && { script: spec.script }),
    env,
    uid: spec.uid,
    gid: spec.gid,
    logs: logSettings(app, slot, context.logsDir),
    ...limitsOf(spec),
    stdin: spec.stdin ?? 'open',
    ...endingOf(spec),
  };
}

/** What the runner is to know of the end of a process; it can change while the process runs. */
export function endingOf(spec: AppSpec): Pick<SpawnSpec, 'leftovers' | 'background'> {
  const { leftovers = 'end', kill_timeout, daemonize = false, pid_file = null } = spec;
  return {
    leftovers: { mode: leftovers, graceMs: kill_timeout },
    background: { expected: daemonize, pidFile: pid_file },
  };
}

function limitsOf({ limits }: AppSpec): Pick<SpawnSpec, 'limits'> {
  if (limits === undefined || limits === null) return {};
  return { limits: { memoryBytes: limits.memory, cpus: limits.cpu, pids: limits.pids } };
}

export function instanceLabels(app: DesiredApp, slot: number, code?: CodeIdentity): InstanceLabels {
  return {
    project: app.project,
    app: app.spec.name,
    slot,
    generation: app.generation,
    restartGeneration: restartGenerationOf(app, slot),
    revision: app.revision,
    templateHash: app.templateHash,
    ...(code !== undefined && { code }),
  };
}

function commandLine(
  spec: AppSpec,
  env: Readonly<Record<string, string>>,
  context: LaunchContext,
): Pick<SpawnSpec, 'file' | 'args'> {
  if (spec.shell) {
    return { file: shellOf(spec), args: [...shellArgs(spec), '-c', spec.script, spec.name, ...spec.args] };
  }
  if (spec.interpreter === 'none') return { file: spec.script, args: spec.args };
  const file = spec.interpreter === 'node' ? context.findNode(env.PATH) : spec.interpreter;
  const preload = hasAgent(spec) ? ['--require', context.agentPath] : [];
  return { file, args: [...spec.interpreter_args, ...preload, spec.script, ...spec.args] };
}

/** Whether an interpreter is to run a file, and not a shell line, a program or a module. */
function hasScriptFile({ shell, interpreter, script }: AppSpec): boolean {
  return !shell && interpreter !== 'none' && isAbsolute(script);
}

/** Specs of before a shell line had a shell say `none`, and go on with the one that they had. */
function shellOf(spec: AppSpec): string {
  return spec.interpreter === 'none' ? '/bin/sh' : spec.interpreter;
}

function shellArgs(spec: AppSpec): readonly string[] {
  return spec.interpreter === 'none' ? [] : spec.interpreter_args;
}

function isPython(spec: AppSpec): boolean {
  return basename(spec.interpreter).startsWith('python');
}

function instanceEnv(
  { app, slot, nonce }: LaunchTarget,
  baseEnv: Readonly<Record<string, string>>,
): Record<string, string> {
  const { spec } = app;
  return {
    ...baseEnv,
    // As PM2 does: without it the output of a Python app stays in its buffer for minutes.
    ...(isPython(spec) && { PYTHONUNBUFFERED: '1' }),
    ...spec.env,
    ...incremented(spec, slot),
    [spec.instance_var]: String(slot),
    STATEWARD_PROJECT: app.project,
    STATEWARD_APP: spec.name,
    STATEWARD_SLOT: String(slot),
    STATEWARD_INSTANCE: nonce,
  };
}

/** `increment_var: PORT` gives slot n the declared value plus n. */
function incremented(spec: AppSpec, slot: number): Record<string, string> {
  if (spec.increment_var === null) return {};
  const base = spec.env[spec.increment_var];
  if (base === undefined || !/^-?\d+$/.test(base)) return {};
  return { [spec.increment_var]: String(Number(base) + slot) };
}
