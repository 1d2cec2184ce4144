import * as Flags from '@oclif/core/flags';
import type { ExitCode } from '../../lib/exit-codes.ts';
import { usageError } from '../session/failures.ts';
import { WAIT_EXITS, waitFlags } from './base/flags.ts';
import { outputFlag } from './base/output-format.ts';
import { whoAmI } from '../declare/project-files.ts';
import { VerbCommand, selectorArgs } from './base/verb-command.ts';

/** `restart`: bumps the restart counter, so that every instance is replaced. */
export default class Restart extends VerbCommand {
  static override summary = 'Restart apps by the rules of their rollout, or all at once with --now.';
  static override description =
    'As reload does it, unless --now is given: all instances at once, and requests in flight are lost.\n\n' +
    WAIT_EXITS;
  static override examples = [
    '<%= config.bin %> restart shop/api',
    '<%= config.bin %> restart all',
    '<%= config.bin %> restart shop/api --now',
  ];
  static override strict = false;
  static override args = selectorArgs;
  static override flags = {
    now: Flags.boolean({ description: 'All instances at once, without draining them first.' }),
    ...waitFlags,
    output: outputFlag(['table', 'json']),
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Restart);
    if (args.length === 0) throw usageError('name an app, or all', 'stateward get lists them');
    const command = ['restart', ...args, ...(flags.now ? ['--now'] : [])].join(' ');
    const request = { verb: 'restart', selectors: args, by: whoAmI(), command } as const;
    return this.sendVerb({ ...request, ...(flags.now && { now: true }) }, flags);
  }
}
