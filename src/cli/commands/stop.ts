import type { ExitCode } from '../../lib/exit-codes.ts';
import { usageError } from '../session/failures.ts';
import { waitFlags } from './base/flags.ts';
import { outputFlag } from './base/output-format.ts';
import { whoAmI } from '../declare/project-files.ts';
import { VerbCommand, selectorArgs } from './base/verb-command.ts';

/** `stop`: a visible override that the next apply resets. Stopping what does not run is done already. */
export default class Stop extends VerbCommand {
  static override summary = 'Stop apps; they stay declared and stopped until start or apply.';
  static override examples = ['<%= config.bin %> stop shop/api', '<%= config.bin %> stop all'];
  static override strict = false;
  static override args = selectorArgs;
  static override flags = { ...waitFlags, output: outputFlag(['table', 'json']) };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Stop);
    if (args.length === 0) throw usageError('name an app, or all', 'stateward get lists them');
    const command = ['stop', ...args].join(' ');
    return this.sendVerb({ verb: 'stop', selectors: args, by: whoAmI(), command }, flags);
  }
}
