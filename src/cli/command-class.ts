import type { Command } from '@oclif/core/command';
import type { Config } from '@oclif/core/config';
import type { ExitCode } from '../lib/exit-codes.ts';
import type { BaseCommand } from './commands/base/base-command.ts';
import type { CliContext } from './session/context.ts';

/** A command that can be made with a context; oclif's own way of running one is not used. */
export type CommandClass = Pick<
  typeof Command,
  'hidden' | 'args' | 'flags' | 'baseFlags' | 'strict' | 'examples'
> & {
  readonly summary?: string | undefined;
  readonly description?: string | undefined;
  readonly usage?: string | string[] | undefined;
  /** Exit code in place of 1, for a command whose 1 means something else. */
  readonly failedExit?: ExitCode;
  /** See BaseCommand. */
  readonly endsWithReader: boolean;
  new (argv: string[], config: Config, context: CliContext): BaseCommand;
};
