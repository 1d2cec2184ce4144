import type { Tuning } from '../../protocol/orders.ts';
import { ioniceArgs, prlimitArgs } from '../../tuning/commands.ts';
import type { Prefix } from './prefix.ts';

/**
 * The programs that give a process its tuning before it is the app, so that nothing of the app ever runs without. The
 * resource limits come last: they hold for the programs in front too. `ownNice`: that of the runner, to which nice(1) adds.
 */
export function tuned(tuning: Tuning | undefined, ownNice: number): readonly Prefix[] {
  const { nice, ionice, oomScoreAdj, rlimits = {}, cpus } = tuning ?? {};
  const limits = prlimitArgs(rlimits);
  return [
    ...(oomScoreAdj === undefined
      ? []
      : [of('oom_score_adj', 'choom', ['-n', String(oomScoreAdj), '--'], 'util-linux (2.33 or later)')]),
    ...(nice === undefined ? [] : [of('nice', 'nice', ['-n', String(nice - ownNice)], 'coreutils')]),
    ...(ionice === undefined ? [] : [of('ionice', 'ionice', ioniceArgs(ionice), 'util-linux')]),
    ...(cpus === undefined ? [] : [of('cpu_affinity', 'taskset', ['-c', cpus], 'util-linux')]),
    ...(limits.length === 0 ? [] : [of('rlimits', 'prlimit', [...limits, '--'], 'util-linux')]),
  ];
}

function of(key: string, program: string, args: readonly string[], from: string): Prefix {
  return { key, program, args, need: `${program}(1) of ${from} is needed: install it` };
}
