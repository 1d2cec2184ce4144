import type { Cancel, Clock } from '../../lib/clock.ts';
import { MemoryLimit } from './memory-limit.ts';
import type { UsageSample, UsageSampler } from './sample-usage.ts';
import type { Trigger, TriggerOutlet, TriggerView } from '../trigger.ts';

export type { UsageSample } from './sample-usage.ts';

export interface UsageOptions {
  readonly clock: Clock;
  readonly periodMs: number;
  readonly sample: UsageSampler;
  readonly outlet: TriggerOutlet;
  /** Gets every round of samples, by the pid of the instance. */
  readonly onSamples: (samples: ReadonlyMap<number, UsageSample>) => void;
}

/**
 * Samples what every instance and all below it uses, never two rounds at once, and holds it against
 * `max_memory_restart`.
 */
export function usageTrigger({ clock, periodMs, sample, outlet, onSamples }: UsageOptions): Trigger {
  const limit = new MemoryLimit(outlet);
  let view: TriggerView = { apps: [], instances: [] };
  let closed = false;
  let cancel: Cancel;
  const tick = async (): Promise<void> => {
    const samples = await sample(livePids(view));
    if (closed) return;
    onSamples(samples);
    limit.judge(view, samples);
    arm();
  };
  const arm = (): void => {
    // A sampler never rejects.
    cancel = clock.after(periodMs, () => void tick());
  };
  // The first round is what CPU is counted from, so it comes as soon as the processes are known.
  cancel = clock.after(0, () => void tick());
  return {
    sync: (next) => (view = next),
    close: () => {
      closed = true;
      cancel();
    },
  };
}

function livePids({ instances }: TriggerView): readonly number[] {
  return instances.flatMap(({ state, pid }) => (state === 'exited' || pid === null ? [] : [pid]));
}
