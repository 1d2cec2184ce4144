import { EXIT, type ExitCode } from '../../../lib/exit-codes.ts';
import { itemListText } from '../../items/list-text.ts';
import { unwrap } from '../../session/failures.ts';
import { renderTokens } from '../../views/tokens/list.ts';
import { BaseCommand } from '../base/base-command.ts';
import { outputFlag } from '../base/output-format.ts';

/** `token list`: a line for each. */
export default class TokenList extends BaseCommand {
  static override changesNothing = true;
  static override summary =
    'List the tokens: what they may do, when they were used last, how long they hold.';
  static override examples = ['<%= config.bin %> token list', '<%= config.bin %> token list -o json'];
  static override flags = { output: outputFlag(['table', 'json', 'yaml', 'name']) };

  async run(): Promise<ExitCode> {
    const { flags } = await this.parseLine(TokenList);
    const list = unwrap(await this.connect().tokens());
    const options = { style: this.outStyle, nowMs: this.context.clock.now() };
    this.print(await itemListText(list, flags.output, () => renderTokens(list.items, options)));
    if (list.items.length === 0 && flags.output === 'table') {
      this.note('there are none (stateward token create NAME makes one)');
    }
    return EXIT.OK;
  }
}
