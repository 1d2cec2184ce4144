import { isAbsolute, posix } from 'node:path';
import { commandWords, interpreterThere } from '../model/command-words.ts';
import { warning, type Finding } from '../model/rendered.ts';
import { commandLine } from './text.ts';
import type { SystemdApp } from './model.ts';

/** `ExecStart=` of an app. */
export function execStart({ spec, host }: SystemdApp): string {
  return commandLine(commandWords({ ...spec, interpreter: interpreterThere(spec, host.node) }));
}

export function programFindings({ spec, host }: SystemdApp): readonly Finding[] {
  const program =
    spec.interpreter === 'none' && !spec.shell ? spec.script : interpreterThere(spec, host.node);
  if (isAbsolute(program) || spec.shell) return [];
  const field = spec.interpreter === 'none' ? 'script' : 'interpreter';
  return [
    warning(
      field,
      `${program} is looked for where systemd looks: /usr/local/bin, /usr/bin and their like`,
      'give its path',
    ),
  ];
}

/** A command of a hook: a path with a slash is relative to `cwd`. */
export function hookLine({ spec }: SystemdApp, command: readonly string[]): string {
  const [program = '', ...args] = command;
  const path = program.includes('/') && !isAbsolute(program) ? posix.join(spec.cwd, program) : program;
  return commandLine([path, ...args]);
}
