import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { BaseCommand } from '../base/base-command.ts';
import { outputFlag } from '../base/output-format.ts';
import { itemListText } from '../../items/list-text.ts';
import { unwrap } from '../../session/failures.ts';
import { renderReceivers } from '../../views/receivers/list.ts';

/** `notify list`: a line for each receiver. */
export default class NotifyList extends BaseCommand {
  static override changesNothing = true;
  static override summary = 'List who is told what happens here: what waits, and who is not reached.';
  static override examples = ['<%= config.bin %> notify list', '<%= config.bin %> notify list -o wide'];
  static override flags = { output: outputFlag(['table', 'wide', 'json', 'yaml', 'name']) };

  async run(): Promise<ExitCode> {
    const { flags } = await this.parseLine(NotifyList);
    const list = unwrap(await this.connect().receivers());
    const isWide = flags.output === 'wide';
    const options = { style: this.outStyle, nowMs: this.context.clock.now() };
    this.print(await itemListText(list, flags.output, () => renderReceivers(list.items, options, isWide)));
    if (list.items.length === 0 && (isWide || flags.output === 'table')) {
      this.note('nobody is told (stateward notify apply -f notify.yaml declares who is)');
    }
    return EXIT.OK;
  }
}
