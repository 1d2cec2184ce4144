import { validate } from '../generated/validate.js';
import type { Plain } from './root-form.ts';
import { schemaProblems, type SchemaProblem } from './validation-failures.ts';

/** What the schema refuses of an app; `app` has canonical keys, and paths start at it. */
export function refusedSettings(app: Plain): readonly SchemaProblem[] {
  return problemsOf({ apps: [{ script: 'script', ...app }] });
}

/** What the schema refuses of the root beside the apps. */
export function refusedOfRoot(rest: Plain): readonly SchemaProblem[] {
  return problemsOf({ ...rest, apps: [] });
}

function problemsOf(value: Plain): readonly SchemaProblem[] {
  return validate(value) ? [] : schemaProblems(validate.errors ?? [], value);
}
