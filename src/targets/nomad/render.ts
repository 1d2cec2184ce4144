import { findingsBy } from '../model/field-rules.ts';
import { error, type Diagnostic, type Rendered } from '../model/rendered.ts';
import { secretVariables } from '../model/variables.ts';
import { inWaves } from '../model/waves.ts';
import { nomadJob } from './job.ts';
import { jobId, type NomadApp, type NomadJob, type NomadProject } from './model.ts';
import { NOMAD_RULES } from './rules.ts';
import { variablePath } from './task.ts';

/** A variable of Nomad that a job reads, which nobody here writes. */
export interface NeededVariable {
  readonly path: string;
  readonly keys: readonly string[];
}

export interface RenderedNomad extends Rendered<NomadJob> {
  readonly secrets: readonly NeededVariable[];
}

/** Projects as jobs of Nomad, those that others depend on first. Pure. */
export function renderNomad(projects: readonly NomadProject[]): RenderedNomad {
  const apps = projects.flatMap(({ apps: specs, ...project }) =>
    inWaves(specs).map((spec): NomadApp => ({ ...project, spec, id: jobId(project.project, spec.name) })),
  );
  const taken = new Map<string, NomadApp>();
  return {
    objects: apps.map(nomadJob),
    diagnostics: apps.flatMap((app) => {
      const other = taken.get(app.id);
      if (other === undefined) taken.set(app.id, app);
      const clash =
        other === undefined
          ? []
          : [
              error(
                'name',
                `its job would be called ${app.id} there, as that of ${other.project}/${other.spec.name} is`,
              ),
            ];
      return [...findingsBy(NOMAD_RULES, app), ...clash].map((finding): Diagnostic => ({
        project: app.project,
        app: app.spec.name,
        ...finding,
      }));
    }),
    secrets: apps.flatMap((app) => {
      const keys = secretVariables(app.spec).filter((name) => app.spec.env_from[name]?.optional !== true);
      return keys.length === 0 ? [] : [{ path: variablePath(app), keys }];
    }),
  };
}
