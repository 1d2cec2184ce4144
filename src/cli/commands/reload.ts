import type { ExitCode } from '../../lib/exit-codes.ts';
import { usageError } from '../session/failures.ts';
import { WAIT_EXITS, waitFlags } from './base/flags.ts';
import { outputFlag } from './base/output-format.ts';
import { whoAmI } from '../declare/project-files.ts';
import { VerbCommand, selectorArgs } from './base/verb-command.ts';

/** `reload`: new processes under the rules of the rollout, whatever was asked for before: never all at once. */
export default class Reload extends VerbCommand {
  static override summary = 'Replace the processes of apps slot by slot, by the rules of their rollout.';
  static override description =
    'Each new instance proves itself before the one that it replaces is drained and stopped (as rollout in the ' +
    'ecosystem file says; apps in fork mode stop first, which is a gap). When one does not, the old ones are kept.\n\n' +
    WAIT_EXITS;
  static override examples = ['<%= config.bin %> reload shop/api', '<%= config.bin %> reload all'];
  static override strict = false;
  static override args = selectorArgs;
  static override flags = { ...waitFlags, output: outputFlag(['table', 'json']) };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Reload);
    if (args.length === 0) throw usageError('name an app, or all', 'stateward get lists them');
    const command = ['reload', ...args].join(' ');
    return this.sendVerb({ verb: 'reload', selectors: args, by: whoAmI(), command }, flags);
  }
}
