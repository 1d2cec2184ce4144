import { dependencyEdges } from '../../spec/dependencies.ts';
import type { AppSpec } from '../../spec/types.ts';
import type { Diagnostic, Finding, Rendered } from '../model/rendered.ts';
import { commandFindings } from './pod/command.ts';
import { configMap, environmentFindings, neededSecret, type NeededSecret } from './pod/environment.ts';
import { fileFindings } from './pod/files-and-logs.ts';
import { cronJob, job, jobFindings } from './workload/job.ts';
import { lifecycleFindings } from './pod/lifecycle.ts';
import { metadataFindings } from './workload/metadata.ts';
import { nameDiagnostics, objectName } from './names.ts';
import type { KubernetesObject } from './objects.ts';
import { portFindings } from './pod/ports.ts';
import { probeFindings } from './pod/probes.ts';
import { resourceFindings } from './pod/resources.ts';
import { disruptionBudget, service } from './workload/service.ts';
import type { KubernetesApp, KubernetesProject } from './settings.ts';
import { inWaves } from './waves.ts';
import { deployment, hasSlots, statefulSet, workloadFindings } from './workload/workload.ts';

export interface RenderedKubernetes extends Rendered<KubernetesObject> {
  /** Secrets that the objects refer to, which are not among them. */
  readonly secrets: readonly NeededSecret[];
}

/**
 * A project as objects of Kubernetes, those that others depend on first. Pure: the same project gives the same objects, in
 * whatever order its apps are. With an error among the diagnostics the objects are not to be applied.
 */
export function renderKubernetes(project: KubernetesProject): RenderedKubernetes {
  const apps = inWaves(project.apps).map((spec) => appOf(project, spec));
  const diagnostics = apps.flatMap((app) =>
    findings(app).map((finding): Diagnostic => ({ app: app.spec.name, ...finding })),
  );
  return {
    objects: apps.flatMap(objectsOf),
    diagnostics: [...nameDiagnostics({ apps: apps.map(({ spec }) => spec) }), ...diagnostics],
    secrets: apps.map(neededSecret).filter((secret) => secret !== null),
  };
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
    ...workloadFindings(app),
    ...commandFindings(app),
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
