import type { WaitTarget } from '../../api/contract/wire/apply.ts';
import type { DesiredApp } from '../../plan/model/desired.ts';
import { fallbackOf } from '../../plan/model/rollout.ts';
import { completionsOf } from '../../spec/dependencies.ts';
import { desiredApps } from '../../state/desired/desired.ts';
import type { Projects } from '../../state/desired/reducer.ts';

/** The rollouts that fail with a job: those of apps that have something to go back to, or wait for a person. */
export function releasesOf(job: DesiredApp, candidate: Projects): Pick<WaitTarget, 'releases'> {
  if (job.spec.run !== 'every_release') return {};
  const releases = desiredApps(candidate)
    .filter(
      ({ project, spec, rollout }) =>
        project === job.project &&
        rollout !== undefined &&
        fallbackOf(rollout, spec) !== null &&
        completionsOf(spec).includes(job.spec.name),
    )
    .map(({ key }) => key);
  return releases.length === 0 ? {} : { releases };
}
