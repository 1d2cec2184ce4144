import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { FailureError } from '../../lib/failure.ts';
import { makeFolderSync } from '../../lib/make-folder.ts';
import { errorCode, errorMessage } from '../../lib/system-error.ts';
import { SCRIPTS } from './scripts.ts';
import type { Shell } from './scripts.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the script of a shell goes, and the file that has to read it; null: the shell finds it by itself. */
interface Places {
  readonly script: string;
  readonly rc: string | null;
}

/**
 * Puts the script of a shell where it is read, once however often it is called. Gives what was done, in lines; throws a
 * FailureError that names what cannot be written.
 */
export function install(shell: Shell, env: Environment): readonly string[] {
  const { script, rc } = placesOf(shell, env);
  changing(script, shell, () => {
    makeFolderSync(dirname(script), 0o755);
    writeFileSync(script, SCRIPTS[shell]);
  });
  const lines = [`wrote ${script}`];
  if (rc !== null) lines.push(changing(rc, shell, () => readFrom(rc, lineFor(script))));
  return [...lines, `new ${shell} sessions complete stateward and stw`];
}

/** Has a file of the shell end with a line, if that is not in it. */
function readFrom(rc: string, line: string): string {
  const text = existsSync(rc) ? readFileSync(rc, 'utf8') : '';
  if (text.split('\n').includes(line)) return `${rc} reads it already`;
  appendFileSync(rc, `${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`);
  return `added a line to ${rc} that reads it`;
}

/** Takes back what `install` did, and nothing else. */
export function uninstall(shell: Shell, env: Environment): readonly string[] {
  const { script, rc } = placesOf(shell, env);
  const lines: string[] = [];
  if (existsSync(script)) {
    changing(script, shell, () => rmSync(script));
    lines.push(`removed ${script}`);
  }
  if (rc !== null && changing(rc, shell, () => removeLine(rc, lineFor(script))))
    lines.push(`removed the line from ${rc} that read it`);
  return lines.length === 0
    ? [`nothing to do: there is no completion of ${shell} that install has made`]
    : lines;
}

/** Whether the line was in the file. A full disk leaves the file as it was: it is replaced whole. */
function removeLine(rc: string, line: string): boolean {
  if (!existsSync(rc)) return false;
  // What a link of a dotfiles folder leads to, and not the link.
  const file = realpathSync(rc);
  const text = readFileSync(file, 'utf8').split('\n');
  const left = text.filter((one) => one !== line);
  if (left.length === text.length) return false;
  const { mode, uid, gid } = statSync(file);
  const aside = `${file}.stateward`;
  try {
    writeFileSync(aside, left.join('\n'), { mode: mode & 0o777, flush: true });
    chmodSync(aside, mode & 0o777);
    chownSync(aside, uid, gid);
    renameSync(aside, file);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
  return true;
}

function changing<T>(path: string, shell: Shell, change: () => T): T {
  try {
    return change();
  } catch (error) {
    const isDenied = ['EACCES', 'EPERM', 'EROFS'].includes(errorCode(error) ?? '');
    throw new FailureError({
      code: isDenied ? 'PERMISSION' : 'CONFLICT',
      message: `cannot change ${path}: ${errorMessage(error)}`,
      hint: `stateward completion ${shell} prints the script: put it where ${shell} reads it`,
    });
  }
}

function placesOf(shell: Shell, env: Environment): Places {
  const home = given(env['HOME']) ?? homedir();
  const data = join(given(env['XDG_DATA_HOME']) ?? join(home, '.local/share'), 'stateward');
  switch (shell) {
    case 'bash':
      return { script: join(data, 'completion.bash'), rc: join(home, '.bashrc') };
    case 'zsh':
      return { script: join(data, 'completion.zsh'), rc: join(given(env['ZDOTDIR']) ?? home, '.zshrc') };
    case 'fish':
      return {
        script: join(
          given(env['XDG_CONFIG_HOME']) ?? join(home, '.config'),
          'fish/completions/stateward.fish',
        ),
        rc: null,
      };
  }
}

function lineFor(script: string): string {
  const quoted = `'${script.replaceAll("'", "'\\''")}'`;
  return `[ -r ${quoted} ] && . ${quoted} # stateward completion`;
}

function given(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}
