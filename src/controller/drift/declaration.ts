import type { Condition } from '../../plan/model/health.ts';
import { REASONS } from '../../plan/model/reasons.ts';
import { REDACTED } from '../../spec/secrets/redact.ts';
import type { ProjectSource } from '../../spec/types.ts';
import type { ProjectRecord } from '../../state/model/types.ts';
import type { FileNow } from './file-hashes.ts';

/** A file that is not as it was when the project was applied. */
export interface ChangedFile {
  readonly path: string;
  readonly now: FileNow;
}

/** What is said of the ecosystem files of a project; null: they are as they were applied. */
export function declarationCondition(
  { project, source, readFrom }: Pick<ProjectRecord, 'project' | 'source' | 'readFrom'>,
  changed: readonly ChangedFile[],
): Condition | null {
  const [first] = changed;
  if (first === undefined) return null;
  const gone = changed.filter(({ now }) => now.kind === 'gone').map(({ path }) => path);
  if (gone.length > 0) {
    const message =
      `${gone.join(', ')}: ${REASONS.DeclarationGone}; put it back, apply it from where it is now, or have it written ` +
      `again: stateward export ${project} -o FILE`;
    return { type: 'Declaration', status: 'False', reason: 'DeclarationGone', message };
  }
  const words = wordsOf(source);
  const when = readFrom === undefined ? '' : `, applied at ${timeText(readFrom.at)}`;
  const files = changed.map(({ path, now }) => `${path}${changedText(now)}`).join(', ');
  const message =
    `${files}${when}: ${REASONS.DeclarationChanged}; stateward plan${words} shows what it would change, ` +
    `stateward apply${words} takes it`;
  return { type: 'Declaration', status: 'False', reason: 'DeclarationChanged', message };
}

/** The same of the env files of an app. */
export function environmentCondition(
  source: ProjectSource,
  changed: readonly ChangedFile[],
): Condition | null {
  if (changed.length === 0) return null;
  const words = wordsOf(source);
  const files = changed
    .map(({ path, now }) => (now.kind === 'gone' ? `${path} (gone)` : `${path}${changedText(now)}`))
    .join(', ');
  const message = `${files}: ${REASONS.EnvFileChanged}; stateward plan${words} shows which, stateward apply${words} rolls them out`;
  return { type: 'Environment', status: 'False', reason: 'EnvFileChanged', message };
}

function changedText(now: FileNow): string {
  return now.kind === 'hash' ? `, changed at ${timeText(now.changedAt)}` : '';
}

/** The flags that read a project as it was read: ` -f ecosystem.yaml --env production`. */
function wordsOf({ files, over = [], env, vars = {} }: ProjectSource): string {
  const paths = [...files, ...over].map((path) => ` -f ${shellWord(path)}`);
  const merge = over.length > 0 ? ' --merge' : '';
  const values = Object.entries(vars).map(
    ([name, value]) => ` --var ${shellWord(`${name}=${value === REDACTED ? '…' : value}`)}`,
  );
  return `${paths.join('')}${merge}${env === null ? '' : ` --env ${env}`}${values.join('')}`;
}

function shellWord(text: string): string {
  return /^[\w./@:=+,…-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** To the second. */
function timeText(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/\.\d+Z$/, 'Z');
}
