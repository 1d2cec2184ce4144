import { createHash } from 'node:crypto';
import { canonicalJson } from '../lib/canonical-json.ts';
import { specDefault } from './defaults.ts';
import { APP_FIELDS } from './generated/fields.ts';
import type { AppSpec, ProjectSpec } from './types.ts';

/**
 * Hash over what needs a new process when it changes: 32 hex digits. Fields that have their default take no part, so
 * that a new field of a later version restarts nothing.
 */
export function templateHash(spec: AppSpec): string {
  const declared = Object.entries(spec).filter(
    ([field, value]) =>
      APP_FIELDS[field]?.class === 'template' &&
      canonicalJson(value) !== canonicalJson(specDefault(field as keyof AppSpec)),
  );
  return digest(Object.fromEntries(declared));
}

/**
 * Hash over everything that a project declares: 32 hex digits. The order of the apps and where the file lies take no
 * part.
 */
export function projectHash(project: ProjectSpec): string {
  const apps = Object.fromEntries(project.apps.map((app) => [app.name, app]));
  return digest({ project: project.project, apps });
}

function digest(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 32);
}
