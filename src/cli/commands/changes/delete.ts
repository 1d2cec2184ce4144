import * as Flags from '@oclif/core/flags';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { whoAmI } from '../../fast/who-am-i.ts';
import { targetFlag } from '../base/flags.ts';
import { VerbCommand, fileVerbFlags, targetArgs } from '../base/verb-command.ts';

/** `delete`: takes apps out of the desired state. An apply of their file brings them back. */
export default class Delete extends VerbCommand {
  static override aliases = ['del', 'rm'];
  static override summary = 'Stop apps and forget them.';
  static override examples = [
    '<%= config.bin %> delete shop/legacy',
    '<%= config.bin %> delete ecosystem.config.js',
  ];
  static override strict = false;
  static override pm2 = 'verb' as const;
  static override args = targetArgs;
  static override flags = {
    ...fileVerbFlags,
    ...targetFlag,
    'allow-wipe': Flags.boolean({
      description: 'Allow to delete apps with protect: true.',
    }),
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Delete);
    const selectors = await this.selectorsOf(args, flags);
    const command = ['delete', ...(flags.file ?? []), ...args].join(' ');
    const allowWipe = flags['allow-wipe'];
    return this.sendVerb({ verb: 'delete', selectors, by: whoAmI(), command, allowWipe }, flags);
  }
}
