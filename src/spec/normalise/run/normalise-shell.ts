import { join } from 'node:path';
import { isBaseName } from '../../environment/base-env-names.ts';
import type { App } from '../../generated/ecosystem.ts';
import type { NormaliseContext, SpecNote } from '../normalise-context.ts';
import { resolvePath } from '../normalise-path.ts';
import { isSessionVariable } from '../../environment/session-variables.ts';
import { isShell, readShell } from '../../commands/shell-line.ts';
import type { AppSpec } from '../../types.ts';

/** Where a bash usually is; PATH comes last, so that the same file means the same in every person's shell. */
const BASH_FOLDERS = [
  '/bin',
  '/usr/bin',
  '/usr/local/bin',
  '/opt/homebrew/bin',
  '/run/current-system/sw/bin',
];
const WITHOUT_BASH = '/bin/sh';
const BOOLEAN_WORDS = /^(?:yes|no|on|off|y|n|0|1)$/i;

type ShellContext = Pick<NormaliseContext, 'home' | 'environment' | 'inspect'>;

export interface ShellChoice {
  /** A path, or a command on PATH. */
  readonly program: string;
  /** Whether the app names it as its interpreter, whose arguments then count. */
  readonly isInterpreter: boolean;
  readonly notes: readonly SpecNote[];
}

/** The shell of a shell line: the one that `shell` or `interpreter` names, else bash, else /bin/sh. */
export function chooseShell(app: App, cwd: string, context: ShellContext): ShellChoice {
  const given = readShell(app.shell).program;
  const isWord = given !== null && BOOLEAN_WORDS.test(given);
  const named = isWord ? null : given;
  const { interpreter = 'none' } = app;
  const isInterpreter = named === null && isShell(interpreter);
  const program = named ?? (isInterpreter ? interpreter : null);
  const notes = [...(isWord ? [wordNote(given)] : []), ...(isInterpreter ? [] : ignored(app))];
  if (program !== null) {
    const path = program.includes('/') ? resolvePath(program, cwd, context.home) : program;
    return { program: path, isInterpreter, notes };
  }
  const bash = findBash(context);
  if (bash !== null) return { program: bash, isInterpreter, notes };
  const message = `there is no bash on this host: ${WITHOUT_BASH} runs the shell line`;
  const hint = '`shell: /bin/sh` says that this is meant';
  const note: SpecNote = { level: 'warning', code: 'CONFIG_NO_EFFECT', path: ['script'], message, hint };
  return { program: WITHOUT_BASH, isInterpreter, notes: [...notes, note] };
}

/** Whether a program is what a shell line without `shell` is run with. */
export function isUsualShell(program: string): boolean {
  return BASH_FOLDERS.some((folder) => program === `${folder}/bash`);
}

function findBash({ environment, inspect }: ShellContext): string | null {
  const folders = [
    ...BASH_FOLDERS,
    ...(environment['PATH'] ?? '').split(':').filter((folder) => folder !== ''),
  ];
  return folders.map((folder) => join(folder, 'bash')).find((path) => inspect(path).kind === 'file') ?? null;
}

function wordNote(given: string): SpecNote {
  const message = `${JSON.stringify(given)} is not a shell`;
  const hint = 'write true or false, or the path of a shell';
  return { level: 'error', code: 'CONFIG_BAD_VALUE', path: ['shell'], message, hint };
}

function ignored({ interpreter = 'none', interpreter_args }: App): SpecNote[] {
  const notes: SpecNote[] = [];
  const hint = 'give the file as `script`, and the rest as `args`';
  const add = (field: string, message: string): void =>
    void notes.push({ level: 'warning', code: 'CONFIG_NO_EFFECT', path: [field], message, hint });
  if (interpreter !== 'none') add('interpreter', `${interpreter} has no effect: a shell runs the shell line`);
  if (interpreter_args !== undefined) add('interpreter_args', 'has no effect on a shell line');
  return notes;
}

/** Variables that the command has and the app will not: the shell would put nothing in their place. */
export function lineNotes(
  { script, env, instance_var }: Pick<AppSpec, 'script' | 'env' | 'instance_var'>,
  environment: NormaliseContext['environment'],
): SpecNote[] {
  const names = [...script.matchAll(/\$\{?([A-Za-z_]\w*)/g)].map(([, name = '']) => name);
  const missing = [...new Set(names)].filter(
    (name) =>
      Object.hasOwn(environment, name) &&
      !Object.hasOwn(env, name) &&
      name !== instance_var &&
      !isBaseName(name) &&
      !isSessionVariable(name) &&
      !isSetIn(script, name),
  );
  return missing.map((name) => ({
    level: 'warning',
    code: 'CONFIG_UNSET_VARIABLE',
    path: ['script'],
    message: `the shell line uses ${name}, which this command has and the app has not`,
    hint: `a shell line is left to the shell: name ${name} in \`inherit_env\`, or write \`${name}: \${${name}}\` in \`env\``,
  }));
}

function isSetIn(line: string, name: string): boolean {
  return new RegExp(`\\b(?:${name}\\+?=|(?:for|read|getopts)\\b[^;&|]*\\b${name}\\b)`).test(line);
}
