import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { BaseCommand } from '../base/base-command.ts';
import { outputFlag } from '../base/output-format.ts';
import { itemListText } from '../../items/list-text.ts';
import { unwrap } from '../../session/failures.ts';
import { renderSources } from '../../views/sources/list.ts';

/** `source list`: a line for each source. */
export default class SourceList extends BaseCommand {
  static override changesNothing = true;
  static override summary = 'List sources: what is applied of them, and what is wrong.';
  static override examples = ['<%= config.bin %> source list', '<%= config.bin %> source list -o wide'];
  static override flags = { output: outputFlag(['table', 'wide', 'json', 'yaml', 'name']) };

  async run(): Promise<ExitCode> {
    const { flags } = await this.parseLine(SourceList);
    const list = unwrap(await this.connect().sources());
    const isWide = flags.output === 'wide';
    const options = { style: this.outStyle, nowMs: this.context.clock.now() };
    this.print(await itemListText(list, flags.output, () => renderSources(list.items, options, isWide)));
    if (list.items.length === 0 && (isWide || flags.output === 'table')) {
      this.note('no sources (stateward source apply -f sources.yaml declares some)');
    }
    return EXIT.OK;
  }
}
