import { isAbsolute } from 'node:path';
import { isNode } from '../../spec/node-app.ts';
import type { AppSpec } from '../../spec/types.ts';

type Run = Pick<AppSpec, 'interpreter' | 'interpreter_args' | 'script' | 'args' | 'shell'>;

/** The program of an app and its arguments, as a host starts it without the agent. */
export function commandWords({ interpreter, interpreter_args, script, args, shell }: Run): readonly string[] {
  if (shell) {
    const line = ['-c', script, ...(args.length > 0 ? ['sh', ...args] : [])];
    // Specs of before a shell line had a shell say `none`.
    return [interpreter === 'none' ? '/bin/sh' : interpreter, ...interpreter_args, ...line];
  }
  return interpreter === 'none' ? [script, ...args] : [interpreter, ...interpreter_args, script, ...args];
}

/** What runs the script on another host, on whose PATH no version manager puts a Node; `none`: the script itself. */
export function interpreterThere(run: Run, node: string): string {
  return isNode(run) && !isAbsolute(run.interpreter) ? node : run.interpreter;
}
