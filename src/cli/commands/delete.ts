import * as Flags from '@oclif/core/flags';
import type { ExitCode } from '../../lib/exit-codes.ts';
import { usageError } from '../session/failures.ts';
import { waitFlags } from './base/flags.ts';
import { outputFlag } from './base/output-format.ts';
import { whoAmI } from '../declare/project-files.ts';
import { VerbCommand, selectorArgs } from './base/verb-command.ts';

/** `delete`: takes apps out of the desired state. An apply of their file brings them back. */
export default class Delete extends VerbCommand {
  static override summary = 'Stop apps and forget them.';
  static override examples = ['<%= config.bin %> delete shop/legacy'];
  static override strict = false;
  static override args = selectorArgs;
  static override flags = {
    ...waitFlags,
    'allow-wipe': Flags.boolean({
      description: 'Allow to delete apps with protect: true.',
    }),
    output: outputFlag(['table', 'json']),
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Delete);
    if (args.length === 0) throw usageError('name an app, or all', 'stateward get lists them');
    const command = ['delete', ...args].join(' ');
    const allowWipe = flags['allow-wipe'];
    return this.sendVerb({ verb: 'delete', selectors: args, by: whoAmI(), command, allowWipe }, flags);
  }
}
