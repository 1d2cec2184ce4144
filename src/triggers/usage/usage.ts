import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import { MemoryLimit } from './memory-limit.ts';
import { procSampler, singleProcessSampler, type UsageSampler } from './sample-usage.ts';
import type { UsageTable } from './usage-table.ts';
import type { Trigger, TriggerOutlet, TriggerView } from '../trigger.ts';

export interface UsageOptions {
  readonly clock: Clock;
  readonly outlet: TriggerOutlet;
  /** Where every round of samples is published. */
  readonly usage: UsageTable;
  /** Absent: the sampler of this host. */
  readonly sample?: UsageSampler;
}

/** From one round of samples to the next. */
export const PERIOD_MS = 2_000;

/**
 * Samples what every instance and all below it uses, never two rounds at once, and holds it against
 * `max_memory_restart`.
 */
export function usageTrigger({ clock, outlet, usage, sample = hostSampler(clock) }: UsageOptions): Trigger {
  const limit = new MemoryLimit(outlet);
  let view: TriggerView = { apps: [], instances: [] };
  let closed = false;
  let cancel: Cancel;
  const tick = async (): Promise<void> => {
    const samples = await sample(livePids(view));
    if (closed) return;
    usage.history.record(view.instances, samples);
    usage.publish(samples);
    limit.assess(view, samples);
    arm();
  };
  const arm = (): void => {
    // A sampler never rejects.
    cancel = clock.after(PERIOD_MS, () => void tick());
  };
  // CPU is counted from the first round, so that comes as soon as the processes are known.
  cancel = clock.after(0, () => void tick());
  return {
    sync: (next) => (view = next),
    close: () => {
      closed = true;
      cancel();
    },
  };
}

function hostSampler(clock: Clock): UsageSampler {
  return process.platform === 'linux' ? procSampler(() => clock.monotonic()) : singleProcessSampler;
}

function livePids({ instances }: TriggerView): readonly number[] {
  return instances.flatMap(({ state, pid }) => (state === 'exited' || pid === null ? [] : [pid]));
}
