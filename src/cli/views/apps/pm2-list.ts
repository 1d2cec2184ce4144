import type { App, InstanceStatus } from '../../../api/contract/wire/apps.ts';

/** One process as `pm2 jlist` has it: the fields that scripts read. */
export interface Pm2Process {
  /** 0 where none runs. */
  readonly pid: number;
  readonly name: string;
  readonly pm_id: number;
  readonly monit: {
    /** Bytes. */
    readonly memory: number;
    /** Percent of one processor. */
    readonly cpu: number;
  };
  readonly pm2_env: Readonly<Record<string, unknown>>;
}

/** The processes of apps in PM2's shape, by id. What is not known here is left out, never made up. */
export function pm2List(apps: readonly App[]): readonly Pm2Process[] {
  return apps
    .flatMap((app) => newestOfSlots(app).map((instance) => pm2Process(app, instance)))
    .sort((a, b) => a.pm_id - b.pm_id);
}

/** PM2 knows one process a slot. */
function newestOfSlots({ status }: App): readonly InstanceStatus[] {
  return [...new Map(status.instances.map((instance) => [instance.slot, instance])).values()];
}

function pm2Process(app: App, instance: InstanceStatus): Pm2Process {
  return {
    pid: instance.pid ?? 0,
    name: app.name,
    pm_id: instance.id,
    monit: { memory: instance.memoryBytes ?? 0, cpu: instance.cpuPercent ?? 0 },
    pm2_env: { ...ofSpec(app), ...ofInstance(app, instance) },
  };
}

function ofSpec({ spec, name }: App): Readonly<Record<string, unknown>> {
  if (spec === null) return { name };
  const { namespace, exec_mode, instances, script, cwd, interpreter, interpreter_args, args, env } = spec;
  const { autorestart, watch, kill_timeout, max_memory_restart, uid, gid } = spec;
  return {
    ...{ name, namespace, exec_mode: `${exec_mode}_mode`, instances },
    ...{
      pm_exec_path: script,
      pm_cwd: cwd,
      exec_interpreter: interpreter,
      node_args: interpreter_args,
      args,
      env,
    },
    ...{ autorestart, watch: watch !== false, kill_timeout },
    ...(max_memory_restart !== null && { max_memory_restart }),
    ...(uid !== null && { uid }),
    ...(gid !== null && { gid }),
  };
}

function ofInstance(app: App, instance: InstanceStatus): Readonly<Record<string, unknown>> {
  const { id, slot, restarts, startedAt, lastExit, code, logs } = instance;
  return {
    ...{ pm_id: id, NODE_APP_INSTANCE: slot, status: pm2Status(app, instance), restart_time: restarts },
    created_at: Date.parse(app.createdAt),
    ...(startedAt !== null && { pm_uptime: Date.parse(startedAt) }),
    ...(lastExit?.code != null && { exit_code: lastExit.code }),
    ...(logs?.out != null && { pm_out_log_path: logs.out }),
    ...(logs?.error != null && { pm_err_log_path: logs.error }),
    ...(code?.version != null && { version: code.version }),
    ...(code?.commit != null && { versioning: { type: 'git', revision: code.commit, branch: code.branch } }),
  };
}

/** PM2's word for the state of a process. */
function pm2Status({ status }: App, { state, ready }: InstanceStatus): string {
  switch (state) {
    case 'running':
    case 'unverified':
      return ready ? 'online' : 'launching';
    case 'starting':
      return 'launching';
    case 'stopping':
      return 'stopping';
    case 'waiting':
    case 'exited':
      if (status.health === 'Failed') return 'errored';
      return status.desiredInstances === 0 || status.health === 'Completed' ? 'stopped' : 'waiting restart';
  }
}
