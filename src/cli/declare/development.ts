import type { AppSpec, ProjectSpec } from '../../spec/types.ts';

/**
 * An app as somebody works on it: it is watched, it says that it is in development, it goes on after any number of
 * crashes and broken versions, and its lines go to the terminal and to no log file of the project.
 */
export function inDevelopment(
  project: ProjectSpec,
  { ignored }: { readonly ignored: readonly string[] },
): ProjectSpec {
  return { ...project, apps: project.apps.map((spec) => developed(spec, ignored)) };
}

function developed(spec: AppSpec, ignored: readonly string[]): AppSpec {
  return {
    ...spec,
    env: { NODE_ENV: 'development', ...spec.env },
    // Files that are served are read with every request.
    watch: spec.serve === null && spec.watch === false ? true : spec.watch,
    ignore_watch: [...spec.ignore_watch, ...ignored],
    max_restarts: null,
    rollout: { ...spec.rollout, on_failure: 'continue' },
    ...{ out_file: null, error_file: null, log_file: null },
  };
}
