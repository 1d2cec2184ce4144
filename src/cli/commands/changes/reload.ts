import type { ExitCode } from '../../../lib/exit-codes.ts';
import { WAIT_EXITS } from '../base/flags.ts';
import { whoAmI } from '../../fast/who-am-i.ts';
import { RenewCommand, renewFlags } from '../base/renew-command.ts';
import { targetArgs } from '../base/verb-command.ts';

/** `reload`: new processes under the rules of the rollout, whatever was asked for before: never all at once. */
export default class Reload extends RenewCommand {
  static override aliases = ['startOrReload', 'startOrGracefulReload', 'gracefulReload'];
  static override summary = 'Replace the processes of apps slot by slot, by the rules of their rollout.';
  static override description =
    'Each new instance proves itself before the one that it replaces is drained and stopped (as rollout in the ' +
    'ecosystem file says; apps in fork mode stop first, which is a gap). When one does not, the old ones are kept. ' +
    'An ecosystem file is applied first, and every process of its apps is then a new one, once.\n\n' +
    WAIT_EXITS;
  static override examples = [
    '<%= config.bin %> reload shop/api',
    '<%= config.bin %> reload ecosystem.config.js --env production',
  ];
  static override strict = false;
  static override pm2 = 'renew' as const;
  static override args = targetArgs;
  static override flags = renewFlags;

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Reload);
    const { selectors, files } = this.targets(args, flags.file);
    if (files !== null) return this.renewFiles(files, { verb: 'reload', now: false }, flags);
    this.checkWithoutFile(flags);
    const command = ['reload', ...args].join(' ');
    return this.sendVerb({ verb: 'reload', selectors, by: whoAmI(), command }, flags);
  }
}
