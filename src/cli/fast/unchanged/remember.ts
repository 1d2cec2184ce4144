import { randomBytes } from 'node:crypto';
import { keepsRecords, writeDeclaredRecord } from './declared-record.ts';
import type { CliContext } from '../../session/context.ts';
import type { Declared } from '../../declare/project-files.ts';

/**
 * Keeps what files declare, so that the next command on them need not read them again as long as everything is as it was.
 * Nothing is kept of what has warnings, which are to be shown, nor of what cannot be told for sure.
 */
export function rememberDeclared(
  { projects, warnings, unread = {}, readFrom = {}, files, read }: Declared,
  desiredHash: string | null,
  { home, env }: { readonly home: string; readonly env: CliContext['env'] },
): void {
  const isWhole = warnings.length === 0 && Object.keys(unread).length === 0;
  if (read === undefined || !isWhole || !keepsRecords(env)) return;
  const key = randomBytes(16).toString('hex');
  const inputs = read.inputs.record(key);
  if (inputs === null) return;
  writeDeclaredRecord(home, {
    ...inputs,
    reading: read.reading,
    key,
    files,
    projects: projects.map(({ apps, ...project }) => ({ ...project, apps: apps.map(({ name }) => name) })),
    readFrom,
    desiredHash,
  });
}
