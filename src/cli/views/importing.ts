import type { Imported } from '../../import/model/imported.ts';
import type { PreparedFile } from '../importing/write-import.ts';
import { count } from './text/quantities.ts';

/** What was written, and what could not be. */
export function writtenLines(
  { apps, head }: Imported,
  file: PreparedFile,
  gitignore: string | null,
): readonly string[] {
  const notes = apps.flatMap((app) => app.notes);
  const unmapped =
    notes.filter(({ kind }) => kind === 'unmapped').length +
    head.filter((line) => /^not imported:/i.test(line)).length;
  const isPrinted = file.path === null;
  return [
    `${isPrinted ? 'printed' : `wrote ${file.shown}`}: ${count(apps.length, 'app')}${file.mode === 0o600 && !isPrinted ? ', mode 0600, because it holds secrets' : ''}`,
    ...file.secrets.map(
      ({ shown, names }) => `${isPrinted ? 'not written' : `wrote ${shown}, mode 0600`}: ${names.join(', ')}`,
    ),
    ...(isPrinted && file.secrets.length > 0
      ? ['secrets are never printed: -o FILE writes them beside it']
      : []),
    ...(gitignore === null || isPrinted ? [] : [gitignore]),
    ...(unmapped === 0 ? [] : [`not imported: ${count(unmapped, 'setting')}, each a comment in the file`]),
  ];
}

/** What was left out of what PM2 remembers. */
export function leftOutLines(imported: {
  readonly leftOut: { readonly known: readonly string[]; readonly shell: readonly string[] };
  readonly modules: readonly string[];
}): readonly string[] {
  const { leftOut, modules } = imported;
  return [
    ...listed('left out, of PM2, the session and the system', leftOut.known),
    ...listed(
      'left out, had by the shell that PM2 was started from; inherit_env takes over what an app needs',
      leftOut.shell,
    ),
    ...listed('left out, modules of PM2 (log rotation is built in)', modules),
  ];
}

function listed(what: string, names: readonly string[]): readonly string[] {
  return names.length === 0 ? [] : [`${what}: ${names.join(', ')}`];
}
