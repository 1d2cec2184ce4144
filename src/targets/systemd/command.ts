import { isAbsolute, posix } from 'node:path';
import { isNode } from '../../spec/node-app.ts';
import { warning, type Finding } from '../model/rendered.ts';
import { commandLine } from './text.ts';
import type { SystemdApp } from './model.ts';

/** `ExecStart=` of an app. */
export function execStart(app: SystemdApp): string {
  const { spec } = app;
  const { interpreter, interpreter_args, script, args } = spec;
  if (spec.shell) {
    const line = ['-c', script, ...(args.length > 0 ? ['sh', ...args] : [])];
    return commandLine([interpreter === 'none' ? '/bin/sh' : interpreter, ...interpreter_args, ...line]);
  }
  if (interpreter === 'none') return commandLine([script, ...args]);
  return commandLine([programOf(app), ...interpreter_args, script, ...args]);
}

/** systemd has a PATH of its own, on which no version manager puts a Node. */
function programOf({ spec, host }: SystemdApp): string {
  return isNode(spec) && !isAbsolute(spec.interpreter) ? host.node : spec.interpreter;
}

export function programFindings(app: SystemdApp): readonly Finding[] {
  const { spec } = app;
  const program = spec.interpreter === 'none' && !spec.shell ? spec.script : programOf(app);
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
