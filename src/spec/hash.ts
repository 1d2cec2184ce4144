import { digestOf, digestPieces } from '../lib/values/digest.ts';
import { sameValue } from '../lib/values/same-value.ts';
import type { Pieces } from '../lib/turns/pieces.ts';
import { specDefault } from './defaults.ts';
import { portTemplate } from './ports/port-template.ts';
import { APP_FIELDS } from './generated/fields.ts';
import type { AppSpec, ProjectSpec } from './types.ts';

/** `env_from` is a part of `env` in a file. */
const TEMPLATE_FIELDS = (['env_from', ...Object.keys(APP_FIELDS)] as (keyof AppSpec)[])
  .filter((field) => field === 'env_from' || APP_FIELDS[field]?.class === 'template')
  .toSorted();

/**
 * Hash over what needs a new process when it changes: 32 hex digits. Fields that have their default take no part, so
 * that a new field of a later version restarts nothing.
 */
export function templateHash(spec: AppSpec): string {
  const declared: Partial<Record<keyof AppSpec, unknown>> = {};
  for (const field of TEMPLATE_FIELDS) {
    const value = field === 'ports' ? portTemplate(spec) : spec[field];
    if (!sameValue(value, specDefault(field))) declared[field] = value;
  }
  return digestOf(declared);
}

/**
 * Hash over everything that a project declares: 32 hex digits. The order of the apps and where the file lies take no
 * part.
 */
export function projectHash(project: ProjectSpec): Pieces<string> {
  const apps = Object.fromEntries(project.apps.map((app) => [app.name, app]));
  return digestPieces({ project: project.project, apps }, 2);
}
