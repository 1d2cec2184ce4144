import { constants } from 'node:os';
import type { App, InstanceStatus } from '../../api/contract/wire/apps.ts';
import type { Family, MetricType, Sample } from '../../api/contract/wire/metrics.ts';
import type { HealthStatus } from '../../plan/model/health.ts';
import { PROCESS_ROWS } from './process-families.ts';
import { family, infoSample, stateSamples, timeSample, type InstanceRow, type Labels } from './samples.ts';

const HEALTH: Readonly<Record<HealthStatus, true>> = {
  Healthy: true,
  Progressing: true,
  Degraded: true,
  CrashLoop: true,
  Failed: true,
  Stopped: true,
  Suspended: true,
  Completed: true,
  Missing: true,
};
const ROLLOUT = ['progressing', 'paused', 'succeeded', 'failed', 'superseded'] as const;

/** One family of metrics of apps: its samples of one app. */
type AppRow = readonly [
  name: string,
  type: MetricType,
  help: string,
  samples: (app: App, labels: Labels) => readonly Sample[],
];

const APP_ROWS: readonly AppRow[] = [
  ['stateward_app', 'info', 'What the app is.', (app, labels) => [appInfo(app, labels)]],
  [
    'stateward_app_desired_instances',
    'gauge',
    'Instances that are wanted now, overrides included.',
    ({ status }, labels) => [{ labels, value: status.desiredInstances }],
  ],
  [
    'stateward_app_ready_instances',
    'gauge',
    'Instances that are ready.',
    ({ status }, labels) => [{ labels, value: status.readyInstances }],
  ],
  [
    'stateward_app_health',
    'stateset',
    'Whether the app works.',
    ({ status }, labels) => stateSamples('stateward_app_health', Object.keys(HEALTH), status.health, labels),
  ],
  [
    'stateward_app_synced',
    'gauge',
    'Whether what runs is what is declared.',
    ({ status }, labels) => [{ labels, value: status.sync === 'Synced' ? 1 : 0 }],
  ],
  [
    'stateward_app_rollout_state',
    'stateset',
    'How the newest change of versions goes, or went; all 0: there was none.',
    ({ status }, labels) =>
      stateSamples('stateward_app_rollout_state', ROLLOUT, status.rollout?.state ?? null, labels),
  ],
  [
    'stateward_app_revision',
    'gauge',
    'The revision of the project that is declared.',
    ({ status }, labels) => [{ labels, value: status.revision }],
  ],
  [
    'stateward_app_problem',
    'gauge',
    'Promises that are lost now, by the condition that says so.',
    ({ status }, labels) =>
      [...new Set(status.problems?.map(({ type }) => type))].map((type) => ({
        labels: { ...labels, type },
        value: 1,
      })),
  ],
  [
    'stateward_app_drifts',
    'gauge',
    'Ways in which the app differs from what is declared, though stateward has done what it was asked to.',
    ({ status }, labels) => [{ labels, value: status.drift?.length ?? 0 }],
  ],
  [
    'stateward_log_bytes',
    'counter',
    'What the app has written to its log since the runner began.',
    ({ logUsage }, labels) => (logUsage === undefined ? [] : [{ labels, value: logUsage.bytes }]),
  ],
  [
    'stateward_log_dropped_lines',
    'counter',
    'Lines that a log file did not take in time, and that are lost.',
    ({ logUsage }, labels) => (logUsage === undefined ? [] : [{ labels, value: logUsage.droppedLines }]),
  ],
  [
    'stateward_app_next_run_timestamp_seconds',
    'gauge',
    'When a job or a restart comes due next.',
    ({ status }, labels) => timeSample(status.nextRun, labels),
  ],
];

