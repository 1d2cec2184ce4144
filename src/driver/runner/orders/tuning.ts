import type { Rlimit, Tuning } from '../../../runner/protocol/orders.ts';
import type { AppSpec } from '../../../spec/types.ts';

/** What the processes of an app are to have of the host, as the runner is told; empty: nothing. */
export function tuningOf(spec: AppSpec): Tuning {
  const { nice, ionice, oom_score_adj, rlimits, cpu_affinity } = spec;
  return {
    ...(nice !== null && { nice }),
    ...(ionice !== null && { ionice: readIonice(ionice) }),
    ...(oom_score_adj !== null && { oomScoreAdj: oom_score_adj }),
    ...(rlimits !== null && { rlimits: readRlimits(rlimits) }),
    ...(cpu_affinity !== null && { cpus: cpu_affinity }),
  };
}

/** `best-effort:7`. */
function readIonice(text: string): NonNullable<Tuning['ionice']> {
  const [name, priority] = text.split(':');
  return {
    class: name as NonNullable<Tuning['ionice']>['class'],
    priority: priority === undefined ? null : Number(priority),
  };
}

function readRlimits(rlimits: Readonly<Record<string, string>>): Record<string, Rlimit> {
  return Object.fromEntries(Object.entries(rlimits).map(([name, text]) => [name, readRlimit(text)]));
}

/** `1024:4096`, or one for both. */
function readRlimit(text: string): Rlimit {
  const [soft = '', hard = soft] = text.split(':');
  const read = (limit: string): number | null => (limit === 'unlimited' ? null : Number(limit));
  return { soft: read(soft), hard: read(hard) };
}
