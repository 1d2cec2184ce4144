import type { TargetName } from '../../api/contract/target-names.ts';
import type { OpenTarget } from './opening.ts';

/**
 * Every place that a verb can be about: its folder below `src/targets`, and a line here that loads it.
 *
 * The host has a line and nothing to open. A `Target` does in the process of a command what is to be done, looks at what came
 * of it, and is gone: between two commands nothing of stateward stands beside a cluster. On the host that is the daemon, which
 * plans and applies in its own process, goes on when the command has ended, and mends without being asked; verbs of the host
 * are requests to it, and more than a `Target` has (revisions, drift, pauses). As a `Target` it would be a second planner in the
 * command, which the first one overtakes.
 */
export const TARGETS: Readonly<Record<TargetName, (() => Promise<OpenTarget>) | null>> = {
  host: null,
  kubernetes: async () => (await import('./open.ts')).openKubernetesTarget,
};
