import * as Args from '@oclif/core/args';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { BaseCommand } from '../base/base-command.ts';
import { outputFlag } from '../base/output-format.ts';
import { receiverNamed } from '../../items/named-item.ts';
import { unwrap } from '../../session/failures.ts';
import { renderJson } from '../../views/json.ts';
import { renderSent } from '../../views/receivers/describe.ts';
import { renderYaml } from '../../views/yaml.ts';

/** `notify history`. */
export default class NotifyHistory extends BaseCommand {
  static override changesNothing = true;
  static override summary = 'Show what a receiver was told, the newest first.';
  static override examples = ['<%= config.bin %> notify history ops'];
  static override args = {
    receiver: Args.string({ description: 'Name of the receiver.', required: true, ignoreStdin: true }),
  };
  static override flags = { output: outputFlag(['table', 'json', 'yaml']) };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(NotifyHistory);
    const info = unwrap(await this.connect().receiver({ name: receiverNamed(args, 'history') }));
    const shown = { apiVersion: 'v1', kind: 'SentList', items: info.history };
    if (flags.output === 'json') this.print(renderJson(shown));
    else if (flags.output === 'yaml') this.print(await renderYaml(shown));
    else this.print(renderSent(info, { style: this.outStyle, nowMs: this.context.clock.now() }));
    return EXIT.OK;
  }
}
