import * as Args from '@oclif/core/args';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { BaseCommand } from '../base/base-command.ts';
import { outputFlag } from '../base/output-format.ts';
import { receiverNamed } from '../../items/named-item.ts';
import { unwrap } from '../../session/failures.ts';
import { renderJson } from '../../views/json.ts';
import { escapeControls } from '../../views/text/text.ts';

/** `notify test`. */
export default class NotifyTest extends BaseCommand {
  static override summary = 'Send a test message to a receiver, and show exactly what happens.';
  static override description = `What waits for the receiver is tried again when it takes the message.

Exit codes:
  0    the receiver has taken it
  1    it has not, or was not reached`;
  static override examples = ['<%= config.bin %> notify test ops'];
  static override args = {
    receiver: Args.string({ description: 'Name of the receiver.', required: true, ignoreStdin: true }),
  };
  static override flags = { output: outputFlag(['table', 'json']) };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(NotifyTest);
    const name = receiverNamed(args, 'test');
    const done = unwrap(await this.connect().testReceiver({ name }));
    if (flags.output === 'json') this.print(renderJson(done));
    else {
      const steps = done.steps.map((step) => `  ${escapeControls(step, false)}\n`).join('');
      const verdict = done.ok ? 'delivered' : 'not delivered';
      this.print(`${steps}${name}  ${verdict}: ${escapeControls(done.message, false)}\n`);
    }
    return done.ok ? EXIT.OK : EXIT.FAILED;
  }
}
