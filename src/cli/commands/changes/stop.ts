import type { ExitCode } from '../../../lib/exit-codes.ts';
import { whoAmI } from '../../fast/who-am-i.ts';
import { optionalDurationFlag } from '../base/flags.ts';
import { VerbCommand, fileVerbFlags, targetArgs } from '../base/verb-command.ts';

/** `stop`: a visible override that the next apply resets. Stopping an app that does not run succeeds. */
export default class Stop extends VerbCommand {
  static override summary = 'Stop apps; they stay declared and stopped until start or apply.';
  static override examples = [
    '<%= config.bin %> stop shop/api',
    '<%= config.bin %> stop ecosystem.config.js --only api,web',
    '<%= config.bin %> stop all',
    '<%= config.bin %> stop worker --for 30m',
  ];
  static override strict = false;
  static override pm2 = 'verb' as const;
  static override args = targetArgs;
  static override flags = {
    ...fileVerbFlags,
    for: optionalDurationFlag('Only for so long; then they are started again.'),
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Stop);
    const selectors = await this.selectorsOf(args, flags);
    const command = ['stop', ...(flags.file ?? []), ...args].join(' ');
    const limit = flags.for === undefined ? {} : { forMs: flags.for };
    return this.sendVerb({ verb: 'stop', selectors, by: whoAmI(), command, ...limit }, flags);
  }
}
