import { EXIT, type ExitCode } from '../../../lib/exit-codes.ts';
import { itemListText } from '../../items/list-text.ts';
import { unwrap } from '../../session/failures.ts';
import { renderSessions } from '../../views/tokens/sessions.ts';
import { BaseCommand } from '../base/base-command.ts';
import { outputFlag } from '../base/output-format.ts';

/** `session list`: a line for each browser. */
export default class SessionList extends BaseCommand {
  static override changesNothing = true;
  static override summary =
    'List the browsers that are logged in at the listener of the daemon: as whom, since when, how long still.';
  static override examples = ['<%= config.bin %> session list', '<%= config.bin %> session list -o json'];
  static override flags = { output: outputFlag(['table', 'json', 'yaml', 'name']) };

  async run(): Promise<ExitCode> {
    const { flags } = await this.parseLine(SessionList);
    const list = unwrap(await this.connect().sessions());
    const options = { style: this.outStyle, nowMs: this.context.clock.now() };
    const table = (): string => renderSessions(list.items, options);
    this.print(await itemListText(list, flags.output, table, ({ id }) => id));
    if (list.items.length === 0 && flags.output === 'table') this.note('no browser is logged in');
    return EXIT.OK;
  }
}
