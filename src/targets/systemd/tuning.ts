import type { AppSpec } from '../../spec/types.ts';
import type { Setting } from './text.ts';

/** What an app has of the host. */
export function tuning(spec: AppSpec): readonly Setting[] {
  const { limits, max_memory_restart, nice, ionice, oom_score_adj, cpu_affinity, rlimits } = spec;
  const [ioClass = null, ioPriority = null] = ionice?.split(':') ?? [];
  return [
    ['MemoryMax', limits?.memory ?? max_memory_restart],
    ['CPUQuota', limits?.cpu == null ? null : `${Math.ceil(limits.cpu * 100)}%`],
    ['TasksMax', limits?.pids ?? null],
    ['Nice', nice],
    ['IOSchedulingClass', ioClass],
    ['IOSchedulingPriority', ioPriority],
    ['OOMScoreAdjust', oom_score_adj],
    ['CPUAffinity', cpu_affinity],
    ...Object.entries(rlimits ?? {}).map(([name, value]): Setting => [
      `Limit${name.toUpperCase()}`,
      value.replaceAll('unlimited', 'infinity'),
    ]),
  ];
}
