import { FailureError } from '../../lib/failure.ts';
import { splitAppKey } from '../../lib/app-key.ts';
import { filesNamed } from '../declare/file-target.ts';
import { choiceText, chosenHere, projectHere } from '../declare/here.ts';
import { readAsApplied } from '../variants/recorded.ts';
import type { OfflineApi } from '../session/api.ts';
import type { CliContext } from '../session/context.ts';
import { usageError } from '../session/failures.ts';
import { findSubject, onlyProject } from './revision-subject.ts';
import type { RevisionSubject } from './revision-subject.ts';

interface Named {
  readonly api: OfflineApi;
  readonly context: CliContext;
  readonly note: (line: string) => void;
}

/** Like `findSubject`; also takes an ecosystem file, and resolves an ambiguous name to the project of this folder. */
export async function subjectNamed(given: string, { api, context, note }: Named): Promise<RevisionSubject> {
  const files = filesNamed([given], () => context.cwd);
  if (files !== null) return projectOfFiles(files, { api, context });
  try {
    return await findSubject(given, api);
  } catch (error) {
    const ambiguous = error instanceof FailureError ? error.failures[0] : undefined;
    // The apps that have that name, less what is said of each; a project of that name stands among them as `name/`.
    const details = ambiguous?.details?.map((detail) => detail.replace(/ \(an app\)$/, ''));
    if (ambiguous === undefined || details === undefined) throw error;
    const chosen = await chosenHere([given], { ...ambiguous, details }, { api, folder: context.cwd });
    if (chosen === null) throw error;
    note(choiceText(chosen));
    return { project: splitAppKey(chosen.app).project, app: chosen.app };
  }
}

/** Like `onlyProject`; of several projects it takes the one of this folder. */
export async function projectMeant({ api, context, note }: Named): Promise<RevisionSubject> {
  try {
    return await onlyProject(api);
  } catch (error) {
    const several = error instanceof FailureError ? error.failures[0] : undefined;
    if (several?.code !== 'SELECTOR_AMBIGUOUS') throw error;
    const project = await projectHere(several.details ?? [], { api, folder: context.cwd });
    if (project === null) throw error;
    note(`the project of this folder is ${project}`);
    return { project, app: null };
  }
}

async function projectOfFiles(
  files: readonly string[],
  host: Pick<Named, 'api' | 'context'>,
): Promise<RevisionSubject> {
  const { projects } = await readAsApplied(files, {}, host);
  const [only, second] = projects;
  if (only !== undefined && second === undefined) return { project: only.project, app: null };
  throw usageError(`${files.join(', ')} declares ${projects.length} projects`, 'name one of them');
}