const INSTANCE_ROWS: readonly InstanceRow[] = [
  [
    'stateward_instance_up',
    'gauge',
    'Whether a process runs in the slot.',
    ({ pid }, labels) => [{ labels, value: pid === null ? 0 : 1 }],
  ],
  [
    'stateward_instance_ready',
    'gauge',
    'Whether the instance is ready.',
    ({ ready }, labels) => [{ labels, value: ready ? 1 : 0 }],
  ],
  [
    'stateward_instance_start_time_seconds',
    'gauge',
    'When its process was started.',
    ({ pid, startedAt }, labels) => (pid === null ? [] : timeSample(startedAt, labels)),
  ],
  [
    'stateward_instance_restarts',
    'counter',
    'Starts that became necessary though nobody had asked for them, by reason.',
    restartSamples,
  ],
  [
    'stateward_instance_cpu_seconds',
    'counter',
    'Processor time of the instance and of what it has started.',
    (_, labels, cpuSeconds) => (cpuSeconds === null ? [] : [{ labels, value: cpuSeconds }]),
  ],
  [
    'stateward_instance_memory_bytes',
    'gauge',
    'Resident memory of the instance and of what it has started.',
    ({ memoryBytes }, labels) => (memoryBytes === null ? [] : [{ labels, value: memoryBytes }]),
  ],
  [
    'stateward_instance_last_exit_code',
    'gauge',
    'How its last process ended: the exit code, or 128 and the number of the signal.',
    ({ lastExit }, labels) => exitCodeSample(lastExit, labels),
  ],
  [
    'stateward_instance_last_exit_timestamp_seconds',
    'gauge',
    'When its last process ended.',
    ({ lastExit }, labels) => timeSample(lastExit?.at, labels),
  ],
];

/** What is measured of apps and their instances. `cpuSeconds`: what the processes below a pid have used; null: not known. */
export function appFamilies(
  apps: readonly App[],
  cpuSeconds: (pid: number) => number | null,
): readonly Family[] {
  const named = apps.map((app) => ({ app, labels: { project: app.project, app: app.name } }));
  const ofApps = APP_ROWS.map(([name, type, help, samples]) =>
    family(
      name,
      type,
      help,
      named.flatMap(({ app, labels }) => samples(app, labels)),
    ),
  );
  const instances = named.flatMap(({ app, labels }) =>
    newestBySlot(app.status.instances).map((instance) => ({
      instance,
      labels: { ...labels, slot: String(instance.slot) },
      used: instance.pid === null ? null : cpuSeconds(instance.pid),
    })),
  );
  const ofInstances = [...INSTANCE_ROWS, ...PROCESS_ROWS].map(([name, type, help, samples]) =>
    family(
      name,
      type,
      help,
      instances.flatMap(({ instance, labels, used }) => samples(instance, labels, used)),
    ),
  );
  return [...ofApps, ...ofInstances];
}

/** A process that leaves its slot to a newer one has the labels of that one: a metric has one value. */
function newestBySlot(instances: readonly InstanceStatus[]): readonly InstanceStatus[] {
  return [...new Map(instances.map((instance) => [instance.slot, instance])).values()];
}

/** The version and commit are those of the newest process. */
function appInfo({ namespace, source, status }: App, labels: Labels): Sample {
  const newest = status.instances
    .filter(({ pid }) => pid !== null)
    .toSorted((a, b) => (b.startedAt ?? '').localeCompare(a.startedAt ?? ''))[0];
  return infoSample({
    ...labels,
    namespace: namespace ?? 'default',
    version: newest?.code?.version,
    commit: newest?.code?.commit,
    source: source?.name,
    source_commit: source?.commit,
  });
}

/** Restarts of before their reasons were counted are `unknown`. */
function restartSamples(
  { restarts, restartsByReason = {} }: InstanceStatus,
  labels: Labels,
): readonly Sample[] {
  const counted = Object.entries(restartsByReason);
  const rest = restarts - counted.reduce((sum, [, count]) => sum + count, 0);
  return [
    ...counted,
    ...(rest > 0 || counted.length === 0 ? ([['unknown', Math.max(0, rest)]] as const) : []),
  ].map(([reason, value]) => ({ labels: { ...labels, reason }, value }));
}

function exitCodeSample(lastExit: InstanceStatus['lastExit'], labels: Labels): readonly Sample[] {
  if (lastExit === null) return [];
  const { code, signal } = lastExit;
  const number = signal === null ? undefined : constants.signals[signal as NodeJS.Signals];
  const value = code ?? (number === undefined ? null : 128 + number);
  return value === null ? [] : [{ labels, value }];
}
