import { failureAt, sourceFile } from '../../config/read/source.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok } from '../../lib/result.ts';
import { shellCommand } from '../model/command.ts';
import { nothingIn, type ImportedApp, type ImportResult, type Note } from '../model/imported.ts';
import { splitSecrets } from '../model/secrets.ts';
import { withUniqueNames } from '../model/unique-names.ts';

const LINE = /^([\w.-]+)\s*:\s*(.*)$/;

/** A Procfile: a line a process type. `envFile`: the file of variables beside it, which foreman reads; null: there is none. */
export function importProcfile(file: string, text: string, envFile: string | null): ImportResult {
  const source = sourceFile(file, text);
  const apps: ImportedApp[] = [];
  const failures: Failure[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const start = source.lineStarts[index] ?? 0;
    const trimmed = line.replace(/^\ufeff/, '').trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const [, name = '', command = ''] = LINE.exec(trimmed) ?? [];
    if (name === '' || command === '') {
      const message = name === '' ? 'this is not a line of a Procfile' : `${name} has no command`;
      const what = { code: 'CONFIG_SYNTAX', message, hint: 'a line is `name: command`' } as const;
      failures.push(failureAt(source, { start, end: start + line.length }, what));
      continue;
    }
    apps.push(appOf(name, command, envFile));
  }
  if (failures.length > 0) return err(failures);
  if (apps.length === 0) return err([nothingIn(file, 'process', 'a line is `name: command`')]);
  return ok({ apps: withUniqueNames(apps), root: {}, head: [], warnings: [] });
}

function appOf(name: string, command: string, envFile: string | null): ImportedApp {
  const { fields, env: given } = shellCommand(command);
  const { env, secrets } = splitSecrets(given);
  const notes: Note[] = [];
  if (/\$\{?PORT\b/.test(command) && given['PORT'] === undefined) {
    const text =
      'the command reads PORT, which foreman gives (5000, and 100 more for each type): env: { PORT: 5000 }';
    notes.push({ kind: 'advice', field: null, text });
  }
  if (name === 'release') {
    const text =
      'a platform runs this before a release; here it runs as an app, once: others wait for it with `depends_on: { release: completed }`';
    notes.push({ kind: 'differs', field: null, text });
  }
  return {
    name,
    fields: {
      ...fields,
      ...(envFile !== null && { env_file: envFile }),
      ...(Object.keys(env).length > 0 && { env }),
      ...(name === 'release' && { autorestart: false }),
    },
    notes,
    secrets,
  };
}
