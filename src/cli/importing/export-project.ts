import type { App } from '../../api/contract/wire/apps.ts';
import type { RevisionDetail } from '../../api/contract/wire/revisions.ts';
import { exportedApp, hasSecretsBeside, type SecretsPlace } from '../../import/export/exported-app.ts';
import type { Imported, ImportedApp, Note } from '../../import/model/imported.ts';
import { FailureError } from '../../lib/failure.ts';
import { redactSpec } from '../../spec/secrets/redact.ts';
import type { AppSpec } from '../../spec/types.ts';

/** The project that is meant; the only one where none is named. Throws. */
export function projectMeant(named: string | undefined, apps: readonly App[]): string {
  const projects = [...new Set(apps.map(({ project }) => project))].sort();
  const [only, ...more] = projects;
  if (only === undefined) {
    throw new FailureError({
      code: 'NOT_FOUND',
      message: 'no app is desired here',
      hint: 'stateward init writes a first file, stateward import takes over what runs elsewhere',
    });
  }
  if (named === undefined && more.length === 0) return only;
  if (named !== undefined && projects.includes(named)) return named;
  throw new FailureError({
    code: named === undefined ? 'USAGE' : 'SELECTOR_NOT_FOUND',
    message:
      named === undefined ? 'there is more than one project: name one' : `there is no project ${named}`,
    hint: `stateward export ${only}`,
    details: [`projects: ${projects.join(', ')}`],
  });
}

/** How it is printed. `hidden`: secrets beside variables are redacted, and the file is not the whole truth. */
export type Secrets = SecretsPlace | 'hidden';

/** Apps of one project as a file, with where they came from. */
export function exportProject(
  project: string,
  apps: readonly App[],
  revision: RevisionDetail | null,
  secrets: Secrets,
): Imported {
  const exported = apps.flatMap((app): readonly ImportedApp[] => {
    if (app.spec === null) return [];
    const spec = secrets === 'hidden' ? withRedacted(app.spec) : app.spec;
    const place = secrets === 'in-file' ? 'in-file' : 'apart';
    return [exportedApp(asScaled(spec, app), overrideNotes(app), place)];
  });
  return { apps: exported, root: {}, head: originLines(project, revision), warnings: [] };
}

/** Names of apps that hold secrets elsewhere than in their variables. */
export function appsWithSecretsBeside(apps: readonly App[]): readonly string[] {
  return apps.filter(({ spec }) => spec !== null && hasSecretsBeside(spec)).map(({ name }) => name);
}

function withRedacted(spec: AppSpec): AppSpec {
  return { ...redactSpec(spec), env: spec.env };
}

/** What somebody scaled it to is what is desired. */
function asScaled(spec: AppSpec, { status: { override } }: App): AppSpec {
  return override?.instances === undefined ? spec : { ...spec, instances: override.instances };
}

function overrideNotes({ status: { override } }: App): readonly Note[] {
  if (override === null) return [];
  const notes: Note[] = [];
  if (override.instances !== undefined) {
    notes.push({ kind: 'advice', field: 'instances', text: `scaled by ${override.by}, ${override.at}` });
  }
  if (override.run === 'stopped') {
    const text = `stopped by ${override.by}, ${override.at}: applying this file starts it`;
    notes.push({ kind: 'advice', field: null, text });
  }
  return notes;
}

function originLines(project: string, revision: RevisionDetail | null): readonly string[] {
  if (revision === null) return [];
  const { source } = revision.spec;
  const files = source.files.length === 0 ? 'by hand' : `in ${source.files.join(', ')}`;
  const env = source.env === null ? '' : ` --env ${source.env}`;
  return [
    `${project}, revision ${revision.revision} of ${revision.at}, declared ${files}${env} by ${revision.by}.`,
    'Variables are as they were resolved then: those of env_file and inherit_env stand in env, or in a file of secrets.',
  ];
}
