import type { AppSpec } from '../../spec/types.ts';
import { services } from './checks.ts';
import { imageOf, isBatch, nanoseconds, type NomadApp, type NomadJob } from './model.ts';
import { portLabel, task } from './task.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What a node may need to fetch an image and a scheduler to place a task, on top of what the app may take. */
const PLACE_MS = 60_000;

/** The job of an app: a service, or a batch that runs once or at its times. */
export function nomadJob(app: NomadApp): NomadJob {
  const { spec, id, project } = app;
  return {
    ID: id,
    Name: id,
    Type: isBatch(spec) ? 'batch' : 'service',
    Datacenters: ['*'],
    Meta: {
      ...spec.labels,
      'stateward.project': project,
      'stateward.app': spec.name,
      ...(spec.version !== null && { 'stateward.version': spec.version }),
    },
    ...(spec.schedule !== null && { Periodic: periodic(spec, spec.schedule) }),
    ...(!isBatch(spec) && { Update: update(spec) }),
    TaskGroups: [group(app)],
  };
}

function group(app: NomadApp): Fields {
  const { spec, id } = app;
  const offered = services(app);
  return {
    Name: id,
    Count: spec.autostart || spec.schedule !== null ? spec.instances : 0,
    ...networks(app),
    ...(offered.length > 0 && { Services: offered }),
    RestartPolicy: restartPolicy(spec),
    ...(isBatch(spec) && { ReschedulePolicy: { Attempts: 0, Unlimited: false } }),
    Tasks: [task(app)],
  };
}

/** A port with a number is that of the node; `auto` is chosen by Nomad. */
function networks(app: NomadApp): Fields {
  const { ports } = app.spec;
  if (ports.length === 0) return {};
  const fixed = ports.flatMap(({ name, port }) =>
    port === 'auto'
      ? []
      : [{ Label: portLabel(name), Value: port, ...(imageOf(app) !== null && { To: port }) }],
  );
  const chosen = ports.flatMap(({ name, port }) => (port === 'auto' ? [{ Label: portLabel(name) }] : []));
  const network = {
    ...(fixed.length > 0 && { ReservedPorts: fixed }),
    ...(chosen.length > 0 && { DynamicPorts: chosen }),
  };
  return { Networks: [network] };
}

function restartPolicy(spec: AppSpec): Fields {
  const { max_restarts, min_uptime, restart_delay, exp_backoff_restart_delay } = spec;
  const delay = Math.max(restart_delay ?? exp_backoff_restart_delay ?? 1000, 1);
  if (isBatch(spec)) return { Attempts: 0, Mode: 'fail' };
  if (max_restarts === null) {
    return {
      Attempts: 10,
      Interval: nanoseconds(20 * (delay + 1000)),
      Delay: nanoseconds(delay),
      Mode: 'delay',
    };
  }
  const each = delay + Math.max(min_uptime, 1000);
  const interval = Math.max(5000, each * (max_restarts + 1));
  return { Attempts: max_restarts, Interval: nanoseconds(interval), Delay: nanoseconds(delay), Mode: 'fail' };
}

function update({ rollout, listen_timeout, ports, readiness }: AppSpec): Fields {
  const { parallel, min_ready, deadline, on_failure } = rollout;
  const healthy = listen_timeout + min_ready + PLACE_MS;
  const isChecked = ports.length > 0 && (readiness?.http ?? readiness?.tcp) !== undefined;
  return {
    MaxParallel: parallel,
    HealthCheck: isChecked ? 'checks' : 'task_states',
    MinHealthyTime: nanoseconds(min_ready),
    HealthyDeadline: nanoseconds(healthy),
    ProgressDeadline: nanoseconds(Math.max((deadline ?? 0) + PLACE_MS, healthy + 1000)),
    AutoRevert: on_failure === 'rollback',
  };
}

function periodic({ cron_timezone, concurrency, autostart }: AppSpec, schedule: string): Fields {
  return {
    Enabled: autostart,
    SpecType: 'cron',
    Spec: schedule,
    ProhibitOverlap: concurrency === 'forbid',
    ...(cron_timezone !== null && { TimeZone: cron_timezone }),
  };
}
