import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { BaseCommand } from '../base/base-command.ts';
import { unwrap } from '../../session/failures.ts';
import { pm2List } from '../../views/apps/pm2-list.ts';

/** `jlist`: the list in PM2's shape, for scripts that parse it. */
export default class Jlist extends BaseCommand {
  static override changesNothing = true;
  static override summary = 'Print the processes as JSON in the shape of PM2, for scripts that read it.';
  static override description = `docs/from-pm2.md says what each field holds. New scripts read get -o json, which has more.`;
  static override hidden = true;

  async run(): Promise<ExitCode> {
    await this.parseLine(Jlist);
    const { items } = unwrap(await this.connect().apps({ selectors: [], spec: 'redacted' }));
    this.print(`${JSON.stringify(pm2List(items))}\n`);
    return EXIT.OK;
  }
}
