import { dependencyEdges } from '../../spec/dependencies.ts';
import { slotPorts } from '../../spec/ports/slot-ports.ts';
import type { AppSpec } from '../../spec/types.ts';
import { containerCommand } from '../container/command.ts';
import { plainVariables, secretVariables } from '../model/variables.ts';
import { healthcheck } from './healthcheck.ts';
import { composeDuration, literal, serviceName, type ComposeApp } from './model.ts';

type Fields = Readonly<Record<string, unknown>>;

const CONDITIONS = {
  started: 'service_started',
  ready: 'service_healthy',
  completed: 'service_completed_successfully',
};

/** The service of an app, with keys in the order in which people write them. */
export function composeService(app: ComposeApp): Fields {
  const { spec } = app;
  const { command, workingDir } = containerCommand(app);
  const image = spec.image ?? app.image;
  return {
    ...(image === null ? { build: { context: '.' } } : literal({ image })),
    ...literal({ entrypoint: command, working_dir: workingDir }),
    ...environment(spec),
    ...literal({
      ...publishedPorts(spec),
      ...present('healthcheck', healthcheck(app)),
      ...dependencies(spec),
      restart: restartPolicy(spec),
      ...ending(spec),
      ...resources(spec),
      ...rights(spec),
      ...(spec.stdin === 'open' && { stdin_open: true }),
      ...(spec.tty && { tty: true }),
      ...present('labels', Object.keys(spec.labels).length === 0 ? null : spec.labels),
      ...logging(spec),
    }),
  };
}

function present(key: string, value: unknown): Fields {
  return value === null || value === undefined ? {} : { [key]: value };
}

/** A secret is never rendered: whoever runs Compose has it in a variable of the same name, or in `.env`. */
function environment(spec: AppSpec): Fields {
  const secrets = secretVariables(spec).map((name) => {
    const isOptional = spec.env_from[name]?.optional === true;
    return [name, isOptional ? `\${${name}:-}` : `\${${name}:?is a secret of ${serviceName(spec.name)}}`];
  });
  const all = { ...literal(plainVariables(spec)), ...(Object.fromEntries(secrets) as Fields) };
  return Object.keys(all).length === 0 ? {} : { environment: all };
}

/** Each container listens on the port of the first slot; the host has the ports that the slots have here. */
function publishedPorts(spec: AppSpec): Fields {
  const first = slotPorts(spec, 0);
  const last = slotPorts(spec, spec.instances - 1);
  const ports = first.flatMap(({ port, host, protocol }, index) => {
    const end = last[index]?.port ?? port;
    if (port === null || end === null) return [];
    return [
      {
        target: port,
        published: end === port ? String(port) : `${port}-${end}`,
        protocol: protocol ?? 'tcp',
        ...(host !== null && { host_ip: host }),
      },
    ];
  });
  return ports.length === 0 ? {} : { ports };
}

function dependencies(spec: AppSpec): Fields {
  const edges = dependencyEdges(spec).map(({ name, condition, restart }) => [
    serviceName(name),
    { condition: CONDITIONS[condition], ...(restart && { restart: true }) },
  ]);
  return edges.length === 0 ? {} : { depends_on: Object.fromEntries(edges) as Fields };
}

function restartPolicy({ autorestart, stop_exit_codes, max_restarts }: AppSpec): string {
  if (!autorestart) return 'no';
  if (!stop_exit_codes.includes(0)) return 'unless-stopped';
  return max_restarts === null ? 'on-failure' : `on-failure:${max_restarts}`;
}

function ending({ kill_timeout, stop_signal, hooks }: AppSpec): Fields {
  const hook = (name: 'post_start' | 'pre_stop'): Fields => {
    const command = hooks?.[name]?.command;
    return command === undefined ? {} : { [name]: [{ command }] };
  };
  return {
    stop_signal,
    stop_grace_period: composeDuration(kill_timeout),
    ...hook('post_start'),
    ...hook('pre_stop'),
  };
}

function resources(spec: AppSpec): Fields {
  const { limits, max_memory_restart, instances, autostart } = spec;
  const memory = limits?.memory ?? max_memory_restart;
  const bounds = {
    ...(limits?.cpu != null && { cpus: String(limits.cpu) }),
    ...(memory !== null && { memory: `${memory}b` }),
  };
  const replicas = autostart ? instances : 0;
  const deploy = {
    ...(replicas !== 1 && { replicas }),
    ...(Object.keys(bounds).length > 0 && { resources: { limits: bounds } }),
  };
  return {
    ...(Object.keys(deploy).length > 0 && { deploy }),
    // Known to more releases than the one among the limits of `deploy`.
    ...present('pids_limit', limits?.pids),
  };
}

function rights({ uid, gid, oom_score_adj, cpu_affinity, rlimits }: AppSpec): Fields {
  const ulimits = Object.entries(rlimits ?? {}).map(([name, text]) => {
    const [soft = '', hard = soft] = text.split(':');
    const one = (value: string): number => (value === 'unlimited' ? -1 : Number(value));
    return [name, soft === hard ? one(soft) : { soft: one(soft), hard: one(hard) }];
  });
  return {
    ...(uid !== null && { user: gid === null ? String(uid) : `${uid}:${gid}` }),
    ...present('oom_score_adj', oom_score_adj),
    ...present('cpuset', cpu_affinity),
    ...(ulimits.length > 0 && { ulimits: Object.fromEntries(ulimits) as Fields }),
  };
}

/** What Docker keeps of the output: as much as stateward keeps of a file. */
function logging({ disable_logs, log_rotate }: AppSpec): Fields {
  if (disable_logs) return { logging: { driver: 'none' } };
  if (log_rotate === null) return {};
  const files = String(log_rotate.keep + 1);
  return {
    logging: { driver: 'json-file', options: { 'max-size': String(log_rotate.size), 'max-file': files } },
  };
}
