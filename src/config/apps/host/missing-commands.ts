import { resolve } from 'node:path';
import type { Failure } from '../../../lib/failure.ts';
import { COMMAND_PATHS, commandAt } from '../../../spec/commands/command-paths.ts';
import type { AppSpec } from '../../../spec/types.ts';
import { appFailure, type DeclaredApp } from '../../shape/declared-app.ts';
import { searchPathOf, type CheckContext } from './check-host.ts';
import { missingFileHint } from './missing-script.ts';

/**
 * Programs of hooks, probes, `reload` and `shutdown` that are not there. Only a warning: what they are needed for is later,
 * and a build or a hook before may make them.
 */
export function missingCommands(
  declared: DeclaredApp,
  spec: AppSpec,
  context: CheckContext,
): readonly Failure[] {
  if (context.disk.inspect(spec.cwd).kind !== 'folder') return [];
  return COMMAND_PATHS.flatMap((path) => {
    const program = commandAt(spec, path)?.[0];
    if (typeof program !== 'string' || program.includes('${') || isThere(program, spec, context)) return [];
    const file = program.includes('/') ? resolve(spec.cwd, program) : null;
    const failure = {
      code: 'CONFIG_COMMAND_NOT_FOUND' as const,
      message: `the program ${program} ${file === null ? 'is not on PATH' : 'does not exist'}`,
      hint: (file === null ? undefined : missingFileHint(file)) ?? 'install it, or mend the command',
    };
    return [appFailure(declared, { path: [...path, 0] }, failure)];
  });
}

function isThere(program: string, spec: AppSpec, context: CheckContext): boolean {
  return program.includes('/')
    ? context.disk.inspect(resolve(spec.cwd, program)).kind === 'file'
    : context.disk.findCommand(program, searchPathOf(spec, context)) !== null;
}
