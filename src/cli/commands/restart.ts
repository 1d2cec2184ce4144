import type { ExitCode } from '../../lib/exit-codes.ts';
import { usageError } from '../failures.ts';
import { waitFlags } from '../flags.ts';
import { outputFlag } from '../output-format.ts';
import { whoAmI } from '../project-files.ts';
import { VerbCommand, selectorArgs } from '../verb-command.ts';

/** `restart`: bumps the restart counter, so that every instance is replaced. */
export default class Restart extends VerbCommand {
  static override summary = 'Restart apps by the rules of their rollout.';
  static override examples = ['<%= config.bin %> restart shop/api', '<%= config.bin %> restart all'];
  static override strict = false;
  static override args = selectorArgs;
  static override flags = { ...waitFlags, output: outputFlag(['table', 'json']) };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Restart);
    if (args.length === 0) throw usageError('name an app, or all', 'stateward get lists them');
    const command = ['restart', ...args].join(' ');
    return this.sendVerb({ verb: 'restart', selectors: args, by: whoAmI(), command }, flags);
  }
}
