import type { DaemonStatus } from '../../api/contract/wire/daemon.ts';
import type { Family, Sample } from '../../api/contract/wire/metrics.ts';
import type { ReceiverList } from '../../api/contract/wire/notify/receivers.ts';
import type { SourceInfo, SourceList } from '../../api/contract/wire/sources/sources.ts';
import { family, infoSample, timeSample } from './samples.ts';

/** What one of our own processes uses. */
export interface OwnUse {
  readonly process: 'controller' | 'runner';
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
  /** NaN: not known. */
  readonly openFiles: number;
  /** In milliseconds since 1970. */
  readonly startedAt: number;
}

/** What is measured of our own processes, of git sources, and of those who are told. */
export function hostFamilies(
  status: DaemonStatus,
  own: readonly OwnUse[],
  { items: sources }: SourceList,
  { items: receivers }: ReceiverList,
): readonly Family[] {
  const of = (value: (use: OwnUse) => number): readonly Sample[] =>
    own.map((use) => ({ labels: { process: use.process }, value: value(use) }));
  const one = (value: number): readonly Sample[] => [{ labels: {}, value }];
  const { controller, runner } = status;
  return [
    family('stateward', 'info', 'Which stateward runs.', [
      infoSample({
        version: controller?.version,
        build: controller?.build,
        runner_version: runner?.version,
        runner_build: runner?.build,
        node: process.version,
      }),
    ]),
    family('stateward_runner_up', 'gauge', 'Whether the runner does what it is told to.', [
      { labels: {}, value: runner === null || status.problem !== undefined ? 0 : 1 },
    ]),
    family(
      'stateward_state_written',
      'gauge',
      'Whether everything that is known is on disk.',
      one(status.unwritten === undefined ? 1 : 0),
    ),
    family(
      'stateward_process_cpu_seconds',
      'counter',
      'Processor time of our own processes.',
      of(({ cpuSeconds }) => cpuSeconds),
    ),
    family(
      'stateward_process_resident_memory_bytes',
      'gauge',
      'Resident memory of our own processes.',
      of(({ memoryBytes }) => memoryBytes),
    ),
    family(
      'stateward_process_open_fds',
      'gauge',
      'Open descriptors of our own processes.',
      of(({ openFiles }) => openFiles),
    ),
    family(
      'stateward_process_start_time_seconds',
      'gauge',
      'When our own processes were started.',
      of(({ startedAt }) => startedAt / 1000),
    ),
    ...sourceFamilies(sources),
    family(
      'stateward_receiver_failing',
      'gauge',
      'Whether who is to be told is not reached.',
      receivers.map(({ name, status: { failing } }) => ({
        labels: { receiver: name },
        value: failing === null ? 0 : 1,
      })),
    ),
    family(
      'stateward_receiver_messages',
      'counter',
      'Messages to receivers, by what became of them.',
      receivers.flatMap(({ name, status: { counts } }) =>
        Object.entries(counts).map(([outcome, value]) => ({ labels: { receiver: name, outcome }, value })),
      ),
    ),
  ];
}

function sourceFamilies(sources: readonly SourceInfo[]): readonly Family[] {
  return [
    family(
      'stateward_source',
      'info',
      'The versions of a source.',
      sources.map(({ name, status: { head, applied, lastGood } }) =>
        infoSample({
          source: name,
          head: head?.version,
          applied: applied?.version,
          last_good: lastGood?.version,
        }),
      ),
    ),
    family(
      'stateward_source_stage',
      'gauge',
      'Stages of the version that a source is at: 1 good, 0 bad; none: not known.',
      sources.flatMap(({ name, status: { conditions } }) =>
        conditions.map(({ type, status }) => ({
          labels: { source: name, stage: type },
          value: status === 'True' ? 1 : status === 'False' ? 0 : NaN,
        })),
      ),
    ),
    family(
      'stateward_source_suspended',
      'gauge',
      'Whether somebody has suspended the source.',
      sources.map(({ name, status: { suspended } }) => ({
        labels: { source: name },
        value: suspended === null ? 0 : 1,
      })),
    ),
    family(
      'stateward_source_applied_timestamp_seconds',
      'gauge',
      'When a version of the source was accepted last.',
      sources.flatMap(({ name, status: { applied } }) => timeSample(applied?.at, { source: name })),
    ),
  ];
}
