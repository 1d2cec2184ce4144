import type { ExitCode } from '../../../lib/exit-codes.ts';
import { usageError } from '../../session/failures.ts';
import { outputFlag } from '../base/output-format.ts';
import { whoAmI } from '../../declare/project-files.ts';
import { selectionFlags } from '../base/flags.ts';
import { VerbCommand, selectorArgs } from '../base/verb-command.ts';

/** `rollout pause`: replaces no further instance. There is nothing to wait for. */
export default class RolloutPause extends VerbCommand {
  static override summary = 'Stop rollouts where they are; no further instance is replaced.';
  static override examples = ['<%= config.bin %> rollout pause shop/web'];
  static override strict = false;
  static override args = selectorArgs;
  static override flags = { ...selectionFlags, output: outputFlag(['table', 'json']) };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(RolloutPause);
    if (args.length === 0) throw usageError('name an app, or all', 'stateward rollout status lists rollouts');
    const selectors = await this.selectorsNamed(args, this.connectQuietly());
    const command = ['rollout pause', ...args].join(' ');
    const request = { verb: 'rollout-pause', selectors, by: whoAmI(), command } as const;
    return this.sendVerb(request, { ...flags, wait: false, timeout: 0 });
  }
}
