import { basename, isAbsolute } from 'node:path';
import { restartGenerationOf } from '../../../plan/slots/effective.ts';
import type { DesiredApp } from '../../../plan/model/desired.ts';
import type { InstanceLabels, SpawnSpec } from '../../../runner/protocol/orders.ts';
import { countedVariable } from '../../../spec/environment/counted-variable.ts';
import { hasAgent } from '../../../spec/node-app.ts';
import { hookOf } from '../../../spec/hooks/hooks.ts';
import { isServeApp } from '../../../spec/serve/serve-app.ts';
import { SERVE_VARIABLE } from '../../../spec/serve/serve-variable.ts';
import { portEnv, slotPorts, type GivenPorts } from '../../../spec/ports/slot-ports.ts';
import type { AppSpec } from '../../../spec/types.ts';
import { socketSpecs } from './socket-specs.ts';
import type { StartOrder, Surroundings } from '../../driver.ts';
import { logSettings } from './log-settings.ts';
import { tuningOf } from './tuning.ts';

/** What an instance needs to know of the host it is started on. */
export interface LaunchContext {
  /** The base that every app gets, taken once when the daemon starts. */
  readonly baseEnv: Readonly<Record<string, string>>;
  /** Folder below which each project has a folder of log files. */
  readonly logsDir: string;
  /** The preload for Node apps. */
  readonly agentPath: string;
  /** The program of apps that serve files. */
  readonly servePath: string;
  /** The program that holds the terminal of an app. */
  readonly terminalPath: string;
  /** Full path of the program for `interpreter: node`, given the PATH of the app. */
  readonly findNode: (path: string | undefined) => string;
}

/** Turns the spec of an app into one process to start: program, arguments, environment, log files. */
export function launchSpec(order: StartOrder, context: LaunchContext): SpawnSpec {
  const { app, nonce } = order;
  const { spec } = app;
  const around = surroundings(order, context);
  return {
    nonce,
    ...commandLine(spec, around.env, context),
    ipc: hasAgent(spec),
    ...(spec.exec_mode === 'cluster' && hasAgent(spec) && { shared: true }),
    ...(hasScriptFile(spec) && { script: spec.script }),
    ...around,
    ...terminalOf(spec, around.env, context),
    ...limitsOf(spec),
    ...unresolvedOf(order),
    ...(spec.sockets.length > 0 && { sockets: socketSpecs(spec) }),
    stdin: spec.stdin,
    ...(spec.notify && { notify: { watchdogMs: spec.watchdog } }),
    ...(spec.umask !== undefined && { umask: Number.parseInt(spec.umask, 8) }),
    ...adoptedSettings({ ...order, reloads: app.reloads }, context),
  };
}

/** What a process is started from, and the last reload that it needs no more. */
type AdoptedOrder = StartOrder & { readonly reloads?: number | undefined };
type Placed = Pick<StartOrder, 'slot' | 'ports' | 'secrets'> & {
  readonly app: Pick<DesiredApp, 'project' | 'spec'>;
};

/** What is said of a process that can change while it runs; `postStart`: its post_start hook is to run once it is ready. */
export function adoptedSettings(
  { app, slot, code, ports, reloads }: AdoptedOrder,
  { logsDir }: Pick<LaunchContext, 'logsDir'>,
  postStart = hookOf(app.spec, 'post_start') !== undefined,
): Pick<SpawnSpec, 'labels' | 'logs' | 'leftovers' | 'background' | 'tuning'> {
  return {
    labels: { ...instanceLabels({ app, slot, code, ports, reloads }), ...(postStart && { postStart }) },
    logs: logSettings(app, slot, logsDir),
    ...endingOf(app.spec),
    tuning: tuningOf(app.spec),
  };
}

/** Where a process of the app runs and as whom. The runner adds the nonce. */
export function surroundings(order: Placed, { baseEnv }: Pick<LaunchContext, 'baseEnv'>): Surroundings {
  const { cwd, uid, gid } = order.app.spec;
  return { cwd, env: instanceEnv(order, baseEnv), uid, gid };
}

/** Whoever attaches to a terminal has one that understands that kind. */
function terminalOf(
  { tty }: AppSpec,
  env: Readonly<Record<string, string>>,
  { terminalPath }: LaunchContext,
): Partial<Pick<SpawnSpec, 'tty' | 'env'>> {
  return tty ? { tty: terminalPath, env: { TERM: 'xterm-256color', ...env } } : {};
}

/** A script that is not there has an older runner start nothing either. */
const NO_SCRIPT = '/nonexistent/known-not-to-start';

export function unresolvedOf({
  lack,
  secrets,
}: Pick<StartOrder, 'lack' | 'secrets'>): Partial<Pick<SpawnSpec, 'unresolved' | 'script'>> {
  const unresolved = lack ?? secrets?.unresolved ?? null;
  return unresolved === null ? {} : { unresolved, script: NO_SCRIPT };
}

function endingOf(spec: AppSpec): Pick<SpawnSpec, 'leftovers' | 'background'> {
  const { leftovers, kill_timeout, daemonize, pid_file } = spec;
  return {
    leftovers: { mode: leftovers, graceMs: kill_timeout },
    background: { expected: daemonize, pidFile: pid_file },
  };
}

export function limitsOf({ limits }: AppSpec): Pick<SpawnSpec, 'limits'> {
  if (limits === null) return {};
  return { limits: { memoryBytes: limits.memory, cpus: limits.cpu, pids: limits.pids } };
}

export function instanceLabels({
  app,
  slot,
  code,
  ports,
  reloads,
}: Omit<AdoptedOrder, 'nonce'>): InstanceLabels {
  return {
    project: app.project,
    app: app.spec.name,
    slot,
    generation: app.generation,
    restartGeneration: restartGenerationOf(app, slot),
    revision: app.revision,
    templateHash: app.templateHash,
    ...(code !== undefined && { code }),
    ...(ports !== undefined && { ports }),
    ...(reloads !== undefined && { reloads }),
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
  const script = isServeApp(spec) ? context.servePath : spec.script;
  return { file, args: [...spec.interpreter_args, ...preload, script, ...spec.args] };
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
  { app: { project, spec }, slot, ports, secrets }: Placed,
  baseEnv: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    ...baseEnv,
    // As PM2 does: without it the output of a Python app stays in its buffer for minutes.
    ...(isPython(spec) && { PYTHONUNBUFFERED: '1' }),
    ...spec.env,
    ...secrets?.values,
    ...countedVariable(spec, slot),
    ...portEnv(spec, slot, ports),
    ...(isServeApp(spec) && { [SERVE_VARIABLE]: JSON.stringify(serveSettings(spec, slot, ports)) }),
    [spec.instance_var]: String(slot),
    STATEWARD_PROJECT: project,
    STATEWARD_APP: spec.name,
    STATEWARD_SLOT: String(slot),
  };
}

/** A server whose port is chosen, or one of several in fork mode, listens on that one. */
function serveSettings(spec: AppSpec, slot: number, ports: GivenPorts | undefined): AppSpec['serve'] {
  const [port] = slotPorts(spec, slot, ports);
  if (spec.serve === null || port === undefined || port.port === null) return spec.serve;
  return { ...spec.serve, port: port.port };
}
