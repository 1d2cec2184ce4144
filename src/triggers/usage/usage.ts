import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import type { Live } from '../../lib/values/live.ts';
import { limitedPids, MemoryLimit } from './memory-limit.ts';
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
  readonly intervals: {
    /** From one round of samples to the next while somebody looks, and from one look at a limit to the next; milliseconds. */
    readonly usage: Live<number>;
  };
}

/** While nobody looks, a round comes after so many times the time. */
const UNSEEN = 5;
/** Whoever has asked once may well ask again. */
const ASKED_MS = 30_000;

interface Next {
  readonly kind: 'round' | 'limits';
  /** On the monotonic clock. */
  readonly at: number;
}

/**
 * Samples what every instance and all below it uses, by need, never twice at once: everything once an interval while somebody
 * looks and more rarely otherwise, and the memory of apps with `max_memory_restart` once an interval. Holds it against that limit.
 */
export function usageTrigger({
  clock,
  outlet,
  usage,
  sample = hostSampler(clock),
  intervals,
}: UsageOptions): Trigger {
  let periodMs = intervals.usage.now;
  usage.history.begin(periodMs);
  const limit = new MemoryLimit(outlet);
  let view: TriggerView = { apps: [], instances: [] };
  let limited: readonly number[] = [];
  let state: 'waiting' | 'sampling' | 'closed' = 'waiting';
  let cancel: Cancel = () => undefined;
  // CPU is counted from the first round, so that comes as soon as the processes are known, and the second soon after it.
  let lookedUntil = clock.monotonic() + periodMs;
  let lastRound: number | null = null;
  let lastLook = -Infinity;

  const round = async (): Promise<void> => {
    const at = clock.monotonic();
    const periods = lastRound === null ? 1 : Math.max(1, Math.round((at - lastRound) / periodMs));
    lastRound = at;
    const samples = await sample.all(livePids(view));
    if (isClosed()) return;
    usage.history.record(view.instances, samples, periods);
    usage.publish(samples);
    limit.assess(view, samples);
  };
  const lookAtLimits = async (): Promise<void> => {
    const samples = await sample.memory(limited);
    if (!isClosed()) limit.assess(view, samples);
  };
  const isClosed = (): boolean => state === 'closed';
  const tick = async (kind: Next['kind']): Promise<void> => {
    state = 'sampling';
    lastLook = clock.monotonic();
    // A sampler never rejects.
    await (kind === 'round' ? round() : lookAtLimits());
    if (isClosed()) return;
    state = 'waiting';
    arm();
  };
  const next = (): Next => {
    const isLooked = usage.isFollowed || clock.monotonic() < lookedUntil;
    const period = isLooked ? periodMs : UNSEEN * periodMs;
    const dueAt = lastRound === null ? -Infinity : lastRound + period;
    const limitsAt = limited.length === 0 ? Infinity : lastLook + periodMs;
    return limitsAt < dueAt ? { kind: 'limits', at: limitsAt } : { kind: 'round', at: dueAt };
  };
  const arm = (): void => {
    if (state !== 'waiting') return;
    cancel();
    const { kind, at } = next();
    cancel = clock.after(Math.max(0, at - clock.monotonic()), () => void tick(kind));
  };
  const unsubscribe = usage.onLook(() => {
    lookedUntil = clock.monotonic() + ASKED_MS;
    arm();
  });
  const unfollow = intervals.usage.onChange(() => {
    periodMs = intervals.usage.now;
    usage.history.begin(periodMs);
    arm();
  });
  arm();
  return {
    sync: (now) => {
      view = now;
      const had = limited.length > 0;
      limited = limitedPids(now);
      if (!had && limited.length > 0) arm();
    },
    close: () => {
      state = 'closed';
      unfollow();
      unsubscribe();
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
