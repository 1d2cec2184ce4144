import type { App } from '../../../api/contract/wire/apps.ts';
import { renderYaml } from '../yaml.ts';

/**
 * Apps as an ecosystem file that can be applied again: one YAML document a project. Secrets stay as the daemon gave
 * them, so they are redacted unless they were asked for.
 */
export async function renderEcosystem(apps: readonly App[]): Promise<string> {
  const { denormaliseApp } = await import('../../../spec/normalise/denormalise.ts');
  const { escapeApp } = await import('../../../spec/escape-app.ts');
  const projects = new Map<string, unknown[]>();
  for (const { project, spec } of apps) {
    if (spec === null) continue;
    projects.set(project, [...(projects.get(project) ?? []), escapeApp(denormaliseApp(spec))]);
  }
  const documents: string[] = [];
  for (const [project, entries] of projects) documents.push(await renderYaml({ project, apps: entries }));
  return documents.join('---\n');
}
