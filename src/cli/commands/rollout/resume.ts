import type { ExitCode } from '../../../lib/exit-codes.ts';
import { usageError } from '../../session/failures.ts';
import { WAIT_EXITS, selectionFlags, waitFlags } from '../base/flags.ts';
import { outputFlag } from '../base/output-format.ts';
import { whoAmI } from '../../declare/project-files.ts';
import { VerbCommand, selectorArgs } from '../base/verb-command.ts';

/** `rollout resume`: continues a paused rollout, also one that was paused because it failed. */
export default class RolloutResume extends VerbCommand {
  static override summary = 'Continue paused rollouts; a failed one is tried again.';
  static override description = WAIT_EXITS;
  static override examples = ['<%= config.bin %> rollout resume shop/web'];
  static override strict = false;
  static override args = selectorArgs;
  static override flags = { ...selectionFlags, ...waitFlags, output: outputFlag(['table', 'json']) };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(RolloutResume);
    if (args.length === 0) throw usageError('name an app, or all', 'stateward rollout status lists rollouts');
    const selectors = await this.selectorsNamed(args, this.connectQuietly());
    const command = ['rollout resume', ...args].join(' ');
    return this.sendVerb({ verb: 'rollout-resume', selectors, by: whoAmI(), command }, flags);
  }
}
