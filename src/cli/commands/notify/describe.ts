import * as Args from '@oclif/core/args';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { BaseCommand } from '../base/base-command.ts';
import { outputFlag } from '../base/output-format.ts';
import { receiverNamed } from '../../items/named-item.ts';
import { unwrap } from '../../session/failures.ts';
import { renderJson } from '../../views/json.ts';
import { renderReceiver } from '../../views/receivers/describe.ts';
import { renderYaml } from '../../views/yaml.ts';

/** `notify describe`. */
export default class NotifyDescribe extends BaseCommand {
  static override changesNothing = true;
  static override summary = 'Show everything about a receiver: what it is told, what waits, what is wrong.';
  static override examples = ['<%= config.bin %> notify describe ops'];
  static override args = {
    receiver: Args.string({ description: 'Name of the receiver.', required: true, ignoreStdin: true }),
  };
  static override flags = { output: outputFlag(['table', 'json', 'yaml']) };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(NotifyDescribe);
    const info = unwrap(await this.connect().receiver({ name: receiverNamed(args, 'describe') }));
    if (flags.output === 'json') this.print(renderJson(info));
    else if (flags.output === 'yaml') this.print(await renderYaml(info));
    else this.print(renderReceiver(info, { style: this.outStyle, nowMs: this.context.clock.now() }));
    return EXIT.OK;
  }
}
