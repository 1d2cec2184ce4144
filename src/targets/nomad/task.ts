import { declaredPorts, portVariables } from '../../spec/ports/slot-ports.ts';
import type { AppSpec } from '../../spec/types.ts';
import { containerCommand } from '../container/command.ts';
import { commandWords, interpreterThere } from '../model/command-words.ts';
import { plainVariables, secretVariables } from '../model/variables.ts';
import { imageOf, nanoseconds, type NomadApp } from './model.ts';

type Fields = Readonly<Record<string, unknown>>;

const MIB = 1024 * 1024;
/** What Nomad gives a task that asks for nothing. */
const MEMORY_MB = 300;

/** The task of an app: in a container where there is an image, else a process of the node. */
export function task(app: NomadApp): Fields {
  const { spec, id } = app;
  const image = imageOf(app);
  const { uid, kill_timeout, stop_signal } = spec;
  return {
    Name: id,
    Driver: image === null ? 'raw_exec' : 'docker',
    Config: image === null ? process(app) : container(app, image),
    ...(uid !== null && { User: String(uid) }),
    Env: environment(spec),
    ...templates(app),
    KillTimeout: nanoseconds(kill_timeout),
    KillSignal: stop_signal,
    Resources: resources(spec),
    LogConfig: logs(spec),
  };
}

/** A process of the node is started in the folder of its allocation, from which a shell goes to its own. */
function process({ spec, node }: NomadApp): Fields {
  const words = commandWords({ ...spec, interpreter: interpreterThere(spec, node) });
  return { command: '/bin/sh', args: ['-c', 'cd "$0" && exec "$@"', spec.cwd, ...words] };
}

function container(app: NomadApp, image: string): Fields {
  const { spec } = app;
  const { command, workingDir } = containerCommand(app);
  const ports = declaredPorts(spec).map(({ name }) => portLabel(name));
  const pids = spec.limits?.pids ?? null;
  return {
    image,
    entrypoint: command,
    work_dir: workingDir,
    ...(ports.length > 0 && { ports }),
    ...(pids !== null && { pids_limit: pids }),
    ...(spec.rlimits !== null && { ulimit: [spec.rlimits] }),
    ...(spec.tty && { tty: true }),
    ...(spec.stdin === 'open' && { interactive: true }),
  };
}

/** Labels of ports are parts of names of variables. */
export function portLabel(name: string): string {
  return name.replaceAll('-', '_');
}

function environment(spec: AppSpec): Fields {
  const chosen = declaredPorts(spec).flatMap(({ name, port }, index) =>
    port === 'auto'
      ? portVariables(declaredPorts(spec), index).map((variable) => [
          variable,
          `\${NOMAD_PORT_${portLabel(name)}}`,
        ])
      : [],
  );
  return {
    ...plainVariables(spec),
    ...(Object.fromEntries(chosen) as Fields),
    [spec.instance_var]: '${NOMAD_ALLOC_INDEX}',
  };
}

/** Where Nomad keeps the secrets of an app, which nobody here writes. */
export function variablePath({ id }: Pick<NomadApp, 'id'>): string {
  return `nomad/jobs/${id}`;
}

/** A secret is never rendered: the task reads it from the variables of Nomad. */
function templates(app: NomadApp): Fields {
  const names = secretVariables(app.spec);
  if (names.length === 0) return {};
  const lines = names.map((name) => `{{ with .${name} }}${name}={{ . | toJSON }}{{ end }}\n`);
  return {
    Templates: [
      {
        EmbeddedTmpl: `{{ with nomadVar "${variablePath(app)}" }}\n${lines.join('')}{{ end }}\n`,
        DestPath: 'secrets/app.env',
        Envvars: true,
        ChangeMode: 'restart',
      },
    ],
  };
}

function resources({ limits, max_memory_restart }: AppSpec): Fields {
  const memory = limits?.memory ?? max_memory_restart;
  const cores = limits?.cpu ?? null;
  return {
    ...(cores !== null && { Cores: Math.ceil(cores) }),
    MemoryMB: memory === null ? MEMORY_MB : Math.ceil(memory / MIB),
  };
}

function logs({ disable_logs, log_rotate }: AppSpec): Fields {
  if (disable_logs) return { Disabled: true };
  if (log_rotate === null) return { MaxFiles: 10, MaxFileSizeMB: 10 };
  return { MaxFiles: log_rotate.keep + 1, MaxFileSizeMB: Math.max(1, Math.ceil(log_rotate.size / MIB)) };
}
