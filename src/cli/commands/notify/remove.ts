import * as Args from '@oclif/core/args';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { BaseCommand } from '../base/base-command.ts';
import { outputFlag } from '../base/output-format.ts';
import { receiverNamed } from '../../items/named-item.ts';
import { whoAmI } from '../../declare/project-files.ts';
import { unwrap } from '../../session/failures.ts';
import { renderJson } from '../../views/json.ts';

/** `notify remove`. */
export default class NotifyRemove extends BaseCommand {
  static override summary = 'Remove a receiver, with what it was still to be told.';
  static override examples = ['<%= config.bin %> notify remove ops'];
  static override args = {
    receiver: Args.string({ description: 'Name of the receiver.', required: true, ignoreStdin: true }),
  };
  static override flags = { output: outputFlag(['table', 'json']) };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(NotifyRemove);
    const name = receiverNamed(args, 'remove');
    const info = unwrap(await this.connect().removeReceiver({ name, by: whoAmI() }));
    this.print(flags.output === 'json' ? renderJson(info) : `${name}  removed\n`);
    return EXIT.OK;
  }
}
