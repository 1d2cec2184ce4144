import { dependencyEdges } from '../../spec/dependencies.ts';
import type { AppSpec } from '../../spec/types.ts';
import { error, type Diagnostic, type Finding, type Rendered } from '../model/rendered.ts';
import { commandFindings } from '../container/command.ts';
import { configMap, environmentFindings, neededSecret, type NeededSecret } from './pod/environment.ts';
import { fileFindings } from './pod/files-and-logs.ts';
import { cronJob, job, jobFindings } from './workload/job.ts';
import { lifecycleFindings } from './pod/lifecycle.ts';
import { metadataFindings } from './workload/metadata.ts';
import { nameFindings, objectName } from './names.ts';
import type { KubernetesObject } from './objects.ts';
import { portFindings } from './pod/ports.ts';
import { probeFindings } from './pod/probes.ts';
import { resourceFindings } from './pod/resources.ts';
import { disruptionBudget, service } from './workload/service.ts';
import { inContainer, type KubernetesApp, type KubernetesProject } from './settings.ts';
import { inWaves } from '../model/waves.ts';
import { deployment, hasSlots, statefulSet, workloadFindings } from './workload/workload.ts';

export interface RenderedKubernetes extends Rendered<KubernetesObject> {
  /** Secrets that the objects refer to, which are not among them. */
  readonly secrets: readonly NeededSecret[];
}

/**
 * Projects as objects of Kubernetes, those that others depend on first. Pure: the same projects give the same objects, in
 * whatever order their apps are. With an error among the diagnostics the objects are not to be applied.
 */
export function renderKubernetes(projects: readonly KubernetesProject[]): RenderedKubernetes {
  const apps = projects.flatMap((project) =>
    inWaves(project.apps).map((spec) => {
      const app = appOf(project, spec);
      return { app, objects: objectsOf(app) };
    }),
  );
  const taken = new Map<string, KubernetesApp>();
  return {
    objects: apps.flatMap(({ objects }) => objects),
    diagnostics: apps.flatMap(({ app, objects }) =>
      [...findings(app), ...objects.flatMap((object) => takenBefore(object, app, taken))].map(
        (finding): Diagnostic => ({ project: app.project, app: app.spec.name, ...finding }),
      ),
    ),
    secrets: apps.map(({ app }) => neededSecret(app)).filter((secret) => secret !== null),
  };
}

/** Two objects of one kind and name would be one, of which either app has the other's. */
function takenBefore(
  { kind, metadata }: KubernetesObject,
  app: KubernetesApp,
  taken: Map<string, KubernetesApp>,
): readonly Finding[] {
  const key = `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
  const other = taken.get(key);
  if (other === undefined) {
    taken.set(key, app);
    return [];
  }
  const message = `its ${kind} would be called ${metadata.name} there, as one of ${other.project}/${other.spec.name} is`;
  return [error('name', message, 'give one of them another name')];
}

function appOf({ apps, ...project }: KubernetesProject, spec: AppSpec): KubernetesApp {
  const waits = (other: AppSpec): boolean =>
    dependencyEdges(other).some(({ name, condition }) => name === spec.name && condition === 'completed');
  const releases = spec.run === 'every_release' ? apps.filter(waits) : [];
  const byName = releases.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return { ...project, spec, name: objectName(spec.name), releases: byName };
}

function findings(app: KubernetesApp): readonly Finding[] {
  const { spec } = app;
  return [
    ...nameFindings(app),
    ...workloadFindings(app),
    ...commandFindings(inContainer(app)),
    ...environmentFindings(app),
    ...portFindings(spec),
    ...probeFindings(app),
    ...lifecycleFindings(app),
    ...jobFindings(app),
    ...resourceFindings(spec),
    ...fileFindings(spec),
    ...metadataFindings(app),
  ];
}

function objectsOf(app: KubernetesApp): readonly KubernetesObject[] {
  const { schedule, autorestart } = app.spec;
  const map = configMap(app);
  if (schedule !== null) return present(map, cronJob(app));
  if (!autorestart) return present(map, job(app));
  const slots = hasSlots(app);
  return present(
    map,
    service(app, 'shared'),
    slots ? service(app, 'headless') : null,
    slots ? statefulSet(app) : deployment(app),
    disruptionBudget(app),
  );
}

function present(...objects: readonly (KubernetesObject | null)[]): readonly KubernetesObject[] {
  return objects.filter((object) => object !== null);
}
