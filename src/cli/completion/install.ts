import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { makeFolderSync } from '../../lib/make-folder.ts';
import { SCRIPTS } from './scripts.ts';
import type { Shell } from './scripts.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the script of a shell goes, and the file that has to read it; null: the shell finds it by itself. */
interface Places {
  readonly script: string;
  readonly rc: string | null;
}

/** Puts the script of a shell where it is read, once however often it is called. Gives what was done, in lines. */
export function install(shell: Shell, env: Environment): readonly string[] {
  const { script, rc } = placesOf(shell, env);
  makeFolderSync(dirname(script), 0o755);
  writeFileSync(script, SCRIPTS[shell]);
  const lines = [`wrote ${script}`];
  if (rc !== null) {
    const text = existsSync(rc) ? readFileSync(rc, 'utf8') : '';
    const line = lineFor(script);
    if (text.split('\n').includes(line)) lines.push(`${rc} reads it already`);
    else {
      appendFileSync(rc, `${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`);
      lines.push(`added a line to ${rc} that reads it`);
    }
  }
  return [...lines, `new ${shell} sessions complete stateward and stw`];
}

/** Takes back what `install` did, and nothing else. */
export function uninstall(shell: Shell, env: Environment): readonly string[] {
  const { script, rc } = placesOf(shell, env);
  const lines: string[] = [];
  if (existsSync(script)) {
    rmSync(script);
    lines.push(`removed ${script}`);
  }
  const text = rc !== null && existsSync(rc) ? readFileSync(rc, 'utf8').split('\n') : [];
  const left = text.filter((line) => line !== lineFor(script));
  if (rc !== null && left.length < text.length) {
    writeFileSync(rc, left.join('\n'));
    lines.push(`removed the line from ${rc} that read it`);
  }
  return lines.length === 0
    ? [`nothing to do: there is no completion of ${shell} that install has made`]
    : lines;
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
