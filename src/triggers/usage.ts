import type { Cancel, Clock } from '../lib/clock.ts';

/** What one process used: CPU in percent of one processor since the sample before, resident memory in bytes. */
export interface UsageSample {
  readonly cpuPercent: number;
  readonly memoryBytes: number;
}

export interface UsageOptions {
  readonly clock: Clock;
  readonly periodMs: number;
  /** The processes to look at now. */
  readonly pids: () => readonly number[];
  readonly onSamples: (samples: ReadonlyMap<number, UsageSample>) => void;
}

/** Samples the usage of processes, never two samples at once. Returns the way to end it. */
export function startUsageSampling(options: UsageOptions): Cancel {
  let cancelled = false;
  let cancelTimer: Cancel | undefined;
  const tick = async (): Promise<void> => {
    const samples = await sample(options.pids());
    if (cancelled) return;
    options.onSamples(samples);
    arm();
  };
  const arm = (): void => {
    // sample() never rejects.
    cancelTimer = options.clock.after(options.periodMs, () => void tick());
  };
  void tick();
  return () => {
    cancelled = true;
    cancelTimer?.();
  };
}

async function sample(pids: readonly number[]): Promise<ReadonlyMap<number, UsageSample>> {
  const samples = new Map<number, UsageSample>();
  if (pids.length === 0) return samples;
  const { default: pidusage } = await import('pidusage');
  try {
    for (const [pid, stat] of Object.entries(await pidusage([...pids]))) {
      // A process that ended meanwhile has no entry of its own.
      if (isStat(stat)) samples.set(Number(pid), { cpuPercent: stat.cpu, memoryBytes: stat.memory });
    }
  } catch {
    // No process of the list was there any more: nothing to report.
  }
  return samples;
}

function isStat(stat: unknown): stat is { cpu: number; memory: number } {
  return typeof stat === 'object' && stat !== null && 'cpu' in stat && 'memory' in stat;
}
