import * as Flags from '@oclif/core/flags';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { WAIT_EXITS } from '../base/flags.ts';
import { whoAmI } from '../../fast/who-am-i.ts';
import { RenewCommand, renewFlags } from '../base/renew-command.ts';
import { targetArgs } from '../base/verb-command.ts';

/** `restart`: bumps the restart counter, so that every instance is replaced. */
export default class Restart extends RenewCommand {
  static override aliases = ['startOrRestart'];
  static override summary = 'Restart apps by the rules of their rollout, or all at once with --now.';
  static override description =
    'Works like reload. With --now, all instances restart at once, and requests in flight are lost. An ecosystem ' +
    'file is applied first.\n\n' +
    WAIT_EXITS;
  static override examples = [
    '<%= config.bin %> restart shop/api',
    '<%= config.bin %> restart ecosystem.yaml --env production',
    '<%= config.bin %> restart shop/api --now',
  ];
  static override strict = false;
  static override pm2 = 'renew' as const;
  static override args = targetArgs;
  static override flags = {
    now: Flags.boolean({ description: 'All instances at once, without draining them first.' }),
    ...renewFlags,
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Restart);
    const { selectors, files } = this.targets(args, flags.file);
    if (files !== null) return this.renewFiles(files, { verb: 'restart', now: flags.now }, flags);
    this.checkWithoutFile(flags);
    const command = ['restart', ...args, ...(flags.now ? ['--now'] : [])].join(' ');
    const request = { verb: 'restart', selectors, by: whoAmI(), command } as const;
    return this.sendVerb({ ...request, ...(flags.now && { now: true }) }, flags);
  }
}
