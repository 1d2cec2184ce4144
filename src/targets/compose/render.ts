import { findingsBy } from '../model/field-rules.ts';
import { error, type Diagnostic, type Rendered } from '../model/rendered.ts';
import { secretVariables } from '../model/variables.ts';
import { inWaves } from '../model/waves.ts';
import { serviceName, type ComposeApp, type ComposeFile, type ComposeProject } from './model.ts';
import { COMPOSE_RULES } from './rules.ts';
import { composeService } from './service.ts';

export interface RenderedCompose extends Rendered<ComposeFile> {
  /** Names of variables that Compose has to be given. */
  readonly secrets: readonly string[];
}

/** A project as a Compose file, with the services that others depend on first. Pure. */
export function renderCompose(project: ComposeProject): RenderedCompose {
  const { apps, ...rest } = project;
  const others = new Map(apps.map((spec) => [spec.name, spec]));
  const all = inWaves(apps).map((spec): ComposeApp => ({ ...rest, spec, others }));
  const taken = new Map<string, string>();
  const diagnostics = all.flatMap((app): readonly Diagnostic[] => {
    const name = serviceName(app.spec.name);
    const other = taken.get(name);
    taken.set(name, other ?? app.spec.name);
    const findings = [
      ...findingsBy(COMPOSE_RULES, app),
      ...(other === undefined
        ? []
        : [error('name', `its service would be called ${name} there, as that of ${other} is`)]),
    ];
    return findings.map((finding) => ({ project: project.project, app: app.spec.name, ...finding }));
  });
  const services = Object.fromEntries(all.map((app) => [serviceName(app.spec.name), composeService(app)]));
  const secrets = all.flatMap(({ spec }) =>
    secretVariables(spec).filter((name) => spec.env_from[name]?.optional !== true),
  );
  return {
    objects: [{ name: projectName(project.project), services }],
    diagnostics,
    secrets: [...new Set(secrets)].sort(),
  };
}

/** Compose: small letters, digits, dashes and underscores, a letter or digit first. */
function projectName(project: string): string {
  return (
    project
      .toLowerCase()
      .replace(/[^a-z0-9_-]+/g, '-')
      .replace(/^[-_]+/, '') || 'project'
  );
}
